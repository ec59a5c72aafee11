// Words of alerts: which rules there are, what they are about, and how an alert stands.
import { z } from 'zod'

/** The rules, in the order in which they are shown. */
export const RULE_IDS = [
  'failure_rate_high',
  'failure_rate_critical',
  'run_time_slow',
  'run_time_very_slow',
  'backlog_growing',
  'oldest_waiting',
  'dead_letters_growing',
  'breaker_open',
  'schedule_late',
  'no_worker',
  'webhook_failing',
] as const
export const RuleId = z.enum(RULE_IDS).meta({ id: 'AlertRuleId' })
export type RuleId = z.output<typeof RuleId>

export const Severity = z.enum(['warning', 'critical']).meta({ id: 'AlertSeverity' })
export type Severity = z.output<typeof Severity>

export const AlertState = z
  .enum(['pending', 'firing', 'resolved'])
  .describe('`pending`: what the rule says is so, but not for as long as it asks yet.')
  .meta({ id: 'AlertState' })
export type AlertState = z.output<typeof AlertState>

export const SubjectKind = z.enum(['queue', 'job', 'service', 'schedule', 'webhook'])
export type SubjectKind = z.output<typeof SubjectKind>

/** What an alert is about. */
export const Subject = z
  .object({
    kind: SubjectKind.describe('`job` is all jobs of one name in one queue.'),
    id: z
      .string()
      .describe('The name of the queue or service, `{queue}:{name}` of jobs, the id of the schedule or webhook.'),
    label: z.string().describe('What people call it.'),
    queue: z.string().nullable().describe('The queue it belongs to; null for services and webhooks.'),
  })
  .meta({ id: 'AlertSubject' })
export type Subject = z.output<typeof Subject>

/** What a rule measures, and in what. */
export const Unit = z
  .enum(['share', 'ratio', 'jobs', 's', 'failures'])
  .describe('`share` of 1, `ratio` to what is usual, jobs, seconds, or failures in a row.')
export type Unit = z.output<typeof Unit>

const DAY_S = 86_400

/** What can be changed about a rule. */
export const RuleSettings = z
  .strictObject({
    enabled: z.boolean(),
    severity: Severity,
    threshold: z.number().min(0).max(1e9).describe('It fires for values above this.'),
    for_s: z.int().min(0).max(DAY_S).describe('How long the value must have been above it.'),
    resolve_after_s: z
      .int()
      .min(0)
      .max(DAY_S)
      .describe('How long it must have been back before the alert is resolved.'),
    min_samples: z
      .int()
      .min(1)
      .max(1_000_000)
      .nullable()
      .describe('With fewer samples nothing is said; null for what is counted and not sampled.'),
  })
  .meta({ id: 'AlertRuleSettings' })
export type RuleSettings = z.output<typeof RuleSettings>

export const AlertId = z
  .string()
  .regex(/^al_[0-9a-f]{20,40}$/, 'must be the id of an alert, such as al_0199d2c4b1f0…')
  .meta({ id: 'AlertId' })

const Acknowledged = z.object({ by: z.string(), at: z.number(), note: z.string().nullable() })
const Silenced = z.object({ until: z.number(), by: z.string(), at: z.number(), reason: z.string().nullable() })
export const Silence = Silenced
export type Silence = z.output<typeof Silence>

/** An alert as it is kept. Times are epoch milliseconds. */
export const AlertDraft = z.object({
  id: z.string(),
  rule: RuleId,
  subject: z.object(Subject.shape),
  severity: Severity,
  threshold: z.number(),
  state: AlertState,
  /** Since when the value has been above the threshold. */
  since: z.number(),
  firedAt: z.number().nullable(),
  resolvedAt: z.number().nullable(),
  /** Since when it has been back, while the alert still fires. */
  clearSince: z.number().nullable(),
  value: z.number().nullable(),
  worst: z.number(),
  samples: z.number().nullable(),
  /** Whether it was told that it fires; it was not while it is silenced. */
  told: z.boolean(),
  acknowledged: Acknowledged.nullable(),
})
export type AlertDraft = z.output<typeof AlertDraft>
export type AlertRecord = AlertDraft & { version: number }
