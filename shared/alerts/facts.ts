// What is told of an alert.
import { toIso } from '../kernel/clock.ts'
import { fact } from '../kernel/event.ts'
import type { Fact } from '../kernel/event.ts'
import { AlertAcknowledged, AlertFiring, AlertResolved, AlertSilenced } from './events.ts'
import { titleOf } from './say.ts'
import type { AlertDraft, Silence } from './words.ts'

const about = ({ id, rule, severity, subject }: AlertDraft) => ({
  ...{ alert_id: id, rule_id: rule, severity, subject },
  ...(subject.queue === null ? {} : { queue: subject.queue }),
})

const measured = (alert: AlertDraft) => ({
  ...about(alert),
  title: titleOf(alert),
  value: alert.value,
  threshold: alert.threshold,
  fired_at: toIso(alert.firedAt ?? alert.since),
})

export const firing = (alert: AlertDraft, now: number): Fact => fact(AlertFiring, now, measured(alert))

export const resolved = (alert: AlertDraft, now: number): Fact =>
  fact(AlertResolved, now, { ...measured(alert), resolved_at: toIso(alert.resolvedAt ?? now), worst: alert.worst })

export const acknowledged = (alert: AlertDraft, now: number, actor: string, note: string | null): Fact =>
  fact(AlertAcknowledged, now, { ...about(alert), actor, note })

export const silenced = (alert: AlertDraft, now: number, actor: string, silence: Silence | undefined): Fact =>
  fact(AlertSilenced, now, {
    ...about(alert),
    actor,
    reason: silence?.reason ?? null,
    until: silence === undefined ? null : toIso(silence.until),
  })
