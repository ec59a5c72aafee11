// What the list of queues says and how it is narrowed: by part of a name, `state:paused`, `own:no`.
import type { Queue } from '../../../shared/queues/contract.ts'
import { countOf } from '../../ui/format.ts'
import { queueState, waitingIn } from '../overview/model.ts'

export interface Standing {
  /** A word of `ui/states.ts`. */
  state: string
  /** In place of its usual word. */
  word?: string
}

/** How a queue stands: that it is held or has nobody to work on it is said before what is in it. */
export const standingOf = (queue: Queue): Standing => {
  if (queue.paused) return { state: 'paused' }
  if (queue.held) return { state: 'held' }
  if (queue.workers === 0 && waitingIn(queue) > 0) return { state: 'stalled', word: 'No worker' }
  return { state: queueState(queue) }
}

export const stateChoices = [
  { value: '', label: 'Any' },
  { value: 'paused', label: 'Paused' },
  { value: 'held', label: 'Held' },
  { value: 'stalled', label: 'No worker' },
  { value: 'running', label: 'Running' },
  { value: 'waiting', label: 'Waiting' },
  { value: 'idle', label: 'Idle' },
] as const
export type StateChoice = (typeof stateChoices)[number]['value']

const wordsIn = (q: string): string[] => q.split(/\s+/).filter((word) => word !== '')

/** Whether all words of a filter fit a queue. */
export const fits = (queue: Queue, q: string): boolean =>
  wordsIn(q).every((word) => {
    if (word.startsWith('state:')) return standingOf(queue).state === word.slice('state:'.length)
    if (word === 'own:yes' || word === 'own:no') return queue.own === (word === 'own:yes')
    return queue.name.toLowerCase().includes(word.toLowerCase())
  })

/** The state a filter asks for; any unless it names one there is. */
export const stateIn = (q: string): StateChoice => {
  const named = wordsIn(q).find((word) => word.startsWith('state:'))
  return stateChoices.find(({ value }) => value !== '' && named === `state:${value}`)?.value ?? ''
}

/** The filter with another state, or with none. */
export const withState = (q: string, state: StateChoice): string =>
  [...(state === '' ? [] : [`state:${state}`]), ...wordsIn(q).filter((word) => !word.startsWith('state:'))].join(' ')

/** "412 queues, 3 paused, 2 without a worker." */
export const summaryWords = (fitting: readonly Queue[], all: number): string => {
  const states = fitting.map((queue) => standingOf(queue).state)
  const many = (state: string): number => states.filter((one) => one === state).length
  const parts = [
    `${countOf(fitting.length, 'queue')}${fitting.length < all ? ` of ${all}` : ''}`,
    ...(many('paused') > 0 ? [`${many('paused')} paused`] : []),
    ...(many('held') > 0 ? [`${many('held')} held`] : []),
    ...(many('stalled') > 0 ? [`${many('stalled')} without a worker`] : []),
  ]
  return `${parts.join(', ')}, trouble first.`
}
