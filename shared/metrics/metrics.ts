// The overview: the state of everything at a glance, from counted minutes and the queues as they are.
import type { z } from 'zod'
import type { Principal } from '../auth/contract.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { toIso } from '../kernel/clock.ts'
import type { Queue } from '../queues/contract.ts'
import type { Overview, Timeseries, TimeseriesQuery } from './contract.ts'
import { totalsKey } from './buckets.ts'
import { createMinuteHashes, lastMinute, percentileOf, readMinutes } from './minutes.ts'
import type { Minute } from './minutes.ts'
import { createRetryFigures } from './retry-figures.ts'
import type { RetryFigures } from './retry-figures.ts'
import { createTimeseries } from './timeseries.ts'
import type { TimeseriesParts } from './timeseries.ts'
import { isOpen, withAlerts } from './alert-needs.ts'
import type { FiringAlert } from './alert-needs.ts'
import { needsOf, verdictOf } from './verdict.ts'
import type { BreakerHealth, QueueHealth } from './verdict.ts'

export interface Metrics {
  readonly retry: RetryFigures
  /** One metric over time, in the queues the principal may see. */
  timeseries(principal: Principal, query: z.output<typeof TimeseriesQuery>): Promise<Timeseries>
  /** The overview over the queues the principal may see. Figures per minute are those of all queues. `sparing` as for the
   *  list of queues. */
  overview(principal: Principal, how?: { sparing: boolean }): Promise<Overview>
}

/** What figures need of other rooms. */
export interface MetricsParts {
  queues: { list(principal: Principal, how?: { sparing: boolean }): Promise<Queue[]> }
  /** Breakers that keep calls from their service, those that do so longest first; and when each did. */
  breakers: { troubled(): Promise<BreakerHealth[]> } & TimeseriesParts['breakers']
  dead: TimeseriesParts['dead']
  /** Alerts that fire, and those that fired since. */
  alerts: { glance(principal: Principal, since: number): Promise<{ firing: FiringAlert[]; fired: FiringAlert[] }> }
  durability: () => Overview['durability']
}

const SHOWN = 5
const PULSE = 90
const MARKS_MAX = 50

export const createMetrics = (kernel: Kernel, parts: MetricsParts): Metrics => {
  const { queues, breakers, alerts, durability } = parts
  const hashes = createMinuteHashes(kernel, totalsKey)
  const overview: Metrics['overview'] = async (principal, how) => {
    const since = kernel.clock.now() - PULSE * 60_000
    const [minutes, all, troubled, told] = await Promise.all([
      readMinutes(hashes, kernel.clock.now(), PULSE),
      queues.list(principal, how),
      principal.scopes.includes('recovery:read') ? breakers.troubled() : [],
      principal.scopes.includes('alerts:read') ? alerts.glance(principal, since) : NO_ALERTS,
    ])
    const recent = minutes.slice(-6, -1)
    const found = needsOf({
      queues: all.map(health),
      breakers: troubled,
      finished: sum(recent, (minute) => minute.count('completed') + minute.count('failed')),
      failed: sum(recent, (minute) => minute.count('failed')),
      now: kernel.clock.now(),
    })
    const { needs, handled } = withAlerts(found, told.firing, kernel.clock.now())
    return {
      at: toIso(kernel.clock.now()),
      verdict: verdictOf(needs, handled),
      quiet: needs.length === 0,
      needs: needs.slice(0, SHOWN),
      vitals: vitals(minutes.slice(-60), all, kernel.clock.now()),
      dead_letters: all.reduce((total, queue) => total + queue.counts.failed, 0),
      breakers_not_closed: troubled.length,
      alerts_firing: told.firing.filter(isOpen).length,
      alert_marks: marksOf(told.fired),
      pulse: minutes.map((minute) => ({
        at: minute.at,
        ok: minute.count('completed'),
        failed: minute.count('failed'),
      })),
      durability: durability(),
    }
  }
  return { overview, retry: createRetryFigures(kernel), timeseries: createTimeseries(kernel, parts) }
}

const NO_ALERTS = { firing: [], fired: [] }

const marksOf = (fired: readonly FiringAlert[]): Overview['alert_marks'] =>
  fired
    .flatMap(({ fired_at, title, severity }) =>
      fired_at === null ? [] : [{ at: Date.parse(fired_at), text: title, severity }],
    )
    .sort((a, b) => a.at - b.at)
    .slice(-MARKS_MAX)

const sum = (minutes: readonly Minute[], of: (minute: Minute) => number): number =>
  minutes.reduce((total, minute) => total + of(minute), 0)

const health = (queue: Queue): QueueHealth => ({
  name: queue.name,
  paused: queue.paused ? { reason: queue.pause?.reason ?? null, by: queue.pause?.by ?? 'another service' } : null,
  held: queue.held,
  ready: queue.counts.waiting + queue.counts.prioritized,
  oldestMs: queue.oldest_waiting_ms,
  workers: queue.workers,
  deadLetters: queue.counts.failed,
  deadLastHour: queue.rates.failed_last_hour,
})

const finished = (minute: Minute): number => minute.count('completed') + minute.count('failed')
const firstTry = (minute: Minute): number | null =>
  finished(minute) === 0 ? null : minute.count('first') / finished(minute)

const vitals = (minutes: readonly Minute[], all: readonly Queue[], now: number): Overview['vitals'] => {
  // The running minute is not over: in a line it would always look like a slump. Shares and percentiles may have it.
  const whole = minutes.slice(0, -1)
  const recent = minutes.slice(-6)
  const [before = 0, running = 0] = minutes.slice(-2).map(finished)
  const done = sum(recent, finished)
  return {
    finished_per_min: { value: lastMinute(before, running, now), series: whole.map(finished) },
    first_try_ok: {
      value: done === 0 ? null : sum(recent, (minute) => minute.count('first')) / done,
      series: whole.map(firstTry),
    },
    wait_p95_ms: {
      value: percentileOf(recent, 'waits', 0.95),
      series: whole.map((minute) => percentileOf([minute], 'waits', 0.95)),
    },
    run_p95_ms: {
      value: percentileOf(recent, 'runs', 0.95),
      series: whole.map((minute) => percentileOf([minute], 'runs', 0.95)),
    },
    waiting: {
      value: all.reduce((total, { counts }) => total + counts.waiting + counts.prioritized, 0),
      series: whole.map((minute) => minute.gauge('waiting')),
    },
    running: {
      value: all.reduce((total, { counts }) => total + counts.active, 0),
      series: whole.map((minute) => minute.gauge('running')),
      slots: all.reduce((total, queue) => total + queue.slots, 0),
    },
  }
}
