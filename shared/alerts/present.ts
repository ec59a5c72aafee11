// Alerts and rules as they are shown, and who may see which.
import type { Principal } from '../auth/contract.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import { toIso } from '../kernel/clock.ts'
import { kindOf } from './catalogue.ts'
import type { Alert, AlertRule } from './contract.ts'
import type { Rule } from './rules.ts'
import { titleOf } from './say.ts'
import type { Now } from './store.ts'
import type { AlertRecord, Silence, Subject } from './words.ts'

/** Keys that may use some queues only see what is of these: nothing of services and webhooks. */
export const sees = ({ queues, subscriber }: Principal, { queue }: Pick<Subject, 'queue'>): boolean =>
  queue === null ? queues.includes('*') && subscriber === undefined : allowsQueue({ queues }, queue)

const iso = (at: number | null): string | null => (at === null ? null : toIso(at))

/** `silence` is that of its place; one whose time is over is none. */
export const toAlert = (alert: AlertRecord, silence: Silence | undefined, now: number): Alert => ({
  id: alert.id,
  rule_id: alert.rule,
  state: alert.state,
  severity: alert.severity,
  title: titleOf(alert),
  subject: alert.subject,
  value: alert.value,
  worst: alert.worst,
  threshold: alert.threshold,
  unit: kindOf(alert.rule).unit,
  samples: alert.samples === null ? null : Math.round(alert.samples),
  since: toIso(alert.since),
  fired_at: iso(alert.firedAt),
  resolved_at: iso(alert.resolvedAt),
  clear_since: iso(alert.clearSince),
  acknowledged: alert.acknowledged && { ...alert.acknowledged, at: toIso(alert.acknowledged.at) },
  silence:
    silence === undefined || silence.until <= now || alert.state === 'resolved'
      ? null
      : { until: toIso(silence.until), by: silence.by, at: toIso(silence.at), reason: silence.reason },
  version: alert.version,
})

export const toRule = (principal: Principal, { kind, settings, usual }: Rule, now: Now): AlertRule => {
  const edit = now.edits.get(kind.id)
  const seen = [...now.active.values()].filter(({ rule, subject }) => rule === kind.id && sees(principal, subject))
  return {
    ...{ id: kind.id, title: kind.title, description: kind.description, subject: kind.subject, unit: kind.unit },
    ...settings,
    defaults: usual,
    changed: Object.keys(edit?.settings ?? {}),
    firing: seen.filter(({ state }) => state === 'firing').length,
    pending: seen.filter(({ state }) => state === 'pending').length,
    updated_at: edit === undefined ? null : toIso(edit.at),
    updated_by: edit?.by ?? null,
    version: edit?.version ?? 0,
  }
}
