// All alerts as the newest known, and the rules they come from: fetched once, then kept by the stream.
import type { Alert, AlertRule } from '../../shared/alerts/contract.ts'
import { api } from './api.ts'
import { live, onGap } from './live/index.ts'
import { Resource } from './resource.svelte.ts'

export const alerts = new Resource<ReadonlyMap<string, Alert>>()
export const rules = new Resource<readonly AlertRule[]>()

/** The most that one answer holds; the stream tells all that are so now, and the newest of those that ended. */
const PAGE_MAX = 200

const byId = (list: readonly Alert[]): Map<string, Alert> => new Map(list.map((alert) => [alert.id, alert]))

export const loadAlerts = (): Promise<void> =>
  alerts.load(async (signal) =>
    byId(
      (await api.alerts.list({ query: { limit: PAGE_MAX, state: ['firing', 'pending', 'resolved'] }, signal })).data,
    ),
  )

export const loadRules = (): Promise<void> => rules.load(async (signal) => (await api.alerts.rules({ signal })).data)

/** Puts in one that an action answered with. */
export const takeAlert = (alert: Alert): void => alerts.set(new Map(alerts.value).set(alert.id, alert))

/** Puts in a rule that was changed here. */
export const takeRule = (rule: AlertRule): void =>
  rules.set((rules.value ?? []).map((known) => (known.id === rule.id ? rule : known)))

/** Fetches all and keeps them fresh. Answers how to stop. */
export const followAlerts = (): (() => void) => {
  void loadAlerts()
  void loadRules()
  const leave = live.state('state:alerts', (rows) => alerts.set(new Map(rows as ReadonlyMap<string, Alert>)))
  const offRules = live.events('alert:rule-changed', () => void loadRules())
  const offGap = onGap(() => {
    void loadAlerts()
    void loadRules()
  })
  return () => {
    leave()
    offRules()
    offGap()
    alerts.stop()
    rules.stop()
  }
}
