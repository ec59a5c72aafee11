// BullMQ's event streams: its Lua writes each entry in the step that changes the state, so they are the outbox of all queues.
import type { Redis } from 'ioredis'
import { script } from '../kernel/script.ts'
import type { BullKeys } from './keys.ts'
import { toRawJob } from './raw-job.ts'
import type { JobField, RawJob } from './raw-job.ts'

/** One entry. `at` is the time of Redis, in ms, at which the state changed. */
export interface QueueEvent {
  id: string
  at: number
  event: string
  /** Empty for events about the queue itself. */
  jobId: string
  /** The one thing it says beside: the name of a job that was added, where one that waits came from, when a delayed one is
   *  due, why one failed, its progress, how many were cleaned. */
  said: string | undefined
}

interface Broken {
  id: string
  fields: string[]
}

/** What one stream told. `events` may be empty when `broken` are not. */
export interface StreamPage {
  key: string
  events: QueueEvent[]
  /** The jobs that began and are still there, by id. */
  begun: ReadonlyMap<string, RawJob>
  /** Entries that are no events of BullMQ: somebody else wrote them. */
  broken: Broken[]
  /** The id of the last entry read. */
  last: string
  /** False where events before these were lost, so that what is remembered of their jobs may be out of date. */
  complete?: boolean
}

/** A page as it was read after a cursor. */
export interface ReadPage extends StreamPage {
  /** How many entries were read; those that say nothing are not among the events. */
  read: number
  /** Whether the cursor's own entry is still there, so that none between was lost. */
  whole: boolean
}

export interface PageAsk {
  /** The id of the entry read last. */
  after: string
  count: number
  /** What is read of each job that began. */
  fields: readonly JobField[]
}

const eventsScript = script(new URL('./events.lua', import.meta.url))

/** What an entry is told as; `false` where Lua has nothing. */
type Row = [id: string, event: string | false, jobId: string | false, said: string | (string | false)[] | false]
/** Rows one behind the other: a small array for each of thousands costs more than what is in it. */
type Answer = [read: number, last: string, whole: boolean, ...rows: Row[number][]]
const HEAD = 3
const WIDTH = 4

/** Reads a page of a queue's events together with the jobs that began, in one step and as one text: reading entries and
 *  hashes as they are costs a process more than all it makes of them. */
export const readEvents = async (
  redis: Redis,
  queue: string,
  keys: BullKeys,
  { after, count, fields }: PageAsk,
): Promise<ReadPage> => {
  const text = await eventsScript(redis, [keys.events, keys.prefix], [after, count, ...fields])
  const answer = JSON.parse(String(text)) as Answer
  const [read, last, whole] = answer
  const page = {
    key: keys.events,
    events: [] as QueueEvent[],
    begun: new Map<string, RawJob>(),
    broken: [] as Broken[],
  }
  for (let at = HEAD; at < answer.length; at += WIDTH) {
    const [id, event, jobId, said] = [answer[at], answer[at + 1], answer[at + 2], answer[at + 3]] as Row
    if (event === false || jobId === false) {
      page.broken.push({ id, fields: said as string[] })
      continue
    }
    const job = Array.isArray(said) ? toRawJob(queue, jobId, fields, said) : undefined
    if (job) page.begun.set(jobId, job)
    page.events.push({
      id,
      at: Number.parseInt(id, 10),
      event,
      jobId,
      said: typeof said === 'string' ? said : undefined,
    })
  }
  return { ...page, read, last, whole }
}

/** The streams that have entries after their cursors, waiting `blockMs` for one when none has; not at all when that is
 *  undefined. The connection is busy meanwhile and must be the caller's own. */
export const awaitEvents = async (
  redis: Redis,
  cursors: ReadonlyMap<string, string>,
  blockMs: number | undefined,
): Promise<string[]> => {
  const streams = [...cursors.keys(), ...cursors.values()]
  if (streams.length === 0) return []
  const reply = await (blockMs === undefined
    ? redis.xread('COUNT', 1, 'STREAMS', ...streams)
    : redis.xread('COUNT', 1, 'BLOCK', blockMs, 'STREAMS', ...streams))
  return (reply ?? []).map(([key]) => key)
}

/** Whether a stream once had entries that it has no more. */
export const hasLost = async (redis: Redis, key: string): Promise<boolean> => {
  const about = (await redis.xinfo('STREAM', key)) as unknown[]
  const count = (name: string): number => Number(about[about.indexOf(name) + 1])
  return count('entries-added') > count('length')
}

const lastIdsScript = script(new URL('./last-ids.lua', import.meta.url))
/** Streams that are asked about in one step. */
const ASKED_AT_ONCE = 500

/** The newest id each of some streams was ever given; undefined where there is no stream. */
export const lastIds = async (redis: Redis, streams: readonly string[]): Promise<(string | undefined)[]> => {
  const ids: (string | undefined)[] = []
  for (let at = 0; at < streams.length; at += ASKED_AT_ONCE) {
    const answer = await lastIdsScript(redis, streams.slice(at, at + ASKED_AT_ONCE), [])
    ids.push(...(answer as string[]).map((id) => (id === '' ? undefined : id)))
  }
  return ids
}

/** Compares two ids of stream entries, or of what is in them (`1795343641000-0.001`). */
export const isAfter = (a: string, b: string): boolean => {
  const [aMs = 0, aSeq = 0] = a.split('-').map(Number)
  const [bMs = 0, bSeq = 0] = b.split('-').map(Number)
  return aMs > bMs || (aMs === bMs && aSeq > bSeq)
}
