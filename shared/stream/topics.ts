// Topics: which facts a listener asked for and may hear.
import type { Principal } from '../auth/contract.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import { isOfAlerts, isOfEventsIn } from '../events.ts'
import type { TailEntry } from './tail.ts'

export interface Interest {
  /** Topics of the log, such as `retry:*` or `job:failed`. */
  topics: readonly string[]
  /** Only facts of these queues, when given. */
  queues?: readonly string[] | undefined
  /** Only facts of these jobs, by their addresses, when given. */
  tasks?: readonly string[] | undefined
}

/** Topics that are kept as state and not told as facts. */
export const isStateTopic = (topic: string): boolean => topic.startsWith('state:')

const matches = (topic: string, live: string): boolean =>
  topic === '*:*' || topic === live || (topic.endsWith('*') && live.startsWith(topic.slice(0, -1)))

/** Whether somebody may hear what came from outside: it carries what was sent. */
export const mayReadEvents = ({ scopes }: Principal): boolean => scopes.includes('events:read')

/** A fact with its data parsed. */
export interface SeenFact {
  readonly name: string
  readonly sent?: object | undefined
  readonly value: Readonly<Record<string, unknown>>
}

/** Whether somebody may see a fact: of those of a queue, the ones of queues they may see. What somebody sent is of no queue, whatever
 *  its data says. */
export const maySee = (principal: Principal, { name, sent, value: { queue } }: SeenFact): boolean => {
  if (isOfEventsIn(name, sent !== undefined)) return mayReadEvents(principal)
  if (typeof queue === 'string') return allowsQueue(principal, queue)
  return !isOfAlerts(name) || principal.queues.includes('*')
}

/** Makes the test whether an entry interests a listener and concerns a queue it may see. */
export const interestOf = (
  principal: Principal,
  { topics, queues, tasks }: Interest,
): ((entry: TailEntry) => boolean) => {
  const wanted = new Map<string, boolean>()
  const wants = (live: string): boolean => {
    const known = wanted.get(live) ?? topics.some((topic) => matches(topic, live))
    wanted.set(live, known)
    return known
  }
  const [ofQueues, ofTasks] = [isOneOf('queue', queues), isOneOf('task_id', tasks)]
  return (entry) => wants(entry.live) && ofQueues(entry) && ofTasks(entry) && maySee(principal, entry)
}

/** Whether a fact of k1n's own names one of these, where some are given. */
const isOneOf = (member: 'queue' | 'task_id', given: readonly string[] | undefined): ((fact: SeenFact) => boolean) => {
  if (given === undefined) return () => true
  const names = new Set<unknown>(given)
  return ({ sent, value }) => sent === undefined && names.has(value[member])
}
