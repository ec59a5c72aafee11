// What the page of a queue says of it: how it stands, in a sentence, and its figures.
import type { Queue } from '../../../shared/queues/contract.ts'
import { absolute, count, countOf, duration, instant } from '../../ui/format.ts'
import { waitingIn } from '../overview/model.ts'

export const queueTabs = ['jobs', 'workers', 'limits', 'metrics'] as const
export type QueueTab = (typeof queueTabs)[number]

const pausedWords = ({ pause }: Queue, now: number): string => {
  if (!pause) return 'It is paused, by other means than k1n.'
  const until = instant(pause.until)
  const end = until === undefined ? 'until somebody resumes it' : `until ${absolute(until, now)}`
  return `Paused by ${pause.by} ${end}${pause.reason === null ? '.' : `: ${pause.reason}`}`
}

/** Why jobs are, or are not, worked off. */
export const stateLine = (queue: Queue, now: number): string => {
  const waiting = waitingIn(queue)
  if (queue.paused) return pausedWords(queue, now)
  if (queue.held) return `All that waits is parked: ${queue.held.reason}`
  if (waiting === 0) return queue.counts.active === 0 ? 'Nothing waits and nothing runs.' : 'Nothing waits.'
  const oldest = queue.oldest_waiting_ms === null ? '' : `, the oldest for ${duration(queue.oldest_waiting_ms)}`
  const nobody = queue.workers === 0 ? ' No worker is connected to it.' : ''
  return `${waiting === 1 ? '1 job waits' : `${count(waiting)} jobs wait`}${oldest}.${nobody}`
}

export interface Fact {
  label: string
  value: string
}

/** The figures of a queue. */
export const factsOf = (queue: Queue): Fact[] => [
  {
    label: 'Running',
    value: queue.slots > 0 ? `${count(queue.counts.active)} of ${countOf(queue.slots, 'slot')}` : count(queue.counts.active), // prettier-ignore
  },
  { label: 'In, last minute', value: count(queue.rates.in_per_min) },
  { label: 'Out, last minute', value: count(queue.rates.out_per_min) },
  { label: 'Failed, last hour', value: count(queue.rates.failed_last_hour) },
  { label: 'Workers', value: count(queue.workers) },
  { label: 'Worked off by', value: queue.own ? 'k1n' : 'another service' },
]

/** States jobs of a queue can be shown by, with how many are in each. */
export const stateCounts = ({ counts }: Pick<Queue, 'counts'>): { state: string; label: string; many: number }[] => [
  { state: 'waiting', label: 'Waiting', many: counts.waiting },
  { state: 'prioritized', label: 'By priority', many: counts.prioritized },
  { state: 'delayed', label: 'Delayed', many: counts.delayed },
  { state: 'active', label: 'Running', many: counts.active },
  { state: 'waiting_children', label: 'Waiting for children', many: counts.waiting_children },
  { state: 'completed', label: 'Done', many: counts.completed },
  { state: 'failed', label: 'Failed', many: counts.failed },
]
