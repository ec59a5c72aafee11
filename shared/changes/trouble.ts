// Alerts, causes of dead letters and breakers: what became of each in a time, one line for one of them.
import type { Alert } from '../alerts/contract.ts'
import type { BreakerTimeline } from '../breakers/contract.ts'
import type { BreakerState } from '../breakers/words.ts'
import type { DlqGroup } from '../triage/contract.ts'
import type { AlertChange, BreakerChange, DeadLetterChange } from './contract.ts'
import type { Whom } from './settings.ts'

export interface Span {
  from: number
  to: number
}

export const isIn = ({ from, to }: Span, at: string | null): at is string =>
  at !== null && Date.parse(at) >= from && Date.parse(at) <= to

/** Newest first where they rank alike. */
export const inOrder = <Item extends { at: string }>(items: readonly Item[], rank: (item: Item) => number): Item[] =>
  items.toSorted((a, b) => rank(a) - rank(b) || Date.parse(b.at) - Date.parse(a.at))

export const alertChanges = (alerts: readonly Alert[], span: Span): AlertChange[] =>
  inOrder(
    alerts.flatMap((alert): AlertChange[] => {
      const { fired_at, resolved_at } = alert
      if (fired_at === null) return []
      if (isIn(span, resolved_at)) return [{ at: resolved_at, change: 'resolved', alert: toldOf(alert) }]
      return isIn(span, fired_at) ? [{ at: fired_at, change: 'fired', alert: toldOf(alert) }] : []
    }),
    ({ alert }) => (alert.state === 'resolved' ? 2 : 0) + (alert.severity === 'critical' ? 0 : 1),
  )

const toldOf = (alert: Alert): AlertChange['alert'] => {
  const { id, rule_id, state, severity, title, subject, worst, unit, fired_at, resolved_at } = alert
  return {
    ...{ id, rule_id, state, severity, title, subject, worst, unit, fired_at, resolved_at },
    ...{ acknowledged: alert.acknowledged, silence: alert.silence },
  }
}

const groupRank: Readonly<Record<DeadLetterChange['change'], number>> = {
  regressed: 0,
  appeared: 1,
  ongoing: 2,
  ignored: 3,
  resolved: 4,
}
const QUEUES_TOLD = 5

export const groupChanges = (groups: readonly DlqGroup[], span: Span, whom: Whom): DeadLetterChange[] =>
  inOrder(
    groups.flatMap((group): DeadLetterChange[] => {
      const { first_seen, state, state_since } = group
      const appeared = isIn(span, first_seen)
      const decided = state !== 'new' && isIn(span, state_since)
      if (!decided && !appeared) return []
      const at = decided ? state_since : first_seen
      // What became of it by itself has nobody behind it.
      const who = decided && state !== 'regressed' ? whom('dead_letter_group', group.id, at) : undefined
      const queues = group.queues.slice(0, QUEUES_TOLD).map(({ queue }) => queue)
      const change = decided ? state : 'appeared'
      return [{ at, change, appeared, group: shownOf(group), queues, ...sayOf(who) }]
    }),
    ({ change }) => groupRank[change],
  )

const shownOf = (group: DlqGroup): DeadLetterChange['group'] => {
  const { id, title, state, open, total, growing, assignee, note, first_seen, last_seen } = group
  return { id, title, state, open, total, growing, assignee, note, first_seen, last_seen }
}

export const sayOf = (who: ReturnType<Whom>): { by: string | null; reason: string | null } => ({
  by: who?.by ?? null,
  reason: who?.reason ?? null,
})

const opens: ReadonlySet<BreakerState> = new Set(['open', 'forced_open'])
const holds: ReadonlySet<BreakerState> = new Set(['open', 'forced_open', 'half_open'])
const byHand: ReadonlySet<BreakerState> = new Set(['forced_open', 'forced_closed', 'disabled'])

/** One that was in one state all the time did not change. */
export const breakerChanges = ({ services }: BreakerTimeline, span: Span, whom: Whom): BreakerChange[] =>
  inOrder(
    services.flatMap(({ service, pieces }): BreakerChange[] => {
      const [first, last] = [pieces[0], pieces.at(-1)]
      if (first === undefined || last === undefined || first === last) return []
      const within = pieces.slice(1).filter(({ from }) => isIn(span, from))
      if (within.length === 0) return []
      const held = pieces.filter(({ state }) => holds.has(state)).reduce((sum, { duration_ms }) => sum + duration_ms, 0)
      return [
        {
          ...{ at: last.from, service, before: first.state, state: last.state },
          opened: timesOpened(pieces.map(({ state }) => state)),
          held_ms: Math.round(held),
          ...sayOf(whom('breaker', service, last.from)),
        },
      ]
    }),
    ({ state }) => (holds.has(state) ? 0 : byHand.has(state) ? 1 : 2),
  )

/** A probe that fails opens it again, which is the same outage. */
const timesOpened = (states: readonly BreakerState[]): number =>
  states.filter((state, n) => n > 0 && opens.has(state) && !holds.has(states[n - 1] ?? 'closed')).length
