// The verdict: what needs a person, most pressing first, and one sentence that sums it up.
import type { Need } from './contract.ts'

/** What the verdict is made from, one queue. */
export interface QueueHealth {
  name: string
  paused: { reason: string | null; by: string } | null
  /** Jobs that could run now. */
  ready: number
  oldestMs: number | null
  workers: number
  deadLetters: number
  deadLastHour: number
}

export interface Health {
  queues: readonly QueueHealth[]
  /** Of the last five minutes. */
  finished: number
  failed: number
}

/** Waits longer than this are worth a person's look. */
const OLDEST_MS = 5 * 60_000
/** A share of failures above this, of at least so many jobs. */
const FAILURE_SHARE = 0.05
const FAILURE_SAMPLE = 20

const jobs = (count: number): string => (count === 1 ? '1 job' : `${count.toLocaleString('en')} jobs`)
/** Jobs that wait, as the subject of a sentence with its verb. */
const waiting = (count: number): string => `${jobs(count)} ${count === 1 ? 'waits' : 'wait'}`
const minutes = (ms: number): string =>
  ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`

const deadLetters = ({ queues }: Health): Need[] => {
  const dead = queues.reduce((sum, queue) => sum + queue.deadLetters, 0)
  if (dead === 0) return []
  const fresh = queues.reduce((sum, queue) => sum + queue.deadLastHour, 0)
  const worst = [...queues].sort((a, b) => b.deadLetters - a.deadLetters)[0]
  return [
    {
      kind: 'dead_letters',
      title: dead === 1 ? '1 dead letter' : `${dead.toLocaleString('en')} dead letters`,
      detail: `${fresh} new in the last hour; most are in ${worst?.name ?? ''} (${worst?.deadLetters ?? 0}).`,
      weight: dead + fresh * 10,
      link: '/dlq',
      action: 'Triage',
    },
  ]
}

const stopped = ({ queues }: Health): Need[] =>
  queues.flatMap((queue) => {
    if (!queue.paused) return []
    const why = queue.paused.reason ? `: ${queue.paused.reason}` : ''
    return [
      {
        kind: 'queue_paused' as const,
        title: `${queue.name} is paused`,
        detail: `By ${queue.paused.by}${why}. ${waiting(queue.ready)}.`,
        weight: 1 + queue.ready,
        link: `/jobs?q=queue:${queue.name}`,
        action: 'Show jobs',
      },
    ]
  })

const deserted = ({ queues }: Health): Need[] =>
  queues
    .filter((queue) => queue.workers === 0 && queue.ready > 0 && !queue.paused)
    .map((queue) => ({
      kind: 'no_worker',
      title: `${queue.name} has no worker`,
      detail: `${waiting(queue.ready)} and nobody takes ${queue.ready === 1 ? 'it' : 'them'}.`,
      weight: queue.ready * 2,
      link: `/jobs?q=queue:${queue.name}`,
      action: 'Show jobs',
    }))

const late = ({ queues }: Health): Need[] =>
  queues
    .filter((queue) => (queue.oldestMs ?? 0) > OLDEST_MS && queue.workers > 0 && !queue.paused)
    .map((queue) => ({
      kind: 'oldest_waiting',
      title: `${queue.name} is late`,
      detail: `The oldest of ${jobs(queue.ready)} has waited ${minutes(queue.oldestMs ?? 0)}.`,
      weight: queue.ready,
      link: `/jobs?q=queue:${queue.name}`,
      action: 'Show jobs',
    }))

const failing = ({ finished, failed }: Health): Need[] => {
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
export const needsOf = (health: Health): Need[] =>
  [deadLetters, stopped, deserted, late, failing].flatMap((find) => find(health)).sort((a, b) => b.weight - a.weight)

const words = ['Nothing', 'One thing', 'Two things', 'Three things', 'Four things', 'Five things']

/** The first sentence of the first page. */
export const verdictOf = (needs: readonly Need[]): string => {
  if (needs.length === 0) return 'Everything is on time.'
  const count = words[needs.length] ?? `${needs.length} things`
  return `${count} ${needs.length === 1 ? 'needs' : 'need'} you. Everything else is on time.`
}
