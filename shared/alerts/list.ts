// One page of alerts: firing ones first, critical before others, then pending and resolved ones, newest first.
import { cursorSecret } from '../kernel/cursor-secret.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { decodeCursor, encodeCursor } from '../kernel/page.ts'
import type { Page } from '../kernel/page.ts'
import type { Alert, AlertQuery } from './contract.ts'

const stateOrder: Record<Alert['state'], number> = { firing: 0, pending: 1, resolved: 2 }

/** Where an alert stands in the list: state, severity, time of its last change of state, id; small ones first. */
type Place = readonly [state: number, severity: number, newest: number, id: string]

const placeOf = ({ state, severity, since, fired_at, resolved_at, id }: Alert): Place => [
  stateOrder[state],
  state === 'firing' && severity === 'warning' ? 1 : 0,
  -Date.parse(resolved_at ?? fired_at ?? since),
  id,
]

const compare = (a: Place, b: Place): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || (a[3] < b[3] ? -1 : a[3] > b[3] ? 1 : 0) // prettier-ignore

/** In the order in which they are shown. */
export const inOrder = (alerts: readonly Alert[]): Alert[] =>
  alerts
    .map((alert) => ({ alert, place: placeOf(alert) }))
    .sort((a, b) => compare(a.place, b.place))
    .map(({ alert }) => alert)

/** The states that are asked for. */
export const statesOf = ({ state }: Pick<AlertQuery, 'state'>): readonly Alert['state'][] =>
  state ?? ['firing', 'pending']

export const pageOf = (kernel: Kernel, all: readonly Alert[], query: AlertQuery): Page<Alert> => {
  const { limit, cursor, severity, rule, queue } = query
  const states = statesOf(query)
  const secret = cursorSecret(kernel)
  const filter = ['alerts', states, severity ?? null, rule ?? null, queue ?? null]
  const after = cursor === undefined ? undefined : decodeCursor<Place>(secret, cursor, filter)
  const found = inOrder(
    all.filter(
      (alert) =>
        states.includes(alert.state) &&
        (severity?.includes(alert.severity) ?? true) &&
        (rule?.includes(alert.rule_id) ?? true) &&
        (queue === undefined || (alert.subject.queue !== null && queue.includes(alert.subject.queue))) &&
        (after === undefined || compare(placeOf(alert), after) > 0),
    ),
  )
  const data = found.slice(0, limit)
  const last = data.at(-1)
  const more = found.length > data.length
  const next = more && last ? encodeCursor(secret, placeOf(last), filter) : null
  return { data, page: { limit, has_more: more, next_cursor: next, prev_cursor: null } }
}
