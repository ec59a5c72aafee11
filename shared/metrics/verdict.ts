// The verdict: what needs a person, most pressing first, and one sentence that sums it up.
import type { BreakerState } from '../breakers/words.ts'
import type { HoldCause } from '../services/words.ts'
import { pageOfQueue, sameAs } from './alert-needs.ts'
import type { FoundNeed } from './alert-needs.ts'
import type { Need } from './contract.ts'

/** What the verdict is made from, one queue. */
export interface QueueHealth {
  name: string
  paused: { reason: string | null; by: string } | null
  /** The service its workers stopped fetching for. */
  held: { cause: HoldCause; reason: string } | null
  /** Jobs that could run now. */
  ready: number
  oldestMs: number | null
  workers: number
  deadLetters: number
  deadLastHour: number
}

/** What the verdict is made from, one breaker that keeps calls from its service. Times are epoch milliseconds. */
export interface BreakerHealth {
  service: string
  state: BreakerState
  since: number
  forced: { by: string; reason: string } | null
  /** Jobs that wait for the service; null where nobody counts them. */
  parked: number | null
}

export interface Health {
  queues: readonly QueueHealth[]
  breakers: readonly BreakerHealth[]
  /** Of the last five minutes. */
  finished: number
  failed: number
  /** Epoch milliseconds. */
  now: number
}

/** Waits longer than this are worth a person's look. */
const OLDEST_MS = 5 * 60_000
/** A share of failures above this, of at least so many jobs. */
const FAILURE_SHARE = 0.05
const FAILURE_SAMPLE = 20

const counted = (count: number): string => count.toLocaleString('en')
const jobs = (count: number): string => (count === 1 ? '1 job' : `${counted(count)} jobs`)
/** Jobs that wait, as the subject of a sentence with its verb. */
const waiting = (count: number): string => `${jobs(count)} ${count === 1 ? 'waits' : 'wait'}`
const minutes = (ms: number): string =>
  ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`

const breakerDetail = ({ state, since, forced, parked }: BreakerHealth, now: number): string => {
  const who = forced ? `By ${forced.by}${forced.reason === '' ? '' : `: ${forced.reason.replace(/\.$/, '')}`}. ` : ''
  const held = parked === null ? '' : ` ${jobs(parked)} ${parked === 1 ? 'is' : 'are'} held.`
  const trying = state === 'half_open' ? ' A few calls try whether the service is well again.' : ''
  return `${who}For ${minutes(Math.max(0, now - since))}.${held}${trying}`
}

/** No call of a whole service goes through: worse than a thousand jobs that are merely late. */
const BREAKER_WEIGHT = 1_000
/** One line each while they are few, one for all of them when many services are away at once. */
const BREAKERS_TOLD = 3

const broken = ({ breakers, now }: Health): FoundNeed[] => {
  if (breakers.length > BREAKERS_TOLD) return [manyBroken(breakers)]
  return breakers.map((breaker) => ({
    kind: 'breaker_open',
    title: `The breaker of ${breaker.service} is ${breaker.state.replace('_', breaker.state === 'half_open' ? '-' : ' ')}`,
    detail: breakerDetail(breaker, now),
    weight: BREAKER_WEIGHT + 10 * (breaker.parked ?? 0),
    link: `/breakers/${encodeURIComponent(breaker.service)}`,
    same: sameAs('breaker_open', breaker.service),
    action: 'Open breaker',
  }))
}

const manyBroken = (breakers: readonly BreakerHealth[]): FoundNeed => {
  const parked = breakers.reduce((sum, breaker) => sum + (breaker.parked ?? 0), 0)
  const held = parked === 0 ? '' : ` ${jobs(parked)} ${parked === 1 ? 'is' : 'are'} held.`
  const names = breakers.slice(0, BREAKERS_TOLD).map(({ service }) => service)
  return {
    kind: 'breaker_open',
    title: `${breakers.length} breakers are not closed`,
    detail: `${names.join(', ')} and ${breakers.length - names.length} more.${held}`,
    weight: BREAKER_WEIGHT * breakers.length + 10 * parked,
    link: '/breakers',
    action: 'Show breakers',
  }
}

const deadLetters = ({ queues }: Health): FoundNeed[] => {
  const dead = queues.reduce((sum, queue) => sum + queue.deadLetters, 0)
  if (dead === 0) return []
  const fresh = queues.reduce((sum, queue) => sum + queue.deadLastHour, 0)
  const { name, deadLetters: most } = queues.reduce((a, b) => (b.deadLetters > a.deadLetters ? b : a))
  const where = dead === 1 ? `it is in ${name}` : `most are in ${name} (${counted(most)})`
  return [
    {
      kind: 'dead_letters',
      title: dead === 1 ? '1 dead letter' : `${counted(dead)} dead letters`,
      detail: `${counted(fresh)} new in the last hour; ${where}.`,
      weight: dead + fresh * 10,
      link: '/dlq',
      action: 'Triage',
    },
  ]
}

const stopped = ({ queues }: Health): FoundNeed[] =>
  queues.flatMap((queue) => {
    if (!queue.paused) return []
    const why = queue.paused.reason ? `: ${queue.paused.reason}` : ''
    return [
      {
        kind: 'queue_paused' as const,
        title: `${queue.name} is paused`,
        detail: `By ${queue.paused.by}${why}. ${waiting(queue.ready)}.`,
        weight: 1 + queue.ready,
        link: pageOfQueue(queue.name),
        action: 'Show jobs',
      },
    ]
  })

const deserted = ({ queues }: Health): FoundNeed[] =>
  queues
    .filter((queue) => queue.workers === 0 && queue.ready > 0 && !queue.paused)
    .map((queue) => ({
      kind: 'no_worker',
      title: `${queue.name} has no worker`,
      same: sameAs('no_worker', queue.name),
      detail: `${waiting(queue.ready)} and nobody takes ${queue.ready === 1 ? 'it' : 'them'}.`,
      weight: queue.ready * 2,
      link: pageOfQueue(queue.name),
      action: 'Show jobs',
    }))

/** Where a breaker holds a queue, the breaker is what needs a person. */
const isLate = ({ oldestMs, workers, paused, held }: QueueHealth): boolean =>
  (oldestMs ?? 0) > OLDEST_MS && workers > 0 && !paused && held?.cause !== 'breaker'

const late = ({ queues }: Health): FoundNeed[] =>
  queues.filter(isLate).map((queue) => ({
    kind: 'oldest_waiting',
    title: `${queue.name} is late`,
    same: sameAs('oldest_waiting', queue.name),
    detail: `The oldest of ${jobs(queue.ready)} has waited ${minutes(queue.oldestMs ?? 0)}${queue.held ? `: ${queue.held.reason}` : ''}.`,
    weight: queue.ready,
    link: pageOfQueue(queue.name),
    action: 'Show jobs',
  }))

const failing = ({ finished, failed }: Health): FoundNeed[] => {
  const share = failed / Math.max(1, finished)
  if (finished < FAILURE_SAMPLE || share <= FAILURE_SHARE) return []
  return [
    {
      kind: 'failure_rate',
      title: `${(share * 100).toFixed(1)} % of jobs fail`,
      detail: `${failed} of ${finished} in the last five minutes.`,
      weight: failed * 5,
      link: '/jobs?q=state:failed',
      action: 'Show failures',
    },
  ]
}

/** What needs a person, most pressing first. */
export const needsOf = (health: Health): FoundNeed[] =>
  [broken, deadLetters, stopped, deserted, late, failing]
    .flatMap((find) => find(health))
    .sort((a, b) => b.weight - a.weight)

const words = ['Nothing', 'One thing', 'Two things', 'Three things', 'Four things', 'Five things']

/** The first sentence of the first page. `handled`: alerts that somebody acknowledged or silenced. */
export const verdictOf = (needs: readonly Pick<Need, 'kind'>[], handled = 0): string => {
  const after =
    handled === 0 ? '' : ` ${words[handled] ?? `${handled} things`} ${handled === 1 ? 'is' : 'are'} looked after.`
  if (needs.length === 0) return handled === 0 ? 'Everything is on time.' : `Nothing else needs you.${after}`
  const count = words[needs.length] ?? `${needs.length} things`
  return `${count} ${needs.length === 1 ? 'needs' : 'need'} you.${after} Everything else is on time.`
}
