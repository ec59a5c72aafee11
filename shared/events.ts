// All facts: the one list the stream, the webhooks and the documents know.
import * as alerts from './alerts/events.ts'
import * as breakers from './breakers/events.ts'
import * as deliveries from './deliveries/events.ts'
import * as dlq from './dlq/contract.ts'
import * as inbound from './inbound/contract.ts'
import * as jobs from './jobs/events.ts'
import * as operations from './operations/contract.ts'
import * as queues from './queues/contract.ts'
import * as retries from './retries/contract.ts'
import * as schedules from './schedules/events.ts'
import * as runs from './schedules/run-events.ts'
import * as services from './services/contract.ts'
import * as stream from './stream/contract.ts'
import * as triage from './triage/contract.ts'
import * as webhooks from './webhooks/events.ts'
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
  jobs.JobSkipped,
  jobs.JobExpired,
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
  runs.ScheduleTriggered,
  runs.TaskExecuted,
  runs.RunSkipped,
  runs.RunMisfired,
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
  workers.WorkerStalled,
  webhooks.EndpointChanged,
  webhooks.EndpointDisabled,
  stream.GapFound,
  stream.ConsumerGapFound,
  deliveries.DeliveryGivenUp,
  inbound.WebhookReceived,
  inbound.EventSourceChanged,
  alerts.AlertFiring,
  alerts.AlertResolved,
  alerts.AlertAcknowledged,
  alerts.AlertSilenced,
  alerts.AlertRuleChanged,
] as const satisfies readonly EventKind[]

export type AnyEvent = (typeof events)[number]
export type EventName = AnyEvent['name']

/** Finds a kind by the name webhooks use. */
export const eventByName = new Map<string, EventKind>(events.map((kind) => [kind.name, kind]))

/** First words of names that k1n will tell of later. */
const KEPT_FREE = ['flag', 'k1n', 'quota', 'scheduler', 'webhook', 'workflow']
const firstWord = (name: string): string => name.split('.', 1)[0] ?? name
const ownWords = new Set([...events.map(({ name }) => firstWord(name)), ...KEPT_FREE])

/** First words of names that are k1n's own, in order: nobody else's events begin with one. */
export const OWN_WORDS: readonly string[] = [...ownWords].sort()

/** Whether an event of this name could only be told by k1n itself. */
export const isOwnName = (name: string): boolean => ownWords.has(firstWord(name))

/** Whether a fact is for those only who may read events: what was sent from outside, and which event sources there are, as the id of
 *  one where nothing is signed is all it takes to send. */
export const isOfEventsIn = (name: string, isSent: boolean): boolean =>
  isSent || name === inbound.EventSourceChanged.name

/** Whether a fact tells of what belongs to no queue or to one, and in the former case is for those only who may see every queue. */
export const isOfAlerts = (name: string): boolean => firstWord(name) === 'alert'

/** What the stream calls a fact: the kind's own live name, `event:<name>` for what came from outside. Undefined for a name that
 *  this version does not know. */
export const liveName = (name: string, isSent: boolean): string | undefined =>
  eventByName.get(name)?.live ?? (isSent ? `event:${name}` : undefined)
