// BullMQ's event streams: its Lua writes each entry in the step that changes the state, so they are the outbox of all queues.
import type { Redis } from 'ioredis'

/** One entry, its fields by name. `at` is the time of Redis, in ms, at which the state changed. */
export interface QueueEvent {
  id: string
  at: number
  event: string
  jobId: string
  fields: EventFields
}

/** What events say beside their name and job, as far as anybody here asks for it. */
export interface EventFields {
  readonly name?: string | undefined
  readonly prev?: string | undefined
  readonly delay?: string | undefined
  readonly failedReason?: string | undefined
  readonly data?: string | undefined
  readonly count?: string | undefined
}

/** What one stream told after its cursor. `entries` may be empty when `broken` are not. */
export interface StreamPage {
  key: string
  events: QueueEvent[]
  /** Entries that are no events of BullMQ: somebody else wrote them. */
  broken: { id: string; fields: string[] }[]
  /** The id of the last entry read. */
  last: string
  /** False where events before these were lost, so that what is remembered of their jobs may be out of date. */
  complete?: boolean
}

type RawStream = [key: string, entries: [id: string, fields: string[]][]]

const millis = (id: string): number => Number(id.slice(0, id.indexOf('-')))

/** Events about the queue itself carry no job. */
const jobless = new Set(['drained', 'paused', 'resumed', 'cleaned'])

/** Reads an entry into one shape, whatever its fields are called: millions of them are read, and anybody may write any. */
const parseEntry = (id: string, raw: string[]): QueueEvent | undefined => {
  let event: string | undefined
  let jobId = ''
  const fields: { -readonly [Name in keyof EventFields]: EventFields[Name] } = {
    name: undefined,
    prev: undefined,
    delay: undefined,
    failedReason: undefined,
    data: undefined,
    count: undefined,
  }
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const value = raw[index + 1]
    switch (raw[index]) {
      case 'event':
        event = value
        break
      case 'jobId':
        jobId = value ?? ''
        break
      case 'name':
        fields.name = value
        break
      case 'prev':
        fields.prev = value
        break
      case 'delay':
        fields.delay = value
        break
      case 'failedReason':
        fields.failedReason = value
        break
      case 'data':
        fields.data = value
        break
      case 'count':
        fields.count = value
        break
      default:
    }
  }
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
  const here = await redis.xrange(key, cursor, cursor, 'COUNT', 1)
  if (here.length > 0) return undefined
  const first = (await redis.xrange(key, '-', '+', 'COUNT', 1))[0]?.[0]
  return first !== undefined && isAfter(first, cursor) ? { first } : undefined
}

const SEQUENCE_MAX = '18446744073709551615'

/** The greatest id before this one: reading after it begins with the entry itself, if that is still there. */
export const before = (id: string): string => {
  const [ms = '0', sequence = '0'] = id.split('-')
  if (sequence !== '0') return `${ms}-${BigInt(sequence) - 1n}`
  return ms === '0' ? '0-0' : `${Number(ms) - 1}-${SEQUENCE_MAX}`
}

/** Takes the cursor's own entry off a page that was read from `before` it. Answers false when it was not there, so that
 *  entries behind it may be gone too. */
export const takeOff = (page: StreamPage, cursor: string): boolean => {
  if (page.events[0]?.id === cursor) return page.events.shift() !== undefined
  if (page.broken[0]?.id === cursor) return page.broken.shift() !== undefined
  return false
}

/** Compares two stream ids. */
export const isAfter = (a: string, b: string): boolean => {
  const [aMs = 0, aSeq = 0] = a.split('-').map(Number)
  const [bMs = 0, bSeq = 0] = b.split('-').map(Number)
  return aMs > bMs || (aMs === bMs && aSeq > bSeq)
}
