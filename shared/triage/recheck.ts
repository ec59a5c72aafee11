// Telling the recorder that somebody changed failed sets without an event of BullMQ's: it looks at these jobs again.
import { z } from 'zod'
import type { Address } from '../kernel/ids.ts'
import { parseJson } from '../bullmq/raw-job.ts'
import type { Kernel } from '../kernel/kernel.ts'

/** The stream of such notes; trimmed by the recorder, never past what it has read. */
export const recheckKey = (kernel: Kernel): string => kernel.key('triage', 'recheck')

/** Jobs of one note. */
const NOTE = 500
/** A last resort: what is trimmed unread is put right when the index is mended. */
const NOTES_MAX = 10_000

/** Asks for another look at jobs that were put into the failed set, or taken out of it, by our own scripts. To be called
 *  after the change; a second call for the same does no harm. */
export const recheck = async (kernel: Kernel, jobs: readonly Address[]): Promise<void> => {
  const pipeline = kernel.redis.pipeline()
  for (const queue of new Set(jobs.map((job) => job.queue))) {
    const ids = jobs.filter((job) => job.queue === queue).map(({ id }) => id)
    for (let at = 0; at < ids.length; at += NOTE) {
      const note = JSON.stringify(ids.slice(at, at + NOTE))
      pipeline.xadd(recheckKey(kernel), 'MAXLEN', '~', NOTES_MAX, '*', 'queue', queue, 'ids', note)
    }
  }
  for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error
}

/** Notes that are looked through to learn which queues they name. */
const LOOKED_MAX = 50

/** Queues that notes behind a position name, up to another one; undefined where there are too many notes to tell. */
export const notedQueues = async (
  kernel: Kernel,
  after: string | undefined,
  upTo: string,
): Promise<ReadonlySet<string> | undefined> => {
  const notes = await kernel.redis.xrange(recheckKey(kernel), `(${after ?? '0-0'}`, upTo, 'COUNT', LOOKED_MAX)
  return notes.length < LOOKED_MAX ? new Set(notes.map(([, fields]) => parseNote(fields).queue)) : undefined
}

const Ids = z.array(z.string())

/** What a note says; without ids where it makes no sense. */
export const parseNote = (fields: readonly string[]): { queue: string; ids: string[] } => ({
  queue: fields[1] ?? '',
  ids: Ids.safeParse(parseJson(fields[3])).data ?? [],
})
