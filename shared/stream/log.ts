// The log of facts: one ordered stream in Redis, read by position.
import type { Fact } from '../kernel/event.ts'
import type { Kernel } from '../kernel/kernel.ts'

/** One fact as it stands in the log. `id` is its position and never changes; `data` is the JSON text, byte for byte. */
export interface LogEntry {
  id: string
  name: string
  at: number
  data: string
}

export interface EventLog {
  /** Appends in order and answers each fact's position. */
  append(facts: readonly Fact[]): Promise<string[]>
  /** Entries after a position, oldest first. */
  readAfter(cursor: string, count: number): Promise<LogEntry[]>
  /** The newest position; `0-0` while the log is empty. */
  last(): Promise<string>
  /** The oldest position that is still there; `0-0` while the log is empty. */
  first(): Promise<string>
}

export const eventLogKey = (kernel: Kernel): string => kernel.key('events')

type RawEntry = [id: string, fields: string[]]

/** Facts as scripts write them into the log: name, time and data of each. */
export const factArgs = (facts: readonly Fact[]): (string | number)[] =>
  facts.flatMap(({ kind, at, data }) => [kind.name, at, JSON.stringify(data)])

/** Reads one raw stream entry; fields are written in the order n, t, d. */
export const parseLogEntry = ([id, fields]: RawEntry): LogEntry => ({
  id,
  name: fields[1] ?? '',
  at: Number(fields[3] ?? 0),
  data: fields[5] ?? '{}',
})

export const createEventLog = (kernel: Kernel): EventLog => {
  const key = eventLogKey(kernel)
  return {
    async append(facts) {
      const pipeline = kernel.redis.pipeline()
      for (const { kind, at, data } of facts)
        pipeline.xadd(key, '*', 'n', kind.name, 't', at, 'd', JSON.stringify(data))
      const results = (await pipeline.exec()) ?? []
      return results.map(([error, id]) => {
        if (error) throw error
        return id as string
      })
    },
    async readAfter(cursor, count) {
      return (await kernel.redis.xrange(key, `(${cursor}`, '+', 'COUNT', count)).map(parseLogEntry)
    },
    async last() {
      return (await kernel.redis.xrevrange(key, '+', '-', 'COUNT', 1))[0]?.[0] ?? '0-0'
    },
    async first() {
      return (await kernel.redis.xrange(key, '-', '+', 'COUNT', 1))[0]?.[0] ?? '0-0'
    },
  }
}
