// A census of Redis, taken with plain commands: where every job of a queue is, and what the log of facts says of it.
// Nothing of k1n or BullMQ is used here but how the log is written, so that a mistake of theirs cannot hide itself.
import { Redis } from 'ioredis'
import { isAfter } from '../../../shared/bullmq/event-streams.ts'
import { entryOf, factsOf } from '../../../shared/stream/log.ts'
import type { LogEntry } from '../../../shared/stream/log.ts'
import type { FinalFact, HeldJob, Place } from './evidence.ts'

export interface Census {
  /** Every job of the queue; ids that are in a list and have no hash are among them. */
  jobs(queue: string): Promise<HeldJob[]>
  /** How many jobs of the queue have not ended. */
  unfinished(queue: string): Promise<number>
  finals(queue: string): Promise<FinalFact[]>
  /** Every fact of the log whose name begins so. */
  facts(beginning: string): Promise<LogEntry[]>
  /** Positions of facts of jobs after a cursor. */
  logged(after: string): Promise<string[]>
  readonly redis: Redis
  close(): void
}

const lists: [suffix: string, place: Place, command: 'lrange' | 'zrange'][] = [
  ['wait', 'waiting', 'lrange'],
  ['paused', 'waiting', 'lrange'],
  ['active', 'active', 'lrange'],
  ['delayed', 'delayed', 'zrange'],
  ['prioritized', 'prioritized', 'zrange'],
  ['waiting-children', 'waiting_children', 'zrange'],
  ['completed', 'completed', 'zrange'],
  ['failed', 'failed', 'zrange'],
]

const endings = new Set<string>(['job.completed', 'job.failed', 'job.cancelled'] satisfies FinalFact['name'][])
const log = '{k1n}:events'

export const createCensus = (url: string, bullPrefix = 'bull'): Census => {
  const redis = new Redis(url, { maxRetriesPerRequest: null, connectionName: 'census' })
  redis.on('error', () => undefined)

  const places = async (queue: string): Promise<Map<string, Place[]>> => {
    const found = new Map<string, Place[]>()
    for (const [suffix, place, command] of lists)
      for (const id of await redis[command](`${bullPrefix}:${queue}:${suffix}`, 0, -1))
        found.set(id, [...(found.get(id) ?? []), place])
    for (const id of await removed(queue)) if (!found.has(id)) found.set(id, ['removed'])
    return found
  }
  /** Jobs that were cancelled before they ran have a record of their own. */
  const removed = async (queue: string): Promise<string[]> => {
    const start = `{k1n}:jobs:gone:${queue}:`
    return (await scan(redis, `${start}*`)).map((key) => key.slice(start.length))
  }
  const hashes = async (queue: string): Promise<string[]> => {
    const start = `${bullPrefix}:${queue}:`
    const keys = await scan(redis, `${start}t_*`)
    return keys.map((key) => key.slice(start.length)).filter((id) => !id.includes(':'))
  }
  const entries = async function* (after: string): AsyncGenerator<LogEntry> {
    // The entry of the fact comes again, as others behind it may share it.
    for (let from = entryOf(after); ;) {
      const page = await redis.xrange(log, from, '+', 'COUNT', 2_000)
      yield* page.flatMap(factsOf).filter(({ id }) => isAfter(id, after))
      const last = page.at(-1)?.[0]
      if (last === undefined) return
      from = `(${last}`
    }
  }
  return {
    redis,
    async jobs(queue) {
      const found = await places(queue)
      const ids = [...new Set([...found.keys(), ...(await hashes(queue))])]
      const read = redis.pipeline()
      for (const id of ids) read.hmget(`${bullPrefix}:${queue}:${id}`, 'data', 'failedReason', 'k1nReason')
      const replies = (await read.exec()) ?? []
      return ids.map((id, index) => {
        const [data, failedReason, reason] = (replies[index]?.[1] ?? []) as (string | null)[]
        return {
          id,
          key: keyIn(data),
          places: found.get(id) ?? [],
          ...(failedReason ? { failedReason } : {}),
          ...(reason ? { reason } : {}),
        }
      })
    },
    async unfinished(queue) {
      const waiting = lists.filter(([, place]) => place !== 'completed' && place !== 'failed')
      const counts = redis.pipeline()
      for (const [suffix, , command] of waiting)
        counts[command === 'lrange' ? 'llen' : 'zcard'](`${bullPrefix}:${queue}:${suffix}`)
      return ((await counts.exec()) ?? []).reduce((sum, [, count]) => sum + Number(count), 0)
    },
    async finals(queue) {
      const found: FinalFact[] = []
      for await (const { name, data } of entries('0-0')) {
        if (!endings.has(name)) continue
        const { task_id = '' } = JSON.parse(data) as { task_id?: string }
        if (task_id.startsWith(`${queue}:`))
          found.push({ id: task_id.slice(queue.length + 1), name: name as FinalFact['name'] })
      }
      return found
    },
    async facts(beginning) {
      const found: LogEntry[] = []
      for await (const entry of entries('0-0')) if (entry.name.startsWith(beginning)) found.push(entry)
      return found
    },
    async logged(after) {
      const found: string[] = []
      for await (const { id, name } of entries(after)) if (name.startsWith('job.')) found.push(id)
      return found
    },
    close: () => redis.disconnect(),
  }
}

const scan = async (redis: Redis, match: string): Promise<string[]> => {
  const keys: string[] = []
  for await (const page of redis.scanStream({ match, count: 1_000 })) keys.push(...(page as string[]))
  return [...new Set(keys)]
}

const keyIn = (data: string | null | undefined): string | undefined => {
  try {
    const { key } = JSON.parse(data ?? '{}') as { key?: unknown }
    return typeof key === 'string' ? key : undefined
  } catch {
    return undefined
  }
}
