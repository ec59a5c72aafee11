// The overview as it is told, from what was counted and how things stand, or stood.
import { toIso } from '../kernel/clock.ts'
import type { Queue } from '../queues/contract.ts'
import { isOpen, withAlerts } from './alert-needs.ts'
import type { FiringAlert } from './alert-needs.ts'
import type { Overview } from './contract.ts'
import { lastMinute, percentileOf } from './minutes.ts'
import type { Minute } from './minutes.ts'
import { needsOf, verdictOf } from './verdict.ts'
import type { BreakerHealth, QueueHealth } from './verdict.ts'

const SHOWN = 5
const MARKS_MAX = 50
/** Minutes an overview tells of. */
export const PULSE_MINUTES = 90

export interface Standing {
  /** The moment it is told of, epoch ms. */
  now: number
  /** `PULSE_MINUTES` of them, the running one last. */
  minutes: readonly Minute[]
  queues: readonly Queue[]
  /** Those that keep calls from their service. */
  breakers: readonly BreakerHealth[]
  alerts: { firing: readonly FiringAlert[]; fired: readonly FiringAlert[] }
  durability: Overview['durability']
}

export const toOverview = ({ now, minutes, queues, breakers, alerts, durability }: Standing): Overview => {
  const recent = minutes.slice(-6, -1)
  const found = needsOf({
    queues: queues.map(health),
    breakers,
    finished: sum(recent, (minute) => minute.count('completed') + minute.count('failed')),
    failed: sum(recent, (minute) => minute.count('failed')),
    now,
  })
  const { needs, handled } = withAlerts(found, alerts.firing, now)
  return {
    at: toIso(now),
    verdict: verdictOf(needs, handled),
    quiet: needs.length === 0,
    needs: needs.slice(0, SHOWN),
    vitals: vitals(minutes.slice(-60), queues, now),
    dead_letters: queues.reduce((total, queue) => total + queue.counts.failed, 0),
    breakers_not_closed: breakers.length,
    alerts_firing: alerts.firing.filter(isOpen).length,
    alert_marks: marksOf(alerts.fired),
    pulse: minutes.map((minute) => ({ at: minute.at, ok: minute.count('completed'), failed: minute.count('failed') })),
    durability,
  }
}

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
