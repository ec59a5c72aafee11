// Which indexes have heard of every death there was when they are asked; those that lag behind are given a moment.
import type { Bull } from '../bullmq/bullmq.ts'
import { isAfter, lastIds } from '../bullmq/event-streams.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { readProgress } from '../metrics/progress.ts'
import { readAllBuilt } from './built.ts'
import { entriesKey } from './keys.ts'
import { notedQueues, recheckKey } from './recheck.ts'

export interface Patience {
  /** How long to wait for a recorder that lags behind. */
  waitMs: number
  signal?: AbortSignal | undefined
}

/** How soon a recorder that lags behind is looked at again, and how seldom at most: mostly it lags by some ms. */
const LOOK_AGAIN_MS = 5
const LOOK_EVERY_MS = 50

/** Those of some queues whose index holds every letter that had died when this was called. It is ready, the recorder has
 *  read all that was told until then, and where nothing was told since, the failed set has as many members. A recorder that
 *  is away is not waited for. To be read before what the indexes hold. */
export const heardQueues = async (
  kernel: Kernel,
  bull: Bull,
  queues: readonly string[],
  patience: Patience,
): Promise<ReadonlySet<string>> => {
  const ready = await readyOf(kernel, queues)
  if (ready.length === 0) return new Set()
  const heard = await listen(kernel, bull, ready, patience)
  const alike = await alikeOf(kernel, bull, heard)
  // What the recorder missed it says of an index before it goes past that: one that is ready now has missed nothing.
  return new Set(await readyOf(kernel, alike))
}

const readyOf = async (kernel: Kernel, queues: readonly string[]): Promise<string[]> => {
  if (queues.length === 0) return []
  const built = await readAllBuilt(kernel)
  return queues.filter((queue) => built.get(queue)?.phase === 'ready')
}

interface Heard {
  readonly queue: string
  /** Whether more was told and recorded since. */
  readonly isPast: boolean
}

/** Waits until everything is recorded that was told of these queues, and what the recorder was asked to look at again. */
const listen = async (
  kernel: Kernel,
  bull: Bull,
  queues: readonly string[],
  { waitMs, signal }: Patience,
): Promise<Heard[]> => {
  const notes = recheckKey(kernel)
  const streams = queues.map((queue) => bull.keys(queue).events)
  const [told, [noted]] = await Promise.all([lastIds(kernel.redis, streams), lastIds(kernel.redis, [notes])])
  const until = kernel.clock.now() + waitMs
  for (let restMs = LOOK_AGAIN_MS; ; restMs = Math.min(2 * restMs, LOOK_EVERY_MS)) {
    const { cursors, isRecording } = await readProgress(kernel, [...streams, notes])
    const positions = streams.map((stream) => cursors.get(stream))
    const unread = await unreadOf(kernel, noted, cursors.get(notes))
    const heard = queues.flatMap((queue, index) =>
      isHeard(told[index], positions[index]) && !unread(queue)
        ? { queue, isPast: told[index] !== positions[index] }
        : [],
    )
    const isOver = !isRecording || kernel.clock.now() >= until || signal?.aborted === true
    if (isOver || heard.length === queues.length) return heard
    await kernel.clock.sleep(restMs, signal)
  }
}

/** Whether notes to look again at a queue are still to be read; where there are many, all are taken to be named. */
const unreadOf = async (
  kernel: Kernel,
  noted: string | undefined,
  position: string | undefined,
): Promise<(queue: string) => boolean> => {
  if (noted === undefined || isHeard(noted, position)) return () => false
  const named = await notedQueues(kernel, position, noted)
  return (queue) => named?.has(queue) ?? true
}

/** A stream that was read and is gone may have told anything before it went. */
const isHeard = (told: string | undefined, position: string | undefined): boolean =>
  told === undefined ? position === undefined : position !== undefined && !isAfter(told, position)

/** Those whose index has as many members as the failed set, as far as that can be compared: of a queue that goes on telling
 *  the index may be a step ahead. */
const alikeOf = async (kernel: Kernel, bull: Bull, heard: readonly Heard[]): Promise<string[]> => {
  const pipeline = kernel.redis.pipeline()
  for (const { queue } of heard) pipeline.zcard(bull.keys(queue).failed).zcard(entriesKey(kernel, queue))
  const counts = ((await pipeline.exec()) ?? []).map(([error, count]) => (error ? undefined : count))
  return heard.flatMap(({ queue, isPast }, index) =>
    isPast || (counts[2 * index] !== undefined && counts[2 * index] === counts[2 * index + 1]) ? queue : [],
  )
}
