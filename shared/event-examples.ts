// What facts look like: an example of each, for the catalogue of webhooks, for tests of endpoints, and for the guides.
import type { z } from 'zod'
import type { AnyEvent } from './events.ts'

type DataOf<Name> = z.output<Extract<AnyEvent, { name: Name }>['data']>
type Examples = { readonly [Name in AnyEvent['name']]?: DataOf<Name> }

const ids = { task_id: 'mail:t_0199d2c4b1f07a3e9c52d1f0a6b7c8d9', queue: 'mail' }
const job = { ...ids, name: 'mail.send' }
const run = {
  ...job,
  attempt: 1,
  priority: 100,
  wait_ms: 12,
  started_at: '2026-11-22T10:00:00.000Z',
  worker_id: 'w_0199d2c4b1f07a3e9c52d1f0a6b7c8d9',
}
const over = { ...run, finished_at: '2026-11-22T10:00:00.843Z' }
const ended = { ...over, duration_ms: 843 }
const error = {
  name: 'HttpError',
  message: 'smtp.example answered 503',
  code: 'http_503',
  class: 'transient' as const,
}
const buried = { dlq_id: 'mail:t_0199d2c4b1f07a3e9c52d1f0a6b7c8d9~mhz3k8q0', ...ids }
const circuit = {
  service: 'smtp.example',
  failure_rate: 0.62,
  calls: 50,
  window_s: 60,
  opened_at: '2026-11-22T10:00:00.000Z',
  next_attempt_at: '2026-11-22T10:00:30.000Z',
  actor: null,
}
const operation = { operation_id: 'op_0199d2c4b1f07a3e9c52d1f0a6b7c8d9', kind: 'dlq.resubmit', reason: null }
const progress = { total: 1_200, done: 1_200, failed: 5, skipped: 7, rate_per_s: 240, eta: null }
const worker = {
  worker_id: 'w_0199d2c4b1f07a3e9c52d1f0a6b7c8d9',
  queues: ['mail', 'http'],
  host: 'web-1',
  last_seen_at: '2026-11-22T10:00:00.000Z',
}
const slot = '2026-11-22T10:00:00.000Z'
const schedule = { schedule_id: 'nightly-report', queue: 'reports' }
const changed = { ...schedule, actor: 'Ada', version: 3 }
const planned = { ...schedule, task_id: 'reports:t_nightly-report.1795341600000', scheduled_for: slot }
const endpoint = { webhook_id: 'wh_0199d2c4b1f07a3e9c52d1f0a6b7c8d9', subscriber: null, version: 7 }

const alert = {
  alert_id: 'al_0199d2c4b1f07a3e9c52d1f0a6b7c8d9',
  rule_id: 'failure_rate_critical' as const,
  severity: 'critical' as const,
  subject: { kind: 'queue' as const, id: 'mail', label: 'mail', queue: 'mail' },
  queue: 'mail',
}
const measured = {
  ...alert,
  title: '12.4 % of the jobs of mail fail',
  value: 0.124,
  threshold: 0.1,
  fired_at: '2026-11-22T10:02:00.000Z',
}

const examples: Examples = {
  'job.added': { ...job, state: 'waiting' },
  'job.active': { ...run, state: 'active' },
  'job.progress': { ...job, progress: 40 },
  'job.completed': { ...ended, state: 'completed' },
  'job.failed': { ...ended, state: 'failed', error },
  'job.stalled': { ...job, state: 'waiting' },
  'job.delayed': { ...job, state: 'delayed', run_at: '2026-11-22T10:05:00.000Z' },
  'job.expired': { ...job, state: 'expired', expires_at: '2026-11-22T10:00:00.000Z' },
  'job.cancelled': { ...job, state: 'cancelled', reason: 'The order was withdrawn.' },
  'job.skipped': { ...job, state: 'skipped', reason: 'Its invoice was paid by hand.' },
  'job.removed': { ...job, state: 'unknown' },
  'error_recovery.retry_attempt': {
    ...over,
    max_attempts: 5,
    strategy: 'exponential',
    delay_ms: 4_000,
    next_retry_at: '2026-11-22T10:00:04.843Z',
    error,
    will_retry: true,
  },
  'error_recovery.retry_exhausted': { ...job, attempts: 5, error, dlq_id: buried.dlq_id },
  'error_recovery.retry_succeeded': { ...ids, attempts: 3, duration_ms: 12_400 },
  'error_recovery.circuit_breaker_opened': {
    ...circuit,
    from: 'closed',
    to: 'open',
    reason: 'threshold',
    sequence: 4,
  },
  'error_recovery.circuit_breaker_half_opened': {
    ...circuit,
    from: 'open',
    to: 'half_open',
    reason: 'timeout',
    next_attempt_at: null,
    sequence: 5,
  },
  'error_recovery.circuit_breaker_closed': {
    ...circuit,
    from: 'half_open',
    to: 'closed',
    reason: 'probe_ok',
    opened_at: null,
    next_attempt_at: null,
    sequence: 6,
  },
  'service.changed': { service: 'smtp.example', change: 'edited', parts: ['budget'], actor: 'Ada', version: 3 },
  'error_recovery.dlq_entry_added': {
    ...buried,
    name: 'mail.send',
    reason: 'exhausted',
    error,
    attempts: 5,
    added_at: '2026-11-22T10:00:00.843Z',
    group: 'k3n5x2qa7mzb4tdw',
  },
  'error_recovery.dlq_entry_resubmitted': { ...buried, new_task_id: null, actor: 'Ada' },
  'error_recovery.dlq_entry_discarded': { ...buried, actor: 'Ada', restorable_until: '2026-11-29T10:00:00.000Z' },
  'error_recovery.dlq_entry_restored': { ...buried, actor: 'Ada' },
  'error_recovery.dlq_entries_expired': { queue: 'mail', count: 120, reason: 'age' },
  'operation.progress': {
    ...operation,
    status: 'running',
    progress: { ...progress, done: 480, eta: '2026-11-22T10:00:03.000Z' },
  },
  'operation.finished': { ...operation, status: 'succeeded', progress },
  'error_recovery.dlq_group_changed': {
    group_id: 'k3n5x2qa7mzb4tdw',
    title: 'HttpError: smtp.example answered 503',
    queue: 'mail',
    before: null,
    state: 'new',
    reason: 'appeared',
    actor: null,
  },
  'queue.paused': { queue: 'mail', actor: 'Ada' },
  'queue.resumed': { queue: 'mail', actor: 'Ada' },
  'queue.drained': { queue: 'mail', actor: null, task_id: ids.task_id },
  'queue.cleaned': { queue: 'mail', actor: 'Ada', count: 120 },
  'worker.online': worker,
  'worker.offline': { ...worker, exit: 'stopped' },
  'worker.stalled': worker,
  'scheduler.schedule_created': { ...changed, change: 'created' },
  'scheduler.schedule_updated': { ...changed, change: 'paused' },
  'scheduler.schedule_deleted': { ...changed, change: 'deleted' },
  'scheduler.schedule_triggered': {
    ...planned,
    triggered_at: '2026-11-22T10:00:00.012Z',
    lag_ms: 12,
    source: 'cron',
  },
  'scheduler.task_executed': {
    ...planned,
    outcome: 'completed',
    started_at: '2026-11-22T10:00:00.020Z',
    finished_at: '2026-11-22T10:00:04.020Z',
    duration_ms: 4_000,
    lag_ms: 20,
  },
  'scheduler.run_skipped': { ...schedule, scheduled_for: slot, until: slot, slots: 1, reason: 'overlap' },
  'scheduler.run_misfired': {
    ...schedule,
    scheduled_for: slot,
    until: '2026-11-22T12:00:00.000Z',
    slots: 3,
    reason: 'missed',
  },
  'webhook.endpoint_changed': { ...endpoint, change: 'edited', actor: 'Ada' },
  'webhook.endpoint_disabled': { ...endpoint, reason: 'gone', actor: null },
  'webhook.delivery_failed': {
    webhook_id: endpoint.webhook_id,
    delivery_id: 'dlv_k3n5x2qa7mzb4tdwk3n5x2qa7m',
    event_id: '1795341600000-0',
    event_type: 'job.failed',
    attempts: 10,
    reason: 'http_503',
  },
  'webhook.received': {
    source_id: 'src_5f0c1e2d3b4a59687766554433221100aabbccdd',
    event_id: 'evt_1PqX2m',
    payload: { type: 'invoice.paid', amount: 1_200 },
  },
  'event_source.changed': {
    source_id: 'src_5f0c1e2d3b4a59687766554433221100aabbccdd',
    name: 'Stripe',
    change: 'edited',
    actor: 'Ada',
    version: 3,
  },
  'alert.firing': measured,
  'alert.resolved': { ...measured, value: 0.02, worst: 0.31, resolved_at: '2026-11-22T10:09:00.000Z' },
  'alert.acknowledged': { ...alert, actor: 'Ada', note: 'The mail server is being restarted.' },
  'alert.silenced': { ...alert, actor: 'Ada', reason: 'maintenance', until: '2026-11-22T12:00:00.000Z' },
  'alert.rule_changed': { rule_id: 'failure_rate_critical', actor: 'Ada', version: 3 },
  'system.consumer_gap': { consumer: 'webhooks', from: '1795341600000-0', to: '1795341660000-4' },
  'system.gap': { queue: 'mail', from: '1795341600000-0', to: '1795341660000-4', recovered: 31 },
}

/** The data of an example; undefined for a name that no fact of k1n's own has. */
export const exampleOf = (name: string): Readonly<Record<string, unknown>> | undefined =>
  (examples as Readonly<Record<string, Readonly<Record<string, unknown>>>>)[name]
