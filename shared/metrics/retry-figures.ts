// How retries went: the counts of the last minutes added up, by attempt, error, strategy and queue.
import type { Principal } from '../auth/contract.ts'
import { toIso } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { ErrorClass } from '../retries/words.ts'
import { minuteOf, percentile, queuesKey } from './buckets.ts'
import { minutesIn } from './contract.ts'
import type { RetryMetrics } from './contract.ts'
import { splitField } from './fields.ts'
import { ATTEMPT_MAX, endCount, retriesKey } from './retry-counts.ts'
import type { RetryEnd } from './retry-counts.ts'
import { MINUTE_MS, slotsOf } from './slots.ts'
import { createSums, joined, wantedOf } from './sums.ts'

const QUEUES_SHOWN = 100
const ATTEMPTS_SHOWN = 10

/** Counts by name, of one queue or of several. */
type Sums = Map<string, number>

/** How retries went in the queues the principal may see. */
export type RetryFigures = (
  principal: Principal,
  query: { window: string; queue?: string | undefined },
) => Promise<RetryMetrics>

export const createRetryFigures = (kernel: Kernel): RetryFigures => {
  const retries = createSums(kernel, retriesKey)
  const queues = createSums(kernel, queuesKey)
  const read = async (principal: Principal, window: string, queue: string | undefined): Promise<RetryMetrics> => {
    const now = kernel.clock.now()
    const count = minutesIn(window)
    const slots = slotsOf((minuteOf(now) - count + 1) * MINUTE_MS, now + 1, now)
    const wanted = wantedOf(principal, queue === undefined ? undefined : [queue])
    const [counted, ended] = await Promise.all([
      retries.byField(slots),
      queues.byName(slots.map((slot) => [slot]), wanted), // prettier-ignore
    ])
    // Jobs that succeeded at once are counted with all others of their minute.
    const firsts = joined(ended).get('first') ?? 0
    return { at: toIso(now), window_s: count * 60, ...figuresOf(sumsByQueue(joined(counted), wanted.fits), firsts) }
  }
  return (principal, { window, queue }) => guardRedis(read(principal, window, queue), 'read')
}

const add = (sums: Sums, name: string, by: number): Sums => sums.set(name, (sums.get(name) ?? 0) + by)

const sumsByQueue = (fields: ReadonlyMap<string, number>, wants: (queue: string) => boolean): Map<string, Sums> => {
  const byQueue = new Map<string, Sums>()
  for (const [field, value] of fields) {
    const [queue, name] = splitField(field)
    if (wants(queue)) byQueue.set(queue, add(byQueue.get(queue) ?? new Map<string, number>(), name, value))
  }
  return byQueue
}

const figuresOf = (byQueue: ReadonlyMap<string, Sums>, firsts: number): Omit<RetryMetrics, 'at' | 'window_s'> => {
  const all: Sums = new Map()
  for (const sums of byQueue.values()) for (const [name, value] of sums) add(all, name, value)
  const strategies = strategiesOf(all)
  const classes = classesOf(all)
  const waited = strategies.reduce((sum, { strategy }) => sum + (all.get(`t.${strategy}`) ?? 0), 0)
  const waits = strategies.reduce((sum, { retries }) => sum + retries, 0)
  return {
    ...endsOf(all),
    by_strategy: strategies,
    by_error_class: classes,
    by_queue: queuesOf(byQueue),
    avg_delay_ms: waits === 0 ? null : Math.round(waited / waits),
    p95_delay_ms: rounded(percentile(stepsOf(all), 0.95)),
    wasted_s: seconds(classes.reduce((sum, { wasted_s }) => sum + wasted_s, 0)),
    distribution: distributionOf(all, firsts),
  }
}

const rounded = (value: number | null): number | null => (value === null ? null : Math.round(value))
const seconds = (value: number): number => Math.round(value * 1_000) / 1_000

/** Attempts of these numbers that ended so; the last number counts all above it too. */
const endsAt = (sums: Sums, end: RetryEnd, from: number, to = ATTEMPT_MAX): number => {
  let total = 0
  for (let attempt = from; attempt <= to; attempt++) total += sums.get(endCount(end, attempt)) ?? 0
  return total
}

const endsOf = (sums: Sums) => {
  const successes = endsAt(sums, 'succeeded', 2)
  const failures = endsAt(sums, 'retried', 2) + endsAt(sums, 'died', 2)
  const attempts = successes + failures
  return { attempts, successes, failures, success_rate: attempts === 0 ? null : successes / attempts }
}

const strategiesOf = (sums: Sums): RetryMetrics['by_strategy'] =>
  [...sums]
    .filter(([name]) => name.startsWith('b.'))
    .map(([name, retries]) => {
      const strategy = name.slice(2)
      return { strategy, retries, avg_delay_ms: Math.round((sums.get(`t.${strategy}`) ?? 0) / retries) }
    })
    .sort((a, b) => b.retries - a.retries || (a.strategy < b.strategy ? -1 : 1))

const classesOf = (sums: Sums): RetryMetrics['by_error_class'] =>
  ErrorClass.options
    .map((error_class) => ({
      error_class,
      failures: sums.get(`f.${error_class}`) ?? 0,
      died: sums.get(`x.${error_class}`) ?? 0,
      wasted_s: seconds((sums.get(`w.${error_class}`) ?? 0) / 1_000),
    }))
    .filter(({ failures }) => failures > 0)
    .sort((a, b) => b.failures - a.failures)

const queuesOf = (byQueue: ReadonlyMap<string, Sums>): RetryMetrics['by_queue'] =>
  [...byQueue]
    .map(([queue, sums]) => ({ queue, ...endsOf(sums) }))
    .filter(({ attempts }) => attempts > 0)
    .sort((a, b) => b.attempts - a.attempts || (a.queue < b.queue ? -1 : 1))
    .slice(0, QUEUES_SHOWN)

const stepsOf = (sums: Sums): Map<number, number> =>
  new Map([...sums].flatMap(([name, count]) => (name.startsWith('y') ? [[Number(name.slice(1)), count] as const] : [])))

/** Jobs between two attempts: they failed the one, and the next has not ended. Jobs that entered before the window make
 *  the difference smaller than it is, never greater. */
const tryingAfter = (sums: Sums, from: number, to: number): number => {
  const next = [from + 1, Math.min(ATTEMPT_MAX, to + 1)] as const
  const ended = (['retried', 'succeeded', 'died'] as const).reduce((sum, end) => sum + endsAt(sums, end, ...next), 0)
  return Math.max(0, endsAt(sums, 'retried', from, to) - ended)
}

const distributionOf = (sums: Sums, firsts: number): RetryMetrics['distribution'] => [
  ...Array.from({ length: ATTEMPTS_SHOWN }, (_, index) => {
    const attempt = index + 1
    return {
      attempt: String(attempt),
      succeeded: endsAt(sums, 'succeeded', attempt, attempt) + (attempt === 1 ? firsts : 0),
      died: endsAt(sums, 'died', attempt, attempt),
      trying: tryingAfter(sums, attempt, attempt),
    }
  }),
  {
    attempt: `>${ATTEMPTS_SHOWN}`,
    succeeded: endsAt(sums, 'succeeded', ATTEMPTS_SHOWN + 1),
    died: endsAt(sums, 'died', ATTEMPTS_SHOWN + 1),
    trying: tryingAfter(sums, ATTEMPTS_SHOWN + 1, ATTEMPT_MAX),
  },
]
