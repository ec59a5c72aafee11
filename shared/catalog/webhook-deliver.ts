// webhook.deliver: sends one fact to one endpoint. k1n adds these jobs itself; see `shared/deliveries`.
import { z } from 'zod'
import { kind } from './kind.ts'

export const webhookDeliver = kind({
  name: 'webhook.deliver',
  queue: 'k1n-webhooks',
  isOurs: true,
  summary: 'Sends one fact to one endpoint, signed. k1n adds these jobs itself.',
  payload: z.strictObject({
    webhook_id: z.string(),
    event_id: z.string(),
    event_type: z.string(),
    body: z.string().describe('The exact bytes that are signed and sent.'),
    ordered: z.literal(true).optional().describe('It waits for the deliveries before it.'),
    hop: z.int().min(1).optional().describe('How often what is sent went through k1n before.'),
  }),
  result: z.object({ status: z.int(), duration_ms: z.number() }),
  // The endpoint's own waits are what counts; these hold where a delivery fails for another reason.
  retry: { attempts: 31, backoff: { type: 'exponential', delay_ms: 5_000, max_ms: 300_000, jitter: 'equal' } },
  // An attempt has its own deadline; this one only catches one that does not end.
  timeoutMs: 60_000,
})
