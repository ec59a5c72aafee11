// Routes of services.
import type { Rooms } from '../../shared/rooms.ts'
import { services as rows } from '../../shared/services/contract.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'
import { etagOf, ifMatch, mustBeNew } from '../http/conditions.ts'

const at = (name: string): Record<string, string> => ({ Location: `/api/v2/services/${encodeURIComponent(name)}` })

export const bindServices = (bind: Bind, { services, budgets }: Rooms): void => {
  bind(rows.list, async ({ query }) => reply(200, await services.list(query)))
  bind(rows.create, async ({ principal, body }) => {
    const service = await services.create(principal, body)
    return reply(201, service, { ...at(service.name), ...etagOf(service) })
  })
  bind(rows.show, async ({ params }) => {
    const service = await services.show(params.service)
    return reply(200, service, etagOf(service))
  })
  bind(rows.quota, async ({ params }) => {
    const { name, budget } = await services.show(params.service)
    return reply(200, await budgets.quotaOf(name, budget))
  })
  bind(rows.replace, async ({ principal, params, body, req }) => {
    const condition = { versions: ifMatch(req), isNew: mustBeNew(req) }
    const { service, created } = await services.replace(principal, params.service, body, condition)
    return created
      ? reply(201, service, { ...at(service.name), ...etagOf(service) })
      : reply(200, service, etagOf(service))
  })
  bind(rows.edit, async ({ principal, params, body, req }) => {
    const service = await services.edit(principal, params.service, body, { versions: ifMatch(req) })
    return reply(200, service, etagOf(service))
  })
  bind(rows.remove, async ({ principal, params, req }) => {
    await services.remove(principal, params.service, { versions: ifMatch(req) })
    return reply(204, null)
  })
}
