// What an endpoint becomes when it is made, changed, enabled, disabled or given another secret.
import type { z } from 'zod'
import type { Principal } from '../auth/contract.ts'
import type { Vault } from '../kernel/vault.ts'
import { mayHearOutside } from './access.ts'
import type { Change } from './changes.ts'
import type { WebhookCreate, WebhookPatch } from './contract.ts'
import { EndpointChanged, EndpointDisabled } from './events.ts'
import { rotated, sealHeaders, sealSecret } from './secrets.ts'
import type { Told } from './store.ts'
import { WebhookSettings } from './words.ts'
import type { DisabledReason, WebhookDraft, WebhookRecord } from './words.ts'

type ChangeName = z.output<typeof EndpointChanged.data>['change']

export const changed = (
  { id, settings }: Pick<WebhookDraft, 'id' | 'settings'>,
  change: ChangeName,
  actor: string,
): Told => ({
  kind: EndpointChanged,
  data: { webhook_id: id, subscriber: settings.subscriber, change, actor },
})

/** A new endpoint, with the headers as they were checked. */
export const drafted = (
  vault: Vault,
  principal: Principal,
  { headers, secret, ...settings }: WebhookCreate & { secret: string },
  { id, now }: { id: string; now: number },
): WebhookDraft => ({
  id,
  settings,
  queues: [...principal.queues],
  outside: mayHearOutside(principal),
  enabled: true,
  disabled: null,
  secrets: [sealSecret(vault, id, secret, now)],
  sealedHeaders: sealHeaders(vault, id, headers),
  headerNames: Object.keys(headers).sort(),
  createdAt: now,
  updatedAt: now,
  by: principal.name,
})

/** An endpoint with what was asked for, its headers as they were checked. */
export const edited = (
  vault: Vault,
  before: WebhookRecord,
  { headers, enabled = before.enabled, ...settings }: WebhookPatch,
  { now, actor }: { now: number; actor: string },
): Change => {
  const draft: WebhookDraft = {
    ...before,
    settings: WebhookSettings.parse({ ...before.settings, ...settings }),
    ...(headers && { sealedHeaders: sealHeaders(vault, before.id, headers), headerNames: Object.keys(headers).sort() }),
  }
  if (enabled === before.enabled) return { next: draft, told: changed(draft, 'edited', actor) }
  if (!enabled) return disabled(draft, 'by_operator', { now, actor })
  return { next: { ...draft, enabled: true, disabled: null }, told: changed(draft, 'enabled', actor) }
}

/** An endpoint that nothing is sent to any more. `actor` is null when k1n does it by itself. */
export const disabled = (
  draft: WebhookDraft,
  reason: z.output<typeof DisabledReason>,
  { now, actor }: { now: number; actor: string | null },
): Change => ({
  next: { ...draft, enabled: false, disabled: { reason, at: now } },
  told: {
    kind: EndpointDisabled,
    data: { webhook_id: draft.id, subscriber: draft.settings.subscriber, reason, actor },
  },
})

/** An endpoint with a new secret; the one before signs a while longer. */
export const resecreted = (
  vault: Vault,
  before: WebhookRecord,
  secret: string,
  { graceMs, now, actor }: { graceMs: number; now: number; actor: string },
): Change => ({
  next: { ...before, secrets: rotated(before.secrets, sealSecret(vault, before.id, secret, now), now, graceMs) },
  told: changed(before, 'secret_rotated', actor),
})
