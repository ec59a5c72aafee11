// Counted minutes read back: counters, gauges and histograms of the last hour, for everything or by queue.
import type { Kernel } from '../kernel/kernel.ts'
import { minuteOf, percentile } from './buckets.ts'
import type { Counter, KeyOf } from './buckets.ts'
import { MINUTE_MS, slotNo } from './slots.ts'

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

/** A minute that has only begun. */
export const silentMinute = (at: number): Minute => toMinute(minuteOf(at), {})

type Hash = Record<string, string>
/** Answers the hashes of minutes, in the order asked. */
export type MinuteHashes = (minutes: readonly number[]) => Promise<Hash[]>

/** Minutes that have been over for so many more hardly change: only a recorder that was away still adds to them. */
const SETTLED = 2
/** For so long a settled minute is told as it was read. */
const BELIEVED_MS = 60_000

/** Reads minutes of one kind, or some fields of them, and remembers those that are settled, as charts ask for the same hour
 *  again and again. */
export const createMinuteHashes = (kernel: Kernel, keyOf: KeyOf, fields?: readonly string[]): MinuteHashes =>
  createSlotHashes(kernel, keyOf, { widthMs: MINUTE_MS, fields })

export interface Slots {
  widthMs: number
  fields?: readonly string[] | undefined
  /** How many are remembered, for who asks of many different ones: each holds figures of every queue. */
  most?: number | undefined
}

/** The same of slots of any width. */
export const createSlotHashes = (kernel: Kernel, keyOf: KeyOf, { widthMs, fields, most }: Slots): MinuteHashes => {
  /** Never changed, but put in the place of another: what a call found in it is there when its answers come. */
  let known: ReadonlyMap<number, { hash: Hash; until: number }> = new Map()
  return async (minutes) => {
    const now = kernel.clock.now()
    const had = (known = new Map([...known].filter(([, { until }]) => until > now)))
    const asked = minutes.filter((minute) => !had.has(minute))
    const pipeline = kernel.redis.pipeline()
    for (const minute of asked)
      if (fields) pipeline.hmget(keyOf(kernel, minute, widthMs), ...fields)
      else pipeline.hgetall(keyOf(kernel, minute, widthMs))
    const replies = (await pipeline.exec()) ?? []
    const read = new Map(
      asked.map((minute, index) => {
        const [error, reply] = replies[index] ?? []
        if (error) throw error
        return [minute, fields ? named(fields, reply as (string | null)[]) : ((reply ?? {}) as Hash)] as const
      }),
    )
    const settled = [...read].flatMap(([minute, hash]) =>
      minute < slotNo(now, widthMs) - SETTLED ? [[minute, { hash, until: now + BELIEVED_MS }] as const] : [],
    )
    known = new Map([...known, ...settled].slice(-(most ?? Infinity)))
    return minutes.map((minute) => read.get(minute) ?? had.get(minute)?.hash ?? {})
  }
}

const named = (fields: readonly string[], values: readonly (string | null)[]): Hash =>
  Object.fromEntries(
    fields.flatMap((field, index) => {
      const value = values[index]
      return value == null ? [] : [[field, value] as const]
    }),
  )

/** The last `count` minutes, oldest first, the running one included. */
export const readMinutes = async (hashes: MinuteHashes, now: number, count: number): Promise<Minute[]> => {
  const last = minuteOf(now)
  const minutes = Array.from({ length: count }, (_, index) => last - count + 1 + index)
  const read = await hashes(minutes)
  return minutes.map((minute, index) => toMinute(minute, read[index] ?? {}))
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

const HOUR = Array.from({ length: 60 }, (_, back) => back)

/** Rates of all queues at once, read minute by minute. Queues nothing happened in are left out. */
export const readRates = async (hashes: MinuteHashes, now: number): Promise<Map<string, QueueRates>> => {
  const last = minuteOf(now)
  const rates = new Map<string, QueueRates>()
  for (const [back, hash] of (await hashes(HOUR.map((minutes) => last - minutes))).entries())
    for (const [field, value] of Object.entries(hash))
      addRate(rates, field, Number(value), back === 0 ? 1 : back === 1 ? remains(now) : 0)
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
