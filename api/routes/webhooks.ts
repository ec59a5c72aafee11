// Routes of webhooks.
import type { Rooms } from '../../shared/rooms.ts'
import { SecretRotation, webhooks as rows } from '../../shared/webhooks/contract.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'
import { etagOf, ifMatch } from '../http/conditions.ts'

export const bindWebhooks = (bind: Bind, { webhooks }: Rooms): void => {
  bind(rows.eventTypes, async ({ principal }) => reply(200, { data: webhooks.eventTypes(principal) }))
  bind(rows.list, async ({ principal, query }) => reply(200, await webhooks.list(principal, query)))
  bind(rows.create, async ({ principal, body }) => {
    const webhook = await webhooks.create(principal, body)
    return reply(201, webhook, { Location: `/api/v2/webhooks/${webhook.id}`, ...etagOf(webhook) })
  })
  bind(rows.show, async ({ principal, params }) => {
    const webhook = await webhooks.show(principal, params.webhook_id)
    return reply(200, webhook, etagOf(webhook))
  })
  bind(rows.edit, async ({ principal, params, body, req }) => {
    const webhook = await webhooks.edit(principal, params.webhook_id, body, { versions: ifMatch(req) })
    return reply(200, webhook, etagOf(webhook))
  })
  bind(rows.remove, async ({ principal, params, req }) => {
    await webhooks.remove(principal, params.webhook_id, { versions: ifMatch(req) })
    return reply(204, null)
  })
  bind(rows.rotate, async ({ principal, params, body, req }) => {
    const rotation = body ?? SecretRotation.parse({})
    const rotated = await webhooks.rotate(principal, params.webhook_id, rotation, { versions: ifMatch(req) })
    return reply(200, rotated, etagOf(rotated.webhook))
  })
  bind(rows.test, async ({ principal, params, body }) =>
    reply(200, await webhooks.test(principal, params.webhook_id, body?.event_type)),
  )
}
