// Topics: which facts a listener asked for and may hear.
import type { Principal } from '../auth/contract.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import type { TailEntry } from './tail.ts'

export interface Interest {
  /** Topics of the log, such as `retry:*` or `job:failed`. */
  topics: readonly string[]
  /** Only facts of these queues, when given. */
  queues?: readonly string[] | undefined
}

/** Topics that are kept as state and not told as facts. */
export const isStateTopic = (topic: string): boolean => topic.startsWith('state:')

const matches = (topic: string, live: string): boolean =>
  topic === '*:*' || topic === live || (topic.endsWith('*') && live.startsWith(topic.slice(0, -1)))

/** Whether somebody may hear what came from outside: it carries what was sent. */
export const mayReadEvents = ({ scopes }: Principal): boolean => scopes.includes('events:read')

/** Makes the test whether an entry interests a listener and concerns a queue it may see. */
export const interestOf = (principal: Principal, { topics, queues }: Interest): ((entry: TailEntry) => boolean) => {
  const wanted = new Map<string, boolean>()
  const wants = (live: string): boolean => {
    const known = wanted.get(live) ?? topics.some((topic) => matches(topic, live))
    wanted.set(live, known)
    return known
  }
  const readsEvents = mayReadEvents(principal)
  return ({ live, value, sent }) => {
    if (!wants(live)) return false
    // What somebody sent is of no queue, whatever its data says.
    if (sent !== undefined) return readsEvents && queues === undefined
    const { queue } = value
    if (typeof queue !== 'string') return queues === undefined
    return allowsQueue(principal, queue) && (queues === undefined || queues.includes(queue))
  }
}
