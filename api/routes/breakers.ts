// Routes of circuit breakers.
import { breakers as rows } from '../../shared/breakers/contract.ts'
import type { Breaker } from '../../shared/breakers/contract.ts'
import type { Rooms } from '../../shared/rooms.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'
import { etagOf, ifMatch } from '../http/conditions.ts'

const shown = (breaker: Breaker) => reply(200, breaker, etagOf(breaker))

export const bindBreakers = (bind: Bind, { breakers, rewind }: Rooms): void => {
  bind(rows.list, async ({ query: { as_of, ...query } }) =>
    reply(200, await (as_of === undefined ? breakers.list(query) : rewind.breakers(query, as_of))),
  )
  bind(rows.timeline, async ({ query }) => reply(200, await breakers.timeline(query)))
  bind(rows.show, async ({ params }) => shown(await breakers.show(params.service)))
  bind(rows.reset, async ({ principal, params, body }) =>
    shown(await breakers.reset(principal, params.service, body?.reason)),
  )
  bind(rows.forceOpen, async ({ principal, params, body }) =>
    shown(await breakers.force(principal, params.service, 'forced_open', body)),
  )
  bind(rows.forceClose, async ({ principal, params, body }) =>
    shown(await breakers.force(principal, params.service, 'forced_closed', body)),
  )
  bind(rows.disable, async ({ principal, params, body }) =>
    shown(await breakers.force(principal, params.service, 'disabled', body)),
  )
  bind(rows.auto, async ({ principal, params, body }) =>
    shown(await breakers.auto(principal, params.service, body?.reason)),
  )
  bind(rows.configure, async ({ principal, params, body, req }) =>
    shown(await breakers.configure(principal, params.service, body, { versions: ifMatch(req) })),
  )
  bind(rows.whatIf, async ({ params, body }) => reply(200, await breakers.whatIf(params.service, body)))
  bind(rows.figures, async () => reply(200, await breakers.figures()))
}
