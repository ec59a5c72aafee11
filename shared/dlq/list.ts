// The inbox: failed sets of all queues merged, newest first, filtered with a bounded look per call.
import type { z } from 'zod'
import type { Principal } from '../auth/contract.ts'
import type { Bull, RawJob } from '../bullmq/bullmq.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import { newestOf } from '../bullmq/newest.ts'
import type { Place, Source } from '../bullmq/newest.ts'
import { FIELDS_WITH_STACK } from '../bullmq/raw-job.ts'
import { cursorSecret } from '../kernel/cursor-secret.ts'
import { parseAddress } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { decodeCursor, encodeCursor } from '../kernel/page.ts'
import type { Page } from '../kernel/page.ts'
import type { DlqEntry, DlqQuery } from './contract.ts'
import { toEntry } from './entry.ts'

export type DeadLetterQuery = z.output<typeof DlqQuery>

/** Entries looked at in one call, whatever the filters leave of them. */
const LOOK = 1_000
const STRETCH = 200

export const listDeadLetters = async (
  kernel: Kernel,
  bull: Bull,
  principal: Principal,
  query: DeadLetterQuery,
): Promise<Page<DlqEntry>> => {
  const { limit, cursor, ...filter } = query
  const secret = cursorSecret(kernel)
  const bound = { filter, queues: principal.queues }
  const sources = await sourcesOf(bull, principal, query)
  const start = cursor === undefined ? undefined : decodeCursor<Place>(secret, cursor, bound)
  const walk = await follow(kernel, bull, sources, query, start)
  return {
    data: walk.found.map(({ entry }) => entry),
    page: {
      limit,
      has_more: walk.next !== undefined,
      next_cursor: walk.next === undefined ? null : encodeCursor(secret, walk.next, bound),
      prev_cursor: null,
    },
    searched: { searched: walk.looked, complete: walk.complete },
  }
}

const sourcesOf = async (bull: Bull, principal: Principal, { queue }: DeadLetterQuery): Promise<Source[]> => {
  const known = queue ?? (await bull.current())
  const there = await Promise.all(known.map((name) => bull.exists(name)))
  return [...new Set(known.filter((name, index) => there[index] && allowsQueue(principal, name)))].map((name) => ({
    key: bull.keys(name).failed,
    queue: name,
  }))
}

interface Walk {
  found: { entry: DlqEntry; place: Place }[]
  looked: number
  complete: boolean
  next: Place | undefined
}

const follow = async (
  kernel: Kernel,
  bull: Bull,
  sources: readonly Source[],
  query: DeadLetterQuery,
  start: Place | undefined,
): Promise<Walk> => {
  const found: Walk['found'] = []
  const range = { from: ms(query.from), before: ms(query.to) }
  const matches = matching(query)
  let looked = 0
  let place = start
  while (looked < LOOK) {
    const most = Math.min(STRETCH, LOOK - looked)
    const places = await newestOf(kernel, sources, most, place, range)
    const rows = await read(bull, places)
    for (const row of rows) {
      if (found.length === query.limit) return { found, looked, complete: true, next: found.at(-1)?.place }
      looked++
      place = row.place
      if (row.entry && matches(row.entry)) found.push({ entry: row.entry, place: row.place })
    }
    if (places.length < most) return { found, looked, complete: true, next: undefined }
  }
  return { found, looked, complete: false, next: place }
}

const ms = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text))

const read = async (bull: Bull, places: readonly Place[]): Promise<{ place: Place; entry: DlqEntry | undefined }[]> => {
  const jobs = await bull.readRaw(
    places.map(({ address }) => parseAddress(address) ?? { queue: '', id: '' }),
    FIELDS_WITH_STACK,
  )
  return places.map((place, index) => ({ place, entry: entryOf(jobs[index], place) }))
}

/** Cancelled jobs are members of the failed set and no dead letters. Stacks are for one entry's page. */
const entryOf = (job: RawJob | undefined, place: Place): DlqEntry | undefined => {
  if (!job || job.cancelled !== undefined) return undefined
  const entry = toEntry(job, place.at)
  const { stack: _stack, ...error } = entry.error
  return { ...entry, error }
}

const matching = ({ name, error_class, q }: DeadLetterQuery): ((entry: DlqEntry) => boolean) => {
  const text = q?.toLowerCase()
  return (entry) =>
    (!name || name.includes(entry.name)) &&
    (!error_class || error_class.includes(entry.error.class)) &&
    (text === undefined || `${entry.task_id}\n${entry.error.message}`.toLowerCase().includes(text))
}
