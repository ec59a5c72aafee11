// An endpoint as it is shown: nothing of its secrets but their last characters.
import { toIso } from '../kernel/clock.ts'
import { counting } from './secrets.ts'
import type { Webhook } from './contract.ts'
import type { EndpointHealth, WebhookRecord } from './words.ts'

const isoOf = (at: number | null): string | null => (at === null ? null : toIso(at))

export const toWebhook = (record: WebhookRecord, health: EndpointHealth | undefined, now: number): Webhook => ({
  id: record.id,
  ...record.settings,
  enabled: record.enabled,
  disabled_reason: record.disabled?.reason ?? null,
  disabled_at: isoOf(record.disabled?.at ?? null),
  headers: record.headerNames,
  queues: record.queues,
  secret_hint: record.secrets[0]?.hint ?? '',
  secrets: counting(record.secrets, now).map(({ hint, createdAt, expiresAt }) => ({
    hint,
    created_at: toIso(createdAt),
    expires_at: isoOf(expiresAt),
  })),
  created_at: toIso(record.createdAt),
  created_by: record.by,
  updated_at: toIso(record.updatedAt),
  last_success_at: isoOf(health?.lastSuccessAt ?? null),
  last_failure_at: isoOf(health?.lastFailureAt ?? null),
  last_failure: lastFailureOf(health),
  consecutive_failures: health?.consecutiveFailures ?? 0,
  version: record.version,
})

const lastFailureOf = ({
  lastFailureAt = null,
  failedWith = null,
}: Partial<EndpointHealth> = {}): Webhook['last_failure'] =>
  lastFailureAt === null || failedWith === null
    ? null
    : { at: toIso(lastFailureAt), status_code: failedWith.status, error_code: failedWith.error }
