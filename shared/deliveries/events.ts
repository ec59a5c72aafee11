// Facts about deliveries. They never leave by a webhook: an endpoint that fails would be told of its failures without end.
import { z } from 'zod'
import { event } from '../kernel/event.ts'

export const DeliveryGivenUp = event(
  'webhook.delivery_failed',
  'webhook:delivery-failed',
  'A fact did not arrive at an endpoint and is not tried again; it can be sent again by hand.',
  z.object({
    webhook_id: z.string(),
    delivery_id: z.string(),
    event_id: z.string(),
    event_type: z.string(),
    attempts: z.int(),
    reason: z.string(),
  }),
)
