// Uses of operations, keys and figures.
import { get, patch, post, remove } from './use.ts'
import type { Made, Reply, Use } from './use.ts'

const dlq = '/error-recovery/dlq'
const operation = ({ operation: id = '' }: Made): string => `/operations/${id}`
export const operations: readonly Use[] = [
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
  get('getOperationFates', (made) => `${operation(made)}/fates`),
  post('cancelOperation', (made) => `${operation(made)}/cancel`),
  get('listOperations', () => '/operations'),
]

const key = ({ key: id = '' }: Made): string => `/api-keys/${id}`
export const others: readonly Use[] = [
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
  get('getApiKeyQuota', (made) => `${key(made)}/quota`),
  get('getApiKeyTouches', (made) => `${key(made)}/touches`),
  remove('deleteApiKey', key),
  get('listApiKeys', () => '/api-keys'),
  get('getMe', () => '/me'),
  get('getQuota', () => '/quota'),
  get('getPreferences', () => '/me/preferences'),
  patch(
    'editPreferences',
    () => '/me/preferences',
    () => ({ density: 'compact' }),
  ),
  get('listAudit', () => '/audit?limit=50'),
  get('getTimeseries', () => '/stats/timeseries?metric=outcomes'),
  get('getRetryMetrics', () => '/metrics/retry'),
  get('getOverview', () => '/stats/overview'),
  get('listAlerts', () => '/alerts?state=firing&state=resolved'),
  get('listAlertRules', () => '/alerts/rules'),
  get('getAlertRule', () => '/alerts/rules/no_worker'),
  patch(
    'editAlertRule',
    () => '/alerts/rules/no_worker',
    () => ({ for_s: 120 }),
  ),
  get('getAlertSeries', () => '/alerts/rules/no_worker/series'),
  post('createStreamTicket', () => '/stream/tickets'),
  get('pollStream', () => '/stream/events?topics=job:*,state:overview&wait=0'),
  get('getVersionUse', () => '/metrics/api-versions'),
  get('listVersions', () => ''),
]
