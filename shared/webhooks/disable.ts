// Disabling an endpoint that cannot be reached any more, by k1n itself.
import type { z } from 'zod'
import { createAudit } from '../audit/audit.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { disabled } from './decide.ts'
import type { WebhookStore } from './store.ts'
import type { DisabledReason } from './words.ts'

/** Disables an endpoint and tells it, once: what is disabled or gone already stays as it is, and so does one that somebody enabled
 *  after the version that was seen failing. Answers whether it was done. */
export const disableEndpoint = async (
  kernel: Kernel,
  store: WebhookStore,
  { id, version }: { id: string; version: number },
  reason: Exclude<z.output<typeof DisabledReason>, 'by_operator'>,
): Promise<boolean> => {
  const before = await store.find(id)
  if (before === undefined || !before.enabled || before.version !== version) return false
  const now = kernel.clock.now()
  const { next, told } = disabled({ ...before, updatedAt: now }, reason, { now, actor: null })
  if (typeof (await store.save(id, version, next, told)) !== 'number') return false
  await createAudit(kernel).note({
    action: 'disableWebhook',
    kind: 'webhook',
    target: id,
    reason,
    before: { enabled: true },
    after: { enabled: false },
  })
  return true
}
