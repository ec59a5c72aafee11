// Routes of alerts and of the rules they come from.
import { alerts as rows } from '../../shared/alerts/contract.ts'
import type { Rooms } from '../../shared/rooms.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'
import { etagOf, ifMatch } from '../http/conditions.ts'

export const bindAlerts = (bind: Bind, { alerts }: Pick<Rooms, 'alerts'>): void => {
  bind(rows.rules, async ({ principal }) => reply(200, { data: await alerts.rules(principal) }))
  bind(rows.rule, async ({ principal, params }) => {
    const rule = await alerts.rule(principal, params.rule_id)
    return reply(200, rule, etagOf(rule))
  })
  bind(rows.editRule, async ({ principal, params, body, req }) => {
    const rule = await alerts.editRule(principal, params.rule_id, body, { versions: ifMatch(req) })
    return reply(200, rule, etagOf(rule))
  })
  bind(rows.series, async ({ principal, params, query }) =>
    reply(200, await alerts.series(principal, params.rule_id, query)),
  )
  bind(rows.list, async ({ principal, query }) => reply(200, await alerts.list(principal, query)))
  bind(rows.show, async ({ principal, params }) => reply(200, await alerts.show(principal, params.alert_id)))
  bind(rows.ack, async ({ principal, params, body }) =>
    reply(200, await alerts.acknowledge(principal, params.alert_id, body?.note)),
  )
  bind(rows.silence, async ({ principal, params, body }) =>
    reply(200, await alerts.silence(principal, params.alert_id, body)),
  )
  bind(rows.unsilence, async ({ principal, params }) => reply(200, await alerts.unsilence(principal, params.alert_id)))
}
