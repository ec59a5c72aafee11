// What differs between a moment that was and now, as rows: figures, queues, breakers.
import type { Breaker } from '../../shared/breakers/contract.ts'
import type { Overview } from '../../shared/metrics/contract.ts'
import type { Queue } from '../../shared/queues/contract.ts'
import { count, duration, percent } from '../ui/format.ts'

export interface Difference {
  what: string
  then: string
  now: string
}

type Figure = number | null
const row = (what: string, then: Figure, now: Figure, words: (value: number) => string): Difference => {
  const told = (value: Figure): string => (value === null ? 'nothing measured' : words(value))
  return { what, then: told(then), now: told(now) }
}
const whole = (value: number): string => count(Math.round(value))

/** All figures of the overview, also those that are the same. */
export const figuresBeside = (then: Overview, now: Overview): Difference[] => [
  row('Finished per minute', then.vitals.finished_per_min.value, now.vitals.finished_per_min.value, whole),
  row('First-try success', then.vitals.first_try_ok.value, now.vitals.first_try_ok.value, percent),
  row('Wait, p95', then.vitals.wait_p95_ms.value, now.vitals.wait_p95_ms.value, duration),
  row('Run, p95', then.vitals.run_p95_ms.value, now.vitals.run_p95_ms.value, duration),
  row('Waiting', then.vitals.waiting.value, now.vitals.waiting.value, whole),
  row('Running', then.vitals.running.value, now.vitals.running.value, whole),
  row('Dead letters', then.dead_letters, now.dead_letters, whole),
  row('Breakers not closed', then.breakers_not_closed, now.breakers_not_closed, whole),
]

const SHOWN = 20
const inLine = ({ counts }: Queue): number => counts.waiting + counts.prioritized
const queueWords = (queue: Queue | undefined): string =>
  queue === undefined
    ? 'not there'
    : `${queue.paused ? 'paused, ' : ''}${count(inLine(queue))} waiting, ${count(queue.counts.failed)} dead`

const both = <Thing>(then: ReadonlyMap<string, Thing>, now: ReadonlyMap<string, Thing>): string[] => [
  ...new Set([...then.keys(), ...now.keys()]),
]

/** Queues that stand otherwise; those whose lines differ most first. */
export const queuesBeside = (then: ReadonlyMap<string, Queue>, now: ReadonlyMap<string, Queue>): Difference[] =>
  both(then, now)
    .map((name) => ({ name, before: then.get(name), after: now.get(name) }))
    .map(({ name, before, after }) => ({
      difference: { what: name, then: queueWords(before), now: queueWords(after) },
      by: Math.abs((before ? inLine(before) : 0) - (after ? inLine(after) : 0)),
    }))
    .filter(({ difference }) => difference.then !== difference.now)
    .sort((one, other) => other.by - one.by)
    .slice(0, SHOWN)
    .map(({ difference }) => difference)

const breakerWords = (breaker: Breaker | undefined): string => breaker?.state.replaceAll('_', ' ') ?? 'not there'

/** Breakers in another state. */
export const breakersBeside = (then: ReadonlyMap<string, Breaker>, now: ReadonlyMap<string, Breaker>): Difference[] =>
  both(then, now)
    .map((name) => ({ what: name, then: breakerWords(then.get(name)), now: breakerWords(now.get(name)) }))
    .filter((difference) => difference.then !== difference.now)
    .slice(0, SHOWN)
