// Decides how an alert goes on: what one look at a value makes of it. Pure: the value, the rule and the time are given.
import type { AlertDraft, RuleSettings, Silence, Subject } from './words.ts'

/** What was measured about a subject. */
export interface Sample {
  readonly subject: Subject
  readonly value: number
  /** How many things the value comes from; null where it is counted. */
  readonly samples: number | null
}

export interface Circumstances {
  readonly now: number
  /** When alerts were looked at before; undefined for never. */
  readonly lookedAt: number | undefined
  readonly silence: Silence | undefined
}

/** What becomes of an alert. `next` undefined: it is none any more; `ended` then is what is kept of one that fired. */
export interface Step {
  readonly next: AlertDraft | undefined
  readonly ended?: AlertDraft
  readonly tells?: 'firing' | 'resolved'
}

/** For so long nobody may have looked without that what is pending has to begin anew. */
export const GAP_MS = 120_000

/** Whether a value is one that the rule fires for. */
export const isMet = (rule: RuleSettings, sample: Sample | undefined): sample is Sample =>
  sample !== undefined &&
  rule.enabled &&
  sample.value > rule.threshold &&
  (sample.samples === null || sample.samples >= (rule.min_samples ?? 1))

/** Goes on with an alert, or makes one. Answers undefined where nothing changes. */
export const goOn = (
  rule: RuleSettings,
  before: AlertDraft | undefined,
  sample: Sample | undefined,
  at: Circumstances,
  make: (sample: Sample) => AlertDraft,
): Step | undefined => {
  const step = isMet(rule, sample)
    ? above(rule, before ?? make(sample), sample, at)
    : before && back(rule, before, sample, at)
  return step?.next !== undefined && JSON.stringify(step.next) === JSON.stringify(before) ? undefined : step
}

const above = (rule: RuleSettings, alert: AlertDraft, { value, samples }: Sample, at: Circumstances): Step => {
  const seen = { value, samples, worst: Math.max(alert.worst, value), clearSince: null }
  const known = { severity: rule.severity, threshold: rule.threshold }
  const since = alert.state === 'pending' && wasAway(at) ? at.now : alert.since
  const next = { ...alert, ...seen, ...known, since }
  if (alert.state === 'pending' && at.now - since < rule.for_s * 1_000) return { next }
  const firing: AlertDraft = { ...next, state: 'firing', firedAt: alert.firedAt ?? at.now }
  if (alert.told || isSilent(at)) return { next: firing }
  return { next: { ...firing, told: true }, tells: 'firing' }
}

const back = (
  rule: RuleSettings,
  alert: AlertDraft,
  sample: Sample | undefined,
  { now }: Circumstances,
): Step | undefined => {
  if (alert.state === 'pending') return { next: undefined }
  const clearSince = alert.clearSince ?? now
  const next = { ...alert, value: sample?.value ?? null, samples: sample?.samples ?? null, clearSince }
  if (rule.enabled && now - clearSince < rule.resolve_after_s * 1_000) return { next }
  const ended: AlertDraft = { ...next, state: 'resolved', resolvedAt: now }
  return { next: undefined, ended, ...(alert.told ? { tells: 'resolved' as const } : {}) }
}

/** Whether a silence holds. */
export const isSilent = ({ silence, now }: Pick<Circumstances, 'silence' | 'now'>): boolean =>
  silence !== undefined && silence.until > now

/** What was pending may have been back meanwhile. */
const wasAway = ({ lookedAt, now }: Circumstances): boolean => lookedAt === undefined || now - lookedAt > GAP_MS

/** An alert that begins. */
export const begun = (
  id: string,
  rule: AlertDraft['rule'],
  { severity, threshold }: RuleSettings,
  { subject, value, samples }: Sample,
  now: number,
): AlertDraft => ({
  ...{ id, rule, subject, severity, threshold, state: 'pending', since: now },
  ...{ firedAt: null, resolvedAt: null, clearSince: null, value, worst: value, samples },
  ...{ told: false, acknowledged: null },
})
