// Facts about alerts. What is of no queue is told to those only who may see all of them.
import { z } from 'zod'
import { Instant } from '../jobs/words.ts'
import { event } from '../kernel/event.ts'
import { RuleId, Severity, Subject } from './words.ts'

const about = {
  alert_id: z.string(),
  rule_id: RuleId,
  severity: Severity,
  subject: z.object(Subject.shape),
  queue: z.string().optional().describe('The queue it belongs to, where it does to one.'),
}
const measured = {
  ...about,
  title: z.string(),
  value: z.number().nullable().describe('Null where nothing is measured any more.'),
  threshold: z.number(),
  fired_at: Instant,
}

export const AlertFiring = event(
  'alert.firing',
  'alert:firing',
  'What a rule says has been so for as long as it asks. Told once for each alert, and not while it is silenced.',
  z.object(measured),
)

export const AlertResolved = event(
  'alert.resolved',
  'alert:resolved',
  'An alert that was told has ended: its value is back, its rule was turned off, or what it was about is no more.',
  z.object({ ...measured, resolved_at: Instant, worst: z.number() }),
)

export const AlertAcknowledged = event(
  'alert.acknowledged',
  'alert:acknowledged',
  'Somebody looks after an alert.',
  z.object({ ...about, actor: z.string(), note: z.string().nullable() }),
)

export const AlertSilenced = event(
  'alert.silenced',
  'alert:silenced',
  'An alert is told no more until a time, or again.',
  z.object({
    ...about,
    actor: z.string(),
    reason: z.string().nullable(),
    until: Instant.nullable().describe('Null: the silence was ended.'),
  }),
)

export const AlertRuleChanged = event(
  'alert.rule_changed',
  'alert:rule-changed',
  'Somebody changed from where on a rule fires, or turned it off or on.',
  z.object({ rule_id: RuleId, actor: z.string(), version: z.int() }),
)
