// How things stood: jobs in line by queue with the age of the oldest, and slots in use.
import type { Kernel } from '../kernel/kernel.ts'
import type { KeyOf } from './buckets.ts'
import { bucketOf } from './frame.ts'
import type { Column, Frame } from './frame.ts'
import { MINUTE_MS, slotWords } from './slots.ts'
import type { Wanted } from './sums.ts'

type Hash = Readonly<Record<string, string>>

/** The longest lines as a slot's last look found them: fields are `n|<queue>` for jobs, `o|<queue>` for ms the first has waited,
 *  and `r` for jobs in the lines that are not kept. */
export const backlogKey: KeyOf = (kernel, no, widthMs = MINUTE_MS) =>
  kernel.key('metrics', 'b', ...slotWords(no, widthMs))

/** Lines that are kept of one look. */
export const LINES_KEPT = 20
const TOLD = 5

/** What the recorder writes of a look, also of one in which nothing waits. `rest`: jobs in lines that are not kept. */
export const backlogFields = (
  waiting: ReadonlyMap<string, number>,
  oldest: ReadonlyMap<string, number>,
  rest: number,
): Record<string, number> => ({
  ...Object.fromEntries(
    [...waiting].flatMap(([queue, count]) => [
      [`n|${queue}`, count] as const,
      ...(oldest.has(queue) ? [[`o|${queue}`, Math.round(oldest.get(queue) ?? 0)] as const] : []),
    ]),
  ),
  r: rest,
})

/** The last known value of each bucket. */
const lastOf = <Value>(frame: Frame, values: readonly (Value | undefined)[]): (Value | undefined)[] => {
  const last = frame.x.map((): Value | undefined => undefined)
  for (const [index, no] of frame.slots.entries())
    if (values[index] !== undefined) last[bucketOf(frame, no)] = values[index]
  return last
}

/** Jobs in line: in the five longest lines, in the others together, and how long the first of any line has waited. Of a line that
 *  was not among the longest nothing is known. */
export const backlogColumns = (
  frame: Frame,
  known: readonly boolean[],
  slots: readonly Hash[],
  { names, fits }: Wanted,
): Column[] => {
  const looks = lastOf(frame, slots.map((hash) => (Object.keys(hash).length === 0 ? undefined : hash))) // prettier-ignore
  const most = new Map<string, number>()
  for (const look of looks)
    for (const [field, value] of Object.entries(look ?? {}))
      if (field.startsWith('n|') && fits(field.slice(2)))
        most.set(field.slice(2), Math.max(most.get(field.slice(2)) ?? 0, Number(value)))
  const queues = [...most].sort(([, a], [, b]) => b - a).map(([queue]) => queue)
  const keptOut = (bucket: number): number => Number(looks[bucket]?.['r'] ?? 0)
  const at = (bucket: number, field: string): number | null => {
    const value = looks[bucket]?.[field]
    return known[bucket] !== true || (value === undefined && keptOut(bucket) > 0) ? null : Number(value ?? 0)
  }
  const sumOf = (bucket: number, others: readonly string[]): number | null => {
    if (known[bucket] !== true) return null
    const out = names === 'all' ? keptOut(bucket) : 0
    return others.reduce((sum, queue) => sum + (at(bucket, `n|${queue}`) ?? 0), out)
  }
  const line = (queue: string): Column => ({
    ...{ key: `queue ${queue}`, label: queue, unit: 'jobs', kind: 'level' },
    y: frame.x.map((_, bucket) => at(bucket, `n|${queue}`)),
  })
  const rest = queues.slice(TOLD)
  return [
    ...queues.slice(0, TOLD).map(line),
    ...(rest.length > 0 || (names === 'all' && looks.some((_, bucket) => keptOut(bucket) > 0))
      ? [{ key: 'rest', label: 'Other queues', unit: 'jobs', kind: 'level', y: frame.x.map((_, bucket) => sumOf(bucket, rest)) } as const] // prettier-ignore
      : []),
    {
      ...{ key: 'oldest_s', label: 'The first in line has waited', unit: 's', kind: 'level' },
      y: frame.x.map((_, bucket) =>
        known[bucket] === true ? Math.max(0, ...queues.map((queue) => at(bucket, `o|${queue}`) ?? 0)) / 1_000 : null,
      ),
    },
  ]
}

/** Jobs that run, and how many could at once. */
export const slotColumns = (frame: Frame, slots: readonly Hash[]): Column[] => {
  const column = (key: 'running' | 'slots', label: string): Column => ({
    ...{ key, label, unit: 'slots', kind: 'level' },
    y: lastOf(frame, slots.map((hash) => (hash[key] === undefined ? undefined : Number(hash[key])))).map((value) => value ?? null), // prettier-ignore
  })
  return [column('running', 'In use'), column('slots', 'Slots of our workers')]
}

/** Reads what looks found. */
export const readSlots = async (
  kernel: Kernel,
  keyOf: KeyOf,
  { slots, slotMs }: Pick<Frame, 'slots' | 'slotMs'>,
): Promise<Hash[]> => {
  const pipeline = kernel.redis.pipeline()
  for (const no of slots) pipeline.hgetall(keyOf(kernel, no, slotMs))
  return ((await pipeline.exec()) ?? []).map(([error, hash]) => {
    if (error) throw error
    return hash as Hash
  })
}
