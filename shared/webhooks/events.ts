// Facts about webhooks themselves. An endpoint never hears of itself, nor one of a subscriber of another's.
import { z } from 'zod'
import { event } from '../kernel/event.ts'
import { DisabledReason } from './words.ts'

const told = {
  webhook_id: z.string(),
  subscriber: z.string().nullable(),
  version: z.int(),
}

export const EndpointChanged = event(
  'webhook.endpoint_changed',
  'webhook:endpoint-changed',
  'Somebody made, changed or deleted an endpoint that facts are sent to.',
  z.object({
    ...told,
    change: z.enum(['created', 'edited', 'enabled', 'secret_rotated', 'deleted']),
    actor: z.string(),
  }),
)

export const EndpointDisabled = event(
  'webhook.endpoint_disabled',
  'webhook:endpoint-disabled',
  'Nothing is sent to an endpoint any more until somebody enables it.',
  z.object({
    ...told,
    reason: DisabledReason,
    actor: z.string().nullable().describe('Null when k1n disabled it by itself.'),
  }),
)
