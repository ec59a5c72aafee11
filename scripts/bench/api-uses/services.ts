// Uses of services and breakers.
import { get, patch, post, put, remove } from './use.ts'
import type { Made, Use } from './use.ts'

const breaker = ({ client = '' }: Made): string => `/error-recovery/circuit-breaker/svc-${client}`
export const services: readonly Use[] = [
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
  get('getServiceTouches', ({ n = '' }) => `/services/new-${n}/touches`),
  post(
    'replayService',
    ({ n = '' }) => `/services/new-${n}/what-if`,
    () => ({ force: 'closed' }),
  ),
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
    () => ({ reason: 'a drill', ttl_s: 60 }),
  ),
  post(
    'forceBreakerClosed',
    (made) => `${breaker(made)}/force-close`,
    () => ({ reason: 'a drill', ttl_s: 60 }),
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
