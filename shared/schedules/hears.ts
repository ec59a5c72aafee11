// What schedules hear of that wait for events: no more than whoever let them wait may read.
import { isDeepStrictEqual } from 'node:util'
import type { Principal } from '../auth/contract.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import { isOfEventsIn, isOwnName } from '../events.ts'
import { ResourceForbidden } from '../kernel/problems.ts'
import type { ScheduleDefinition, ScheduleRecord } from './definition.ts'

type Hears = NonNullable<ScheduleRecord['hears']>
type Before = Pick<ScheduleRecord, 'definition' | 'declared' | 'hears'>

/** Whether a schedule may be told. What somebody sent is of no queue, whatever its data says. */
export const mayHear = (
  { hears }: Pick<ScheduleRecord, 'hears'>,
  { name, data, isOwn }: { name: string; data: unknown; isOwn: boolean },
): boolean => {
  if (hears === undefined) return true
  if (isOfEventsIn(name, !isOwn)) return hears.outside
  const { queue } = data as { queue?: unknown }
  return typeof queue !== 'string' || allowsQueue(hears, queue)
}

/** What a schedule of this definition hears of when somebody gives it: all of what code says, else what it heard of before, or what
 *  they may read where it waited for no event. Nobody directs elsewhere what they may not read. Problem: `resource-forbidden`. */
export const hearsOf = (
  principal: Principal,
  definition: ScheduleDefinition,
  before: Before | undefined,
): Hears | undefined => {
  const waited = before !== undefined && isOnEvents(before.definition)
  if (waited) mustHear(principal, before)
  if (!isOnEvents(definition) || isDeepStrictEqual(definition, before?.declared)) return undefined
  return waited ? before.hears : fresh(principal, definition)
}

/** Who waits for what they may not read is told so, instead of waiting for ever. */
const fresh = (principal: Principal, { trigger }: ScheduleDefinition): Hears => {
  const outside = readsEvents(principal)
  if (!outside && trigger.type === 'event' && trigger.event !== '*' && !isOwnName(trigger.event))
    throw ResourceForbidden(`What is called ${trigger.event} comes from outside; hearing of it takes events:read.`)
  return { queues: [...principal.queues], outside }
}

const isOnEvents = ({ trigger }: ScheduleDefinition): boolean => trigger.type === 'event'

const readsEvents = ({ scopes }: Principal): boolean => scopes.includes('events:read')

/** What it hears of, as it is shown; null for one that waits for no event. */
export const shownHears = ({ definition, hears = EVERYTHING }: Before): { queues: string[]; outside: boolean } | null =>
  isOnEvents(definition) ? { queues: [...hears.queues], outside: hears.outside } : null

const EVERYTHING: Hears = { queues: ['*'], outside: true }

const mustHear = (principal: Principal, { hears: { queues, outside } = EVERYTHING }: Before): void => {
  const seesQueues = principal.queues.includes('*') || queues.every((queue) => principal.queues.includes(queue))
  if (!seesQueues)
    throw ResourceForbidden(
      `The schedule hears of ${queues.join(', ')}; your key sees ${principal.queues.join(', ')}. Make one of your own.`,
    )
  if (outside && !readsEvents(principal))
    throw ResourceForbidden(
      'The schedule hears of events from outside; your key lacks events:read. Make one of your own.',
    )
}
