// Routes of deliveries.
import { deliveries as rows } from '../../shared/deliveries/contract.ts'
import type { Rooms } from '../../shared/rooms.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'
import { underWay } from './operations.ts'

export const bindDeliveries = (bind: Bind, { deliveries }: Pick<Rooms, 'deliveries'>): void => {
  bind(rows.list, async ({ principal, params, query }) =>
    reply(200, await deliveries.list(principal, params.webhook_id, query)),
  )
  bind(rows.health, async ({ principal, params }) => reply(200, await deliveries.health(principal, params.webhook_id)))
  bind(rows.show, async ({ principal, params }) => reply(200, await deliveries.show(principal, params.delivery_id)))
  bind(rows.retry, async ({ principal, params }) => reply(202, await deliveries.retry(principal, params.delivery_id)))
  bind(rows.replay, async ({ principal, params, body: { dry_run: dryRun, ...terms }, idempotencyKey }) => {
    if (dryRun) return reply(200, await deliveries.preview(principal, params.webhook_id, terms))
    const operation = await deliveries.replay(principal, params.webhook_id, terms, { idempotencyKey })
    return reply(202, operation, underWay(operation.id))
  })
}
