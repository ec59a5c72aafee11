// BullMQ's event streams: its Lua writes each entry in the step that changes the state, so they are the outbox of all queues.
import type { Redis } from 'ioredis'

/** One entry, its fields by name. `at` is the time of Redis, in ms, at which the state changed. */
export interface QueueEvent {
  id: string
  at: number
  event: string
  jobId: string
  fields: Readonly<Record<string, string>>
}

/** What one stream told after its cursor. `entries` may be empty when `broken` are not. */
export interface StreamPage {
  key: string
  events: QueueEvent[]
  /** Entries that are no events of BullMQ: somebody else wrote them. */
  broken: { id: string; fields: string[] }[]
  /** The id of the last entry read. */
  last: string
}

type RawStream = [key: string, entries: [id: string, fields: string[]][]]

const millis = (id: string): number => Number(id.slice(0, id.indexOf('-')))

/** Events about the queue itself carry no job. */
const jobless = new Set(['drained', 'paused', 'resumed', 'cleaned'])

const parseEntry = (id: string, raw: string[]): QueueEvent | undefined => {
  const fields: Record<string, string> = Object.create(null) as Record<string, string>
  for (let index = 0; index + 1 < raw.length; index += 2) fields[raw[index] as string] = raw[index + 1] as string
  const { event, jobId = '' } = fields
  if (event === undefined || (jobId === '' && !jobless.has(event))) return undefined
  return { id, at: millis(id), event, jobId, fields }
}

const parseStream = ([key, entries]: RawStream): StreamPage => {
  const page: StreamPage = { key, events: [], broken: [], last: entries.at(-1)?.[0] ?? '0-0' }
  for (const [id, fields] of entries) {
    const event = parseEntry(id, fields)
    if (event) page.events.push(event)
    else page.broken.push({ id, fields })
  }
  return page
}

/** Reads every stream after its cursor, at most `count` entries of each, waiting `blockMs` when there is nothing. The
 *  connection is busy meanwhile and must be the caller's own. */
export const readStreams = async (
  redis: Redis,
  cursors: ReadonlyMap<string, string>,
  { count, blockMs }: { count: number; blockMs: number },
): Promise<StreamPage[]> => {
  const keys = [...cursors.keys()]
  if (keys.length === 0) return []
  const reply = await redis.xread('COUNT', count, 'BLOCK', blockMs, 'STREAMS', ...keys, ...cursors.values())
  return (reply ?? []).map(parseStream)
}

/** Whether entries after `cursor` may have been trimmed away before they were read: the entry it names is gone and the
 *  stream begins later. A cursor at the very beginning has missed nothing it could know of. */
export const findGap = async (redis: Redis, key: string, cursor: string): Promise<{ first: string } | undefined> => {
  if (cursor === '0-0') return undefined
  const [here, head] = await Promise.all([
    redis.xrange(key, cursor, cursor, 'COUNT', 1),
    redis.xrange(key, '-', '+', 'COUNT', 1),
  ])
  const first = head[0]?.[0]
  return here.length === 0 && first !== undefined && isAfter(first, cursor) ? { first } : undefined
}

/** Compares two stream ids. */
export const isAfter = (a: string, b: string): boolean => {
  const [aMs = 0, aSeq = 0] = a.split('-').map(Number)
  const [bMs = 0, bSeq = 0] = b.split('-').map(Number)
  return aMs > bMs || (aMs === bMs && aSeq > bSeq)
}
