// All facts: the one list the stream, the webhooks and the documents know.
import * as breakers from './breakers/events.ts'
import * as dlq from './dlq/contract.ts'
import * as jobs from './jobs/events.ts'
import * as operations from './operations/contract.ts'
import * as queues from './queues/contract.ts'
import * as retries from './retries/contract.ts'
import * as schedules from './schedules/events.ts'
import * as services from './services/contract.ts'
import * as stream from './stream/contract.ts'
import * as triage from './triage/contract.ts'
import * as workers from './workers/contract.ts'
import type { EventKind } from './kernel/event.ts'

export const events = [
  jobs.JobAdded,
  jobs.JobActive,
  jobs.JobProgress,
  jobs.JobCompleted,
  jobs.JobFailed,
  jobs.JobStalled,
  jobs.JobDelayed,
  jobs.JobCancelled,
  jobs.JobRemoved,
  retries.RetryAttempt,
  retries.RetryExhausted,
  retries.RetrySucceeded,
  breakers.CircuitOpened,
  breakers.CircuitHalfOpened,
  breakers.CircuitClosed,
  services.ServiceChanged,
  schedules.ScheduleCreated,
  schedules.ScheduleUpdated,
  schedules.ScheduleDeleted,
  dlq.DlqEntryAdded,
  dlq.DlqEntryResubmitted,
  dlq.DlqEntryDiscarded,
  dlq.DlqEntryRestored,
  dlq.DlqEntriesExpired,
  operations.OperationProgressed,
  operations.OperationEnded,
  triage.DlqGroupChanged,
  queues.QueuePaused,
  queues.QueueResumed,
  queues.QueueDrained,
  queues.QueueCleaned,
  workers.WorkerOnline,
  workers.WorkerOffline,
  stream.GapFound,
] as const satisfies readonly EventKind[]

export type AnyEvent = (typeof events)[number]
export type EventName = AnyEvent['name']

/** Finds a kind by the name webhooks use. */
export const eventByName = new Map<string, EventKind>(events.map((kind) => [kind.name, kind]))
