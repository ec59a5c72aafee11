// What clients do with the API, route by route: each use follows from what those before it made, so that all of them succeed.
import { payloadOf } from './catalog.ts'

/** What a client has made so far, and what it says of itself. */
export type Made = Record<string, string>

/** One request. `keep` takes from its reply what later ones need. */
export interface Use {
  /** The operation of the contract. */
  readonly id: string
  readonly method: string
  readonly path: (made: Made) => string
  readonly body?: (made: Made) => unknown
  readonly headers?: (made: Made) => Readonly<Record<string, string>>
  readonly keep?: (reply: Reply, made: Made) => void
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- replies of every shape are looked into.
export type Reply = any

/** Operations that are not synchronous, or not asked by programs again and again, each with why. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  openEventStream: 'stays open',
  createImport: 'takes as long as its upload',
  testWebhook: 'waits for an endpoint',
  adoptScheduler: 'once for each scheduler of another service',
  receiveWebhook: 'has a signature instead of a key',
  signIn: 'a person',
  signOut: 'a person',
  getSession: 'a person',
  resetSchedule: 'only for those declared in code',
  undoOperation: 'once an operation has ended',
}

const get = (id: string, path: Use['path'], keep?: Use['keep']): Use => ({
  id,
  method: 'GET',
  path,
  ...(keep && { keep }),
})
const send =
  (method: string) =>
  (id: string, path: Use['path'], body?: Use['body'], keep?: Use['keep']): Use => ({
    ...{ id, method, path },
    ...(body && { body }),
    ...(keep && { keep }),
  })
const [post, put, patch] = [send('POST'), send('PUT'), send('PATCH')]
const remove = (id: string, path: Use['path']): Use => ({ id, method: 'DELETE', path })

const job = (n: string) => ({ name: 'noop', data: payloadOf(Number(n)) })

const jobs: readonly Use[] = [
  post(
    'createJob',
    () => '/jobs',
    ({ n = '' }) => job(n),
  ),
  post(
    'createJob',
    () => '/jobs',
    ({ n = '' }) => ({ ...job(n), delay_ms: 600_000, tags: ['later'] }),
    ({ id }: Reply, made) => (made['job'] = id as string),
  ),
  post(
    'createJobs',
    () => '/jobs/bulk',
    ({ n = '' }) => ({ jobs: Array.from({ length: 20 }, () => job(n)) }),
  ),
  get('listJobs', () => '/jobs?limit=50'),
  get('listJobs', () => '/jobs?state=waiting&queue=backlog&limit=50'),
  ...(
    [
      ['getJob', ''],
      ['listAttempts', '/attempts'],
      ['listJobLogs', '/logs'],
      ['getJobResult', '/result'],
      ['explainJob', '/explain'],
    ] as const
  ).map(([id, end]) => get(id, ({ job = '' }) => `/jobs/${job}${end}`)),
  post('promoteJob', ({ job = '' }) => `/jobs/${job}/promote`),
  post(
    'createJob',
    () => '/jobs',
    ({ n = '' }) => ({ ...job(n), delay_ms: 600_000 }),
    ({ id }: Reply, made) => (made['job'] = id as string),
  ),
  post(
    'cancelJob',
    ({ job = '' }) => `/jobs/${job}/cancel`,
    () => ({ reason: 'of no use any more' }),
  ),
]

const queues: readonly Use[] = [
  get('listQueues', () => '/queues'),
  get('getQueue', () => '/queues/bench'),
  post(
    'pauseQueue',
    ({ client = '' }) => `/queues/aside-${client}/pause`,
    () => ({ reason: 'a look at it' }),
  ),
  post('resumeQueue', ({ client = '' }) => `/queues/aside-${client}/resume`),
]

const dlq = '/error-recovery/dlq'
const dead = (made: Made): string => made['dead'] ?? ''
const nextDead = (page: string, at: string): Use =>
  get(
    'listDeadLetters',
    () => `${dlq}/entries?queue=inbox&limit=25${page}`,
    ({ data }: Reply, made) => {
      const { id, job_id } = data[Number(made[at]) % 25] as { id: string; job_id: string }
      Object.assign(made, { dead: encodeURIComponent(id), deadJob: job_id })
    },
  )
const letters: readonly Use[] = [
  nextDead('', 'client'),
  get('getDeadLetter', (made) => `${dlq}/entries/${dead(made)}`),
  patch(
    'updateDeadLetter',
    (made) => `${dlq}/entries/${dead(made)}`,
    () => ({ note: 'seen' }),
  ),
  get('getRetryState', ({ deadJob = '' }) => `/error-recovery/retry/${deadJob}`),
  post('retryTask', ({ deadJob = '' }) => `/error-recovery/retry/${deadJob}/retry`),
  nextDead('&error_name=SmtpError', 'client'),
  post('retryJob', ({ deadJob = '' }) => `/jobs/${deadJob}/retry`),
  nextDead('&q=of', 'client'),
  post(
    'resubmitDeadLetter',
    (made) => `${dlq}/${dead(made)}/resubmit`,
    () => ({}),
  ),
  nextDead('&sort=created_at', 'client'),
  remove('discardDeadLetter', (made) => `${dlq}/entries/${dead(made)}`),
  post('restoreDeadLetter', (made) => `${dlq}/entries/${dead(made)}/restore`),
  post(
    'resubmitDeadLetters',
    () => `${dlq}/resubmit`,
    () => ({ filter: { queue: ['inbox'] }, limit: 50, dry_run: true }),
  ),
  post(
    'discardDeadLetters',
    () => `${dlq}/purge`,
    () => ({ filter: { queue: ['inbox'] }, limit: 50, dry_run: true }),
  ),
  get(
    'listDlqGroups',
    () => `${dlq}/groups?limit=50`,
    ({ data }: Reply, made) => {
      const all = data as { id: string }[]
      Object.assign(made, {
        group: all[Number(made['client']) % all.length]?.id,
        other: all[(Number(made['client']) + 20) % all.length]?.id,
      })
    },
  ),
  get('getDlqGroup', ({ group = '' }) => `${dlq}/groups/${group}`),
  patch(
    'updateDlqGroup',
    ({ group = '' }) => `${dlq}/groups/${group}`,
    () => ({ note: 'known' }),
  ),
  post(
    'updateDlqGroups',
    () => `${dlq}/groups/actions/update`,
    ({ group = '' }) => ({ group_ids: [group], assignee: 'ada' }),
  ),
  post(
    'mergeDlqGroup',
    ({ group = '' }) => `${dlq}/groups/${group}/merge`,
    ({ other = '' }) => ({ into: other }),
  ),
  post(
    'splitDlqGroup',
    ({ other = '' }) => `${dlq}/groups/${other}/split`,
    ({ group = '' }) => ({ fingerprint: [group] }),
  ),
  get('getDlqMetrics', () => '/metrics/dlq'),
]

const breaker = ({ client = '' }: Made): string => `/error-recovery/circuit-breaker/svc-${client}`
const services: readonly Use[] = [
  post(
    'createService',
    () => '/services',
    ({ n = '' }) => ({ name: `new-${n}`, summary: 'A service.' }),
  ),
  put(
    'putService',
    ({ n = '' }) => `/services/new-${n}`,
    () => ({ summary: 'The same.' }),
  ),
  get('getService', ({ n = '' }) => `/services/new-${n}`),
  patch(
    'editService',
    ({ n = '' }) => `/services/new-${n}`,
    () => ({ summary: 'Another one.' }),
  ),
  get('getServiceQuota', ({ n = '' }) => `/services/new-${n}/quota`),
  remove('deleteService', ({ n = '' }) => `/services/new-${n}`),
  get('listServices', () => '/services'),
  get('listBreakers', () => '/error-recovery/circuit-breaker'),
  get('getBreakerTimeline', () => '/error-recovery/circuit-breaker/timeline'),
  get('getBreakerMetrics', () => '/metrics/circuit-breaker'),
  get('getBreaker', breaker),
  patch(
    'configureBreaker',
    (made) => `${breaker(made)}/config`,
    () => ({ failure_rate_threshold: 0.4 }),
  ),
  post(
    'replayBreaker',
    (made) => `${breaker(made)}/what-if`,
    () => ({ failure_rate_threshold: 0.3 }),
  ),
  post(
    'forceBreakerOpen',
    (made) => `${breaker(made)}/force-open`,
    () => ({ reason: 'a drill', ttl_ms: 60_000 }),
  ),
  post(
    'forceBreakerClosed',
    (made) => `${breaker(made)}/force-close`,
    () => ({ reason: 'a drill', ttl_ms: 60_000 }),
  ),
  post(
    'disableBreaker',
    (made) => `${breaker(made)}/disable`,
    () => ({ reason: 'a drill' }),
  ),
  post(
    'letBreakerDecide',
    (made) => `${breaker(made)}/auto`,
    () => ({}),
  ),
  post(
    'resetBreaker',
    (made) => `${breaker(made)}/reset`,
    () => ({}),
  ),
]

const trigger = { type: 'cron', expression: '0 3 * * *', timezone: 'Europe/Berlin' }
const schedule = ({ n = '' }: Made): string => `/scheduler/schedules/s-${n}`
const schedules: readonly Use[] = [
  post(
    'createSchedule',
    () => '/scheduler/schedules',
    ({ n = '' }) => ({ id: `s-${n}`, name: 'Every night', job_name: 'noop', data: payloadOf(1), trigger }),
  ),
  put('putSchedule', schedule, () => ({ name: 'Each night', job_name: 'noop', data: payloadOf(1), trigger })),
  get('getSchedule', schedule),
  patch('editSchedule', schedule, () => ({ overlap: 'skip' })),
  post(
    'pauseSchedule',
    (made) => `${schedule(made)}/pause`,
    () => ({ reason: 'a holiday' }),
  ),
  post('resumeSchedule', (made) => `${schedule(made)}/resume`),
  get('previewSchedule', (made) => `${schedule(made)}/preview`),
  post(
    'triggerSchedule',
    (made) => `${schedule(made)}/trigger`,
    () => ({}),
  ),
  get('listScheduleRuns', (made) => `${schedule(made)}/runs`),
  remove('deleteSchedule', schedule),
  post(
    'validateTrigger',
    () => '/scheduler/validate',
    () => ({ trigger }),
  ),
  get('listSchedules', () => '/scheduler/schedules'),
  get('listForeignSchedulers', () => '/scheduler/foreign'),
  get('listUpcomingRuns', () => '/scheduler/upcoming'),
  get('listSchedulerHistory', () => '/scheduler/history'),
  get('getSchedulerMetrics', () => '/metrics/scheduler'),
]

const source = ({ source: id = '' }: Made): string => `/event-sources/${id}`
const events: readonly Use[] = [
  post(
    'publishEvent',
    () => '/events',
    ({ n = '' }) => ({ event: 'bench.told', data: { n } }),
    ({ event_id }: Reply, made) => (made['event'] = event_id as string),
  ),
  post(
    'publishEvents',
    () => '/events/bulk',
    ({ n = '' }) => ({ events: Array.from({ length: 10 }, (_, at) => ({ event: 'bench.heard', data: { n, at } })) }),
  ),
  get('getEvent', ({ event = '' }) => `/events/${event}`),
  get('listEvents', () => '/events?limit=50'),
  post(
    'createEventSource',
    () => '/event-sources',
    ({ n = '' }) => ({ name: `source ${n}`, verify: { scheme: 'standard_webhooks' } }),
    ({ id }: Reply, made) => (made['source'] = id as string),
  ),
  get('getEventSource', source),
  patch('editEventSource', source, () => ({ enabled: false })),
  post(
    'rotateEventSourceSecret',
    (made) => `${source(made)}/secret/rotate`,
    () => ({}),
  ),
  remove('deleteEventSource', source),
  get('listEventSources', () => '/event-sources'),
]

const hook = ({ hook: id = '' }: Made): string => `/webhooks/${id}`
const webhooks: readonly Use[] = [
  post(
    'createWebhook',
    () => '/webhooks',
    ({ sink = '' }) => ({ url: `${sink}/made`, event_types: ['bench.never'] }),
    ({ id }: Reply, made) => (made['hook'] = id as string),
  ),
  get('getWebhook', hook),
  patch('editWebhook', hook, () => ({ description: 'of use' })),
  post(
    'rotateWebhookSecret',
    (made) => `${hook(made)}/secret/rotate`,
    () => ({}),
  ),
  get('getWebhookHealth', (made) => `${hook(made)}/health`),
  remove('deleteWebhook', hook),
  get('listWebhooks', () => '/webhooks'),
  get('listEventTypes', () => '/webhooks/event-types'),
  get(
    'listDeliveries',
    ({ told = '' }) => `/webhooks/${told}/deliveries?limit=50`,
    ({ data }: Reply, made) => (made['delivery'] = (data as { id: string }[])[0]?.id ?? ''),
  ),
  get('getDelivery', ({ delivery = '' }) => `/webhooks/deliveries/${delivery}`),
  post('retryDelivery', ({ delivery = '' }) => `/webhooks/deliveries/${delivery}/retry`),
  post(
    'replayWebhook',
    ({ told = '' }) => `/webhooks/${told}/replay`,
    () => ({ select: 'failed', since: new Date(Date.now() - 60_000).toISOString(), dry_run: true }),
  ),
]

const operation = ({ operation: id = '' }: Made): string => `/operations/${id}`
const operations: readonly Use[] = [
  post(
    'resubmitDeadLetters',
    () => `${dlq}/resubmit`,
    () => ({ filter: { queue: ['inbox'], error_name: ['TimeoutError'] }, limit: 5 }),
    ({ id }: Reply, made) => (made['operation'] = id as string),
  ),
  get('getOperation', operation),
  post('pauseOperation', (made) => `${operation(made)}/pause`),
  post(
    'paceOperation',
    (made) => `${operation(made)}/pace`,
    () => ({ per_s: 10 }),
  ),
  post('resumeOperation', (made) => `${operation(made)}/resume`),
  get('listOperationResults', (made) => `${operation(made)}/results`),
  post('cancelOperation', (made) => `${operation(made)}/cancel`),
  get('listOperations', () => '/operations'),
]

const key = ({ key: id = '' }: Made): string => `/api-keys/${id}`
const others: readonly Use[] = [
  post(
    'createApiKey',
    () => '/api-keys',
    ({ n = '' }) => ({ name: `key ${n}`, scopes: ['jobs:read'] }),
    ({ id }: Reply, made) => (made['key'] = id as string),
  ),
  get('getApiKey', key),
  patch('editApiKey', key, () => ({ name: 'another one' })),
  post(
    'rotateApiKey',
    (made) => `${key(made)}/rotate`,
    () => ({}),
  ),
  remove('deleteApiKey', key),
  get('listApiKeys', () => '/api-keys'),
  get('getMe', () => '/me'),
  get(
    'listSpans',
    () => `/timeline/spans?from=${new Date(Date.now() - 60_000).toISOString()}&to=${new Date().toISOString()}`,
  ),
  get('getTimeseries', () => '/stats/timeseries?metric=completed'),
  get('getRetryMetrics', () => '/metrics/retry'),
  get('getOverview', () => '/stats/overview'),
  post('createStreamTicket', () => '/stream/tickets'),
  get('pollStream', () => '/stream/events?wait=0'),
  get('getVersionUse', () => '/metrics/api-versions'),
  get('listVersions', () => ''),
]

/** Chains of uses: within one, each follows from those before it. */
export const CHAINS: readonly (readonly Use[])[] = [
  jobs,
  queues,
  letters,
  services,
  schedules,
  events,
  webhooks,
  operations,
  others,
]
