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

/** What names an entry's one field: the fact and its time in ms. Its value is the data. Every further field would cost Redis
 *  as much as two. */
export const factHead = (name: string, at: number): string => `${name}@${at}`

/** Facts as scripts write them into the log: head and data of each. */
export const factArgs = (facts: readonly Fact[]): string[] =>
  facts.flatMap(({ kind, at, data }) => [factHead(kind.name, at), JSON.stringify(data)])

/** The same for many facts: a head, and below one another the data of all in a row that have it, as JSON has no line breaks.
 *  Hundreds of arguments cost Redis more than parting a text does. */
export const factLines = (facts: readonly Fact[]): string[] => {
  const runs: { head: string; lines: string[] }[] = []
  for (const { kind, at, data } of facts) {
    const head = factHead(kind.name, at)
    if (runs.at(-1)?.head !== head) runs.push({ head, lines: [] })
    runs.at(-1)?.lines.push(JSON.stringify(data))
  }
  return runs.flatMap(({ head, lines }) => [head, lines.join('\n')])
}

/** Reads one raw stream entry. */
export const parseLogEntry = ([id, [head = '', data = '{}']]: RawEntry): LogEntry => {
  const [name = '', at = '0'] = head.split('@')
  return { id, name, at: Number(at), data }
}

export const createEventLog = (kernel: Kernel): EventLog => {
  const key = eventLogKey(kernel)
  return {
    async append(facts) {
      const pipeline = kernel.redis.pipeline()
      for (const { kind, at, data } of facts) pipeline.xadd(key, '*', factHead(kind.name, at), JSON.stringify(data))
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
