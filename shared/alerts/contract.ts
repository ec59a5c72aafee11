// Words of alerts on the wire: alerts, the rules they come from, and what can be done about them.
import { z } from 'zod'
import { Instant, QueueName, cleanText } from '../jobs/words.ts'
import { endpoint } from '../kernel/endpoint.ts'
import { listOf, many, pageQuery } from '../kernel/page.ts'
import { problem } from '../kernel/problem.ts'
import { InvalidCursor, PreconditionFailed } from '../kernel/problems.ts'
import { AlertId, AlertState, RuleId, RuleSettings, Severity, Subject, SubjectKind, Unit } from './words.ts'

export const AlertMissing = problem('alert-not-found', 'missing', 'There is no such alert.')
export const AlertEnded = problem('alert-ended', 'conflict', 'The alert is resolved already.')

export const Alert = z
  .object({
    id: AlertId,
    rule_id: RuleId,
    state: AlertState,
    severity: Severity,
    title: z.string().describe('What is so, in a sentence.'),
    subject: Subject,
    value: z.number().nullable().describe('As the last check found it; null where nothing is measured any more.'),
    worst: z.number(),
    threshold: z.number(),
    unit: Unit,
    samples: z.int().nullable().describe('How many samples the value comes from; null where it is counted.'),
    since: Instant.describe('Since when the value has been above the threshold.'),
    fired_at: Instant.nullable(),
    resolved_at: Instant.nullable(),
    clear_since: Instant.nullable().describe('Since when the value has been back, while it still fires.'),
    acknowledged: z.object({ by: z.string(), at: Instant, note: z.string().nullable() }).nullable(),
    silence: z
      .object({ until: Instant, by: z.string(), at: Instant, reason: z.string().nullable() })
      .nullable()
      .describe('It is told no more, and needs nobody, until then; an alert of the same rule about the same neither.'),
    version: z.int(),
  })
  .meta({ id: 'Alert' })
export type Alert = z.output<typeof Alert>

export const AlertRule = z
  .object({
    id: RuleId,
    title: z.string(),
    description: z.string(),
    subject: SubjectKind,
    unit: Unit,
    ...RuleSettings.shape,
    defaults: RuleSettings.describe('What holds where nobody changed it: that of k1n, or as `K1N_ALERT_RULES` says.'),
    changed: z.array(z.string()).describe('The members that somebody changed.'),
    firing: z.int().describe('Alerts of it that fire now, of those the caller may see.'),
    pending: z.int(),
    updated_at: Instant.nullable(),
    updated_by: z.string().nullable(),
    version: z.int().describe('As the `ETag` tells it; 0 where nobody changed it.'),
  })
  .meta({ id: 'AlertRule' })
export type AlertRule = z.output<typeof AlertRule>

/** Null takes the usual value again. */
const orUsual = <Schema extends z.ZodType>(schema: Schema) => schema.nullable().optional()
const { enabled, severity, threshold, for_s, resolve_after_s } = RuleSettings.shape
export const AlertRulePatch = z
  .strictObject({
    enabled: orUsual(enabled),
    severity: orUsual(severity),
    threshold: orUsual(threshold),
    for_s: orUsual(for_s),
    resolve_after_s: orUsual(resolve_after_s),
    min_samples: orUsual(z.int().min(1).max(1_000_000)),
  })
  .describe('Members that are left out stay; null takes the usual value again.')
  .meta({ id: 'AlertRulePatch' })
export type AlertRulePatch = z.output<typeof AlertRulePatch>

const isoInstant = z.iso.datetime({ offset: true })

/** Points of a series: minutes of a day. */
const POINTS_MAX = 1_440

export const AlertSeries = z
  .object({
    rule_id: RuleId,
    from: Instant,
    to: Instant,
    step_s: z.int(),
    x: z.array(z.number()).max(POINTS_MAX).describe('Where each minute begins, epoch ms, oldest first.'),
    series: z
      .array(z.object({ subject: Subject, y: z.array(z.number().nullable()).max(POINTS_MAX) }))
      .max(5)
      .describe('Of the subjects that were worst; null where nothing was measured, or five others were worse.'),
    alerts: z
      .array(
        z.object({
          id: AlertId,
          subject: Subject,
          state: AlertState,
          since: Instant,
          fired_at: Instant.nullable(),
          resolved_at: Instant.nullable(),
        }),
      )
      .max(100)
      .describe('Alerts of the rule in this time, newest first.'),
  })
  .meta({ id: 'AlertSeries' })
export type AlertSeries = z.output<typeof AlertSeries>

export const AlertQuery = z.strictObject({
  ...pageQuery,
  state: many(AlertState).describe('`firing` and `pending` unless given.'),
  severity: many(Severity),
  rule: many(RuleId),
  queue: many(QueueName),
})
export type AlertQuery = z.output<typeof AlertQuery>

export const AlertAck = z
  .strictObject({ note: cleanText(1, 500).optional().describe('What is done about it.') })
  .meta({ id: 'AlertAck' })
export const AlertSilence = z
  .strictObject({
    until: z.iso.datetime({ offset: true }).describe('When it is told again: in the future, within 31 days.'),
    reason: cleanText(1, 500).optional(),
  })
  .meta({ id: 'AlertSilence' })
export type AlertSilence = z.output<typeof AlertSilence>

const one = { tags: ['alerts'], params: z.object({ alert_id: AlertId }) } as const
const rule = { tags: ['alerts'], params: z.object({ rule_id: RuleId }) } as const
const changes = { kind: 'alert', id: 'alert_id', shownBy: 'getAlert' } as const

export const alerts = {
  rules: endpoint({
    method: 'GET',
    path: '/alerts/rules',
    operationId: 'listAlertRules',
    summary: 'List the rules that alerts come from',
    tags: ['alerts'],
    scopes: ['alerts:read'],
    replies: { 200: z.object({ data: z.array(AlertRule) }).meta({ id: 'AlertRuleList' }) },
    problems: [],
  }),
  rule: endpoint({
    ...rule,
    method: 'GET',
    path: '/alerts/rules/:rule_id',
    operationId: 'getAlertRule',
    summary: 'Show a rule',
    scopes: ['alerts:read'],
    etag: true,
    replies: { 200: AlertRule },
    problems: [],
  }),
  editRule: endpoint({
    ...rule,
    method: 'PATCH',
    path: '/alerts/rules/:rule_id',
    operationId: 'editAlertRule',
    changes: { kind: 'alert_rule', id: 'rule_id', shownBy: 'getAlertRule' },
    summary: 'Change from where on a rule fires, or turn it off or on; for those who may see every queue',
    scopes: ['alerts:write'],
    etag: true,
    body: AlertRulePatch,
    replies: { 200: AlertRule },
    problems: [PreconditionFailed],
  }),
  series: endpoint({
    ...rule,
    method: 'GET',
    path: '/alerts/rules/:rule_id/series',
    operationId: 'getAlertSeries',
    summary: 'What a rule measured, minute by minute, and when it fired',
    description:
      'Kept for a day: in each minute the five subjects that were worst. A subject that is asked for is told alone.',
    scopes: ['alerts:read'],
    query: z.strictObject({
      hours: z.coerce.number<number>().int().min(1).max(24).default(6).describe('How far back from `to`.'),
      from: isoInstant.optional().describe('In place of `hours`; what is more than a day ago is left out.'),
      to: isoInstant.optional().describe('Now unless given.'),
      subject: cleanText(1, 600).optional().describe('The id of a subject.'),
    }),
    replies: { 200: AlertSeries },
    problems: [],
  }),
  list: endpoint({
    method: 'GET',
    path: '/alerts',
    operationId: 'listAlerts',
    summary: 'List alerts: firing ones first, critical before others, then pending and resolved ones, newest first',
    description: 'Resolved ones are kept for 30 days, the newest 1,000 of them.',
    tags: ['alerts'],
    scopes: ['alerts:read'],
    query: AlertQuery,
    replies: { 200: listOf(Alert).meta({ id: 'AlertList' }) },
    problems: [InvalidCursor],
  }),
  show: endpoint({
    ...one,
    method: 'GET',
    path: '/alerts/:alert_id',
    operationId: 'getAlert',
    summary: 'Show an alert',
    scopes: ['alerts:read'],
    replies: { 200: Alert },
    problems: [AlertMissing],
  }),
  ack: endpoint({
    ...one,
    method: 'POST',
    path: '/alerts/:alert_id/ack',
    operationId: 'acknowledgeAlert',
    changes,
    summary: 'Say that you look after an alert; it needs nobody else then',
    scopes: ['alerts:ack'],
    body: AlertAck,
    bodyOptional: true,
    replies: { 200: Alert },
    problems: [AlertMissing, AlertEnded],
  }),
  silence: endpoint({
    ...one,
    method: 'POST',
    path: '/alerts/:alert_id/silence',
    operationId: 'silenceAlert',
    changes,
    summary: 'Tell an alert no more until a time, nor others of its rule about the same',
    scopes: ['alerts:ack'],
    body: AlertSilence,
    replies: { 200: Alert },
    problems: [AlertMissing, AlertEnded],
  }),
  unsilence: endpoint({
    ...one,
    method: 'DELETE',
    path: '/alerts/:alert_id/silence',
    operationId: 'unsilenceAlert',
    changes,
    summary: 'End a silence',
    scopes: ['alerts:ack'],
    replies: { 200: Alert },
    problems: [AlertMissing],
  }),
}
