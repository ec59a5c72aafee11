// Routes of events in: what clients send, the sources of other services' webhooks, and the webhooks themselves.
import { eventSources as sourceRows, events as rows, hooks as hookRows } from '../../shared/inbound/contract.ts'
import type { Rooms } from '../../shared/rooms.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'
import { readRaw } from '../http/body.ts'
import { etagOf, ifMatch } from '../http/conditions.ts'
import { hopOf } from '../http/hop.ts'
import { parsePayload } from '../http/payload.ts'

export const bindEvents = (bind: Bind, { inbound }: Rooms): void => {
  bind(rows.publish, async ({ principal, body, idempotencyKey, req }) =>
    reply(202, await inbound.publish(principal, body, { idempotencyKey, hop: hopOf(req) })),
  )
  bind(rows.publishMany, async ({ principal, body, idempotencyKey, req }) => {
    const results = await inbound.publishMany(principal, body.events, { idempotencyKey, hop: hopOf(req) })
    return reply(202, { results })
  })
  bind(rows.list, async ({ principal, query }) => reply(200, await inbound.list(principal, query)))
  bind(rows.show, async ({ principal, params }) => reply(200, await inbound.show(principal, params.event_id)))
  bindSources(bind, inbound)
  bindHooks(bind, inbound)
}

const bindSources = (bind: Bind, inbound: Rooms['inbound']): void => {
  bind(sourceRows.list, async ({ query }) => reply(200, await inbound.sources.list(query)))
  bind(sourceRows.create, async ({ principal, body }) => {
    const source = await inbound.sources.create(principal, body)
    return reply(201, source, { Location: `/api/v2/event-sources/${source.id}`, ...etagOf(source) })
  })
  bind(sourceRows.show, async ({ params }) => {
    const source = await inbound.sources.show(params.source_id)
    return reply(200, source, etagOf(source))
  })
  bind(sourceRows.edit, async ({ principal, params, body, req }) => {
    const source = await inbound.sources.edit(principal, params.source_id, body, ifMatch(req))
    return reply(200, source, etagOf(source))
  })
  bind(sourceRows.remove, async ({ principal, params, req }) => {
    await inbound.sources.remove(principal, params.source_id, ifMatch(req))
    return reply(204, null)
  })
  bind(sourceRows.rotate, async ({ principal, params, body, req }) => {
    const rotation = body ?? sourceRows.rotate.body.parse({})
    const source = await inbound.sources.rotate(principal, params.source_id, rotation, ifMatch(req))
    return reply(200, source, etagOf(source))
  })
}

const bindHooks = (bind: Bind, inbound: Rooms['inbound']): void => {
  bind(hookRows.receive, async ({ params, req }) => {
    const delivered = await inbound.receive({
      source: params.source_id,
      ip: req.socket.remoteAddress ?? '',
      headers: req.headers,
      hop: hopOf(req),
      read: () => readRaw(req, hookRows.receive.bodyLimit),
      parse: (raw) => parsePayload(raw, req.headers['content-type']),
    })
    return 'event_id' in delivered && !delivered.duplicate ? reply(202, delivered) : reply(200, delivered)
  })
}
