// What the overview says about the vitals and the queues.
import type { Need, Overview } from '../../../shared/metrics/contract.ts'
import type { Queue } from '../../../shared/queues/contract.ts'
import { absolute, count, duration, percent } from '../../ui/format.ts'
import type { IconName } from '../../ui/icons.ts'
import type { Point } from '../../ui/sparkline.ts'

export interface Vital {
  id: string
  label: string
  value: string
  /** What stands small beside the value. */
  beside: string
  series: readonly Point[]
  /** What the small line tells, in a sentence. */
  reading: string
}

type Vitals = Overview['vitals']
type Words = (value: number) => string

const round: Words = (value) => count(Math.round(value))

const readingOf = (label: string, series: readonly Point[], words: Words): string => {
  const known = series.filter((point) => point !== null)
  if (known.length === 0) return `${label}: nothing measured in the last hour.`
  return `${label} in the last hour: between ${words(Math.min(...known))} and ${words(Math.max(...known))}.`
}

const vital = (
  id: string,
  label: string,
  { value, series }: { value: number | null; series: Point[] },
  words: Words,
  beside = '',
): Vital => ({
  id,
  label,
  value: value === null ? '–' : words(value),
  beside: value === null ? 'nothing measured' : beside,
  series,
  reading: readingOf(label, series, words),
})

/** The six figures in the order they are read. */
export const vitalsOf = (vitals: Vitals): Vital[] => [
  vital('finished', 'Finished per minute', vitals.finished_per_min, round),
  vital('first-try', 'First-try success', vitals.first_try_ok, percent),
  vital('wait', 'Wait, p95', vitals.wait_p95_ms, duration),
  vital('run', 'Run, p95', vitals.run_p95_ms, duration),
  vital('waiting', 'Waiting', vitals.waiting, round, 'in all queues'),
  vital('running', 'Running', vitals.running, round, `of ${count(vitals.running.slots)} slots`),
]

/** The one word for a queue: paused wins over running, running over waiting. */
export const queueState = (queue: Queue): string => {
  if (queue.paused) return 'paused'
  if (queue.counts.active > 0) return 'running'
  return waitingIn(queue) > 0 ? 'waiting' : 'idle'
}

/** Who stopped a queue, why, and when it goes on by itself. */
export const pauseText = ({ by, reason, until }: NonNullable<Queue['pause']>, now: number): string =>
  [
    `by ${by}`,
    ...(reason === null ? [] : [reason]),
    ...(until === null ? [] : [`goes on ${absolute(Date.parse(until), now)}`]),
  ].join(' · ')

/** Everything that could run now if a worker were free. */
export const waitingIn = ({ counts }: Queue): number => counts.waiting + counts.prioritized

const trouble = (queue: Queue): number =>
  (queue.paused ? 1e12 : 0) + queue.rates.failed_last_hour * 1e6 + waitingIn(queue)

/** Queues with trouble first, then busy ones, then by name; those in `order` stay where they were, before all others. */
export const sortQueues = (queues: readonly Queue[], order: readonly Queue[] = []): Queue[] => {
  const places = new Map(order.map(({ name }, place) => [name, place]))
  const place = ({ name }: Queue): number => places.get(name) ?? order.length
  return [...queues].sort(
    (one, other) => place(one) - place(other) || trouble(other) - trouble(one) || one.name.localeCompare(other.name),
  )
}

const needIcons: Record<Need['kind'], { icon: IconName | 'dead'; tone: string }> = {
  breaker_open: { icon: 'held', tone: 'failed' },
  dead_letters: { icon: 'dead', tone: 'dead' },
  queue_paused: { icon: 'paused', tone: 'held' },
  no_worker: { icon: 'held', tone: 'failed' },
  failure_rate: { icon: 'failed', tone: 'failed' },
  oldest_waiting: { icon: 'clock', tone: 'retrying' },
  alert: { icon: 'alert', tone: 'failed' },
  recorder_behind: { icon: 'warning', tone: 'stalled' },
}

export const lookOfNeed = (kind: Need['kind']): { icon: IconName | 'dead'; tone: string } => needIcons[kind]
