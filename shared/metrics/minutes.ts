// Counted minutes read back: counters, gauges and histograms of the last hour, for everything or by queue.
import type { Kernel } from '../kernel/kernel.ts'
import { minuteOf, percentile, queuesKey, totalsKey } from './buckets.ts'
import type { Counter } from './buckets.ts'

/** One minute of everything. */
export interface Minute {
  /** Epoch ms of its start. */
  at: number
  count(counter: Counter): number
  /** The last look of the minute; null when nobody looked. */
  gauge(name: 'waiting' | 'running'): number | null
  waits: ReadonlyMap<number, number>
  runs: ReadonlyMap<number, number>
}

const steps = (hash: Record<string, string>, letter: 'w' | 'r'): Map<number, number> =>
  new Map(
    Object.entries(hash).flatMap(([field, value]) => {
      const match = field.startsWith(letter) ? /^\d+$/.exec(field.slice(1)) : null
      return match ? [[Number(match[0]), Number(value)] as const] : []
    }),
  )

const toMinute = (minute: number, hash: Record<string, string>): Minute => ({
  at: minute * 60_000,
  count: (counter) => Number(hash[counter] ?? 0),
  gauge: (name) => (hash[name] === undefined ? null : Number(hash[name])),
  waits: steps(hash, 'w'),
  runs: steps(hash, 'r'),
})

/** The last `count` minutes, oldest first, the running one included. */
export const readMinutes = async (kernel: Kernel, count: number): Promise<Minute[]> => {
  const last = minuteOf(kernel.clock.now())
  const minutes = Array.from({ length: count }, (_, index) => last - count + 1 + index)
  const pipeline = kernel.redis.pipeline()
  for (const minute of minutes) pipeline.hgetall(totalsKey(kernel, minute))
  const replies = (await pipeline.exec()) ?? []
  return minutes.map((minute, index) => {
    const [error, hash] = replies[index] ?? []
    if (error) throw error
    return toMinute(minute, (hash ?? {}) as Record<string, string>)
  })
}

/** Joins histograms, so that a percentile over minutes is one of all measurements and not a mean of percentiles. */
export const joinSteps = (parts: readonly ReadonlyMap<number, number>[]): Map<number, number> => {
  const all = new Map<number, number>()
  for (const part of parts) for (const [step, count] of part) all.set(step, (all.get(step) ?? 0) + count)
  return all
}

/** A percentile over several minutes; null when nothing was measured. */
export const percentileOf = (minutes: readonly Minute[], of: 'waits' | 'runs', share: number): number | null =>
  percentile(joinSteps(minutes.map((minute) => minute[of])), share)

/** How much of the minute before still belongs to the last sixty seconds. */
const remains = (nowMs: number): number => 1 - (nowMs % 60_000) / 60_000

/** A count of the last sixty seconds: the running minute, and of the one before the share that is not over sixty
 *  seconds old. The running minute alone would always look like a slump, the one before it alone would lag. */
export const lastMinute = (before: number, running: number, nowMs: number): number =>
  Math.round(before * remains(nowMs) + running)

/** What came, went and failed in each queue: in the last sixty seconds for the first two, in the last hour for the third. */
export interface QueueRates {
  in_per_min: number
  out_per_min: number
  failed_last_hour: number
}

/** Rates of all queues at once, read minute by minute. Queues nothing happened in are left out. */
export const readRates = async (kernel: Kernel): Promise<Map<string, QueueRates>> => {
  const now = kernel.clock.now()
  const last = minuteOf(now)
  const pipeline = kernel.redis.pipeline()
  for (let back = 0; back < 60; back++) pipeline.hgetall(queuesKey(kernel, last - back))
  const replies = (await pipeline.exec()) ?? []
  const rates = new Map<string, QueueRates>()
  replies.forEach(([error, hash], back) => {
    if (error) throw error
    for (const [field, value] of Object.entries((hash ?? {}) as Record<string, string>))
      addRate(rates, field, Number(value), back === 0 ? 1 : back === 1 ? remains(now) : 0)
  })
  for (const rate of rates.values()) {
    rate.in_per_min = Math.round(rate.in_per_min)
    rate.out_per_min = Math.round(rate.out_per_min)
  }
  return rates
}

const addRate = (rates: Map<string, QueueRates>, field: string, value: number, share: number): void => {
  const mark = field.lastIndexOf('|')
  const queue = field.slice(0, mark)
  const counter = field.slice(mark + 1)
  const rate = rates.get(queue) ?? { in_per_min: 0, out_per_min: 0, failed_last_hour: 0 }
  rates.set(queue, rate)
  if (counter === 'failed') rate.failed_last_hour += value
  if (counter === 'added') rate.in_per_min += value * share
  if (counter === 'completed' || counter === 'failed') rate.out_per_min += value * share
}
