// What each operation of a batch does: the verbs of the rooms, given many things at once.
import { discardEach, resubmitEach } from '../dlq/many.ts'
import type { DeadItem } from '../dlq/many.ts'
import { WebhookReceived } from '../inbound/contract.ts'
import type { EventInput } from '../inbound/contract.ts'
import { publishMany, reused } from '../inbound/publish.ts'
import type { React } from '../inbound/react.ts'
import { setDelayMany, setPriorityMany } from '../jobs/change-many.ts'
import { PRIORITIES } from '../jobs/contract.ts'
import { cancelMany, skipMany } from '../jobs/end-many.ts'
import type { Found } from '../jobs/look-many.ts'
import type { Asked, Came } from '../jobs/many.ts'
import { promoteMany, retryMany } from '../jobs/retry-many.ts'
import { hashId } from '../kernel/ids.ts'
import type { Asker } from '../operations/kind.ts'
import type { Looking, Subject } from './look.ts'
import type { BatchOp, OpName } from './words.ts'

/** What a batch is performed with. `react` starts what waits for an event. */
export interface Performing extends Looking {
  readonly react: React
}

/** How the operations of one batch are performed. */
export interface How extends Asked {
  readonly asker: Asker
  /** How often what led to this went through k1n before. */
  readonly hop: number
}

/** One operation with what it is about. */
export interface Entry<Name extends OpName = OpName> {
  readonly index: number
  readonly op: Extract<BatchOp, { op: Name }>
  readonly subject: Subject
}

type About = Pick<Entry, 'subject'>
type Verb<Name extends OpName> = (room: Performing, entries: readonly Entry<Name>[], how: How) => Promise<Came[]>

const jobOf = ({ subject }: About): Found => {
  if (subject.is !== 'job') throw new Error('an operation on a job is about something else')
  return subject.found
}

const deadOf = ({ subject }: About): DeadItem => {
  if (subject.is !== 'dead') throw new Error('an operation on a dead letter is about something else')
  return subject.dead
}

type Priority = Extract<BatchOp, { op: 'set_priority' }>['priority']
export const priorityOf = (priority: Priority): number =>
  typeof priority === 'number' ? priority : PRIORITIES[priority]

export const delayOf = ({ delay_ms, run_at }: { delay_ms?: number | undefined; run_at?: string | undefined }) =>
  delay_ms ?? { until: Date.parse(run_at ?? '') }

/** Names of k1n's own that may be triggered. */
export const TRIGGERABLE: readonly string[] = [WebhookReceived.name]

/** What is told. A webhook that nobody sent looks like one that came in, so that who waits for those can be tried. */
export const eventOf = ({ op: _op, ...input }: Extract<BatchOp, { op: 'trigger' }>, id = input.id): EventInput => {
  const data =
    input.event === WebhookReceived.name
      ? { source_id: 'batch', event_id: id ?? null, payload: input.data }
      : input.data
  return { ...input, data, id }
}

export const verbs: { readonly [Name in OpName]: Verb<Name> } = {
  retry: ({ steering }, entries, how) =>
    retryMany(
      steering,
      entries.map((entry) => ({
        ...jobOf(entry),
        resetAttempts: entry.op.reset_attempts,
        delayMs: entry.op.delay_ms,
      })),
      how,
    ),
  skip: ({ steering }, entries, how) =>
    skipMany(steering, entries.map((entry) => ({ ...jobOf(entry), reason: entry.op.reason })), how), // prettier-ignore
  cancel: ({ steering }, entries, how) =>
    cancelMany(steering, entries.map((entry) => ({ ...jobOf(entry), reason: entry.op.reason })), how), // prettier-ignore
  promote: ({ steering }, entries, how) => promoteMany(steering, entries.map(jobOf), how),
  set_priority: ({ steering }, entries, how) =>
    setPriorityMany(
      steering,
      entries.map((entry) => ({ ...jobOf(entry), priority: priorityOf(entry.op.priority) })),
      how,
    ),
  set_delay: ({ steering }, entries, how) =>
    setDelayMany(steering, entries.map((entry) => ({ ...jobOf(entry), delayMs: delayOf(entry.op) })), how), // prettier-ignore
  resubmit: ({ steering }, entries, how) =>
    resubmitEach(
      steering,
      entries.map((entry) => ({
        ...deadOf(entry),
        resetAttempts: entry.op.reset_attempts,
        delayMs: entry.op.delay_ms,
      })),
      how,
    ),
  discard: ({ steering }, entries, how) => discardEach(steering, entries.map(deadOf), how),
  trigger: async ({ steering: { kernel }, react }, entries, how) => {
    if (how.dryRun) return entries.map(() => ({ status: 202, data: {} }))
    // The same id whenever the batch is performed again: an event happens once.
    const inputs = entries.map(({ index, op }) =>
      eventOf(op, op.id ?? `evt_i${hashId(31, how.asker.id, how.mark, String(index))}`),
    )
    const told = await publishMany(kernel, react, how.asker, inputs, { hop: how.hop, own: TRIGGERABLE })
    return told.map(({ event_id, status, duplicate, matched, problem }) =>
      problem ? reused(event_id) : { status, data: { event_id, duplicate, matched } },
    )
  },
}

/** The scope that each needs beside `batch:write`, as its own route does. */
export const SCOPE_OF = {
  retry: 'jobs:manage',
  skip: 'jobs:manage',
  cancel: 'jobs:manage',
  promote: 'jobs:manage',
  set_priority: 'jobs:manage',
  set_delay: 'jobs:manage',
  resubmit: 'recovery:write',
  discard: 'recovery:write',
  trigger: 'events:write',
} as const satisfies Record<OpName, string>
