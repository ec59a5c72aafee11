// A rule as fields of a form, and how it stands in a sentence.
import type { AlertRule, AlertRulePatch } from '../../../shared/alerts/contract.ts'
import { changedIn, numberText, readNumber, type Draft, type NumberRules } from '../../data/draft.ts'
import { countOf } from '../../ui/format.ts'
import { limitWords } from '../alerts/model.ts'

type NumberMember = 'threshold' | 'for_s' | 'resolve_after_s' | 'min_samples'

export interface RuleField {
  id: NumberMember
  label: string
  unit: string
  hint?: string
  rules: NumberRules
}

const units: Record<AlertRule['unit'], string> = {
  ...{ share: '%', ratio: '× as usual', jobs: 'jobs', s: 'seconds', failures: 'failures in a row' },
}
const seconds: NumberRules = { min: 0, max: 86_400, whole: true }

/** The fields of a rule; what counts has no samples. */
export const fieldsOf = ({ unit, defaults }: Pick<AlertRule, 'unit' | 'defaults'>): RuleField[] => [
  {
    id: 'threshold',
    label: 'Fires above',
    unit: units[unit],
    rules: unit === 'share' ? { min: 0, max: 1, scale: 0.01 } : { min: 0, max: 1e9 },
  },
  { id: 'for_s', label: 'For', unit: 'seconds', hint: '0: at the first look.', rules: seconds },
  { id: 'resolve_after_s', label: 'Resolved when back for', unit: 'seconds', rules: seconds },
  ...(defaults.min_samples === null
    ? []
    : [
        {
          id: 'min_samples' as const,
          label: 'Jobs at least',
          unit: 'jobs',
          hint: 'With fewer nothing is said.',
          rules: { min: 1, max: 1_000_000, whole: true },
        },
      ]),
]

const scaleOf = ({ rules }: RuleField): number => rules.scale ?? 1

export const draftOf = (rule: AlertRule): Draft => ({
  enabled: rule.enabled ? 'on' : 'off',
  severity: rule.severity,
  ...Object.fromEntries(fieldsOf(rule).map((field) => [field.id, numberText(rule[field.id], scaleOf(field))])),
})

/** The draft as the rule's usual settings are. */
export const usualDraft = (rule: AlertRule): Draft => draftOf({ ...rule, ...rule.defaults })

export interface ReadRule {
  patch: AlertRulePatch
  errors: Readonly<Record<string, string>>
}

/** What changed, as it is sent: a member that is as usual again is given back. */
export const patchOf = (draft: Draft, rule: AlertRule): ReadRule => {
  const changed = new Set(changedIn(draft, draftOf(rule)))
  const patch: Record<string, unknown> = {}
  const errors: Record<string, string> = {}
  const put = (id: keyof AlertRule['defaults'], value: unknown): void => {
    patch[id] = value === rule.defaults[id] ? null : value
  }
  if (changed.has('enabled')) put('enabled', draft['enabled'] === 'on')
  if (changed.has('severity')) put('severity', draft['severity'])
  for (const { id, rules } of fieldsOf(rule)) {
    const read = readNumber(draft[id] ?? '', rules)
    if ('error' in read) errors[id] = read.error
    else if (changed.has(id)) put(id, read.value)
  }
  return { patch, errors }
}

/** Threshold and time of a draft, for a look at what they would have done; undefined while they are not right. */
export const limitsIn = (draft: Draft, rule: AlertRule): { threshold: number; for_s: number } | undefined => {
  const [threshold, lasting] = fieldsOf(rule)
    .slice(0, 2)
    .map(({ id, rules }) => readNumber(draft[id] ?? '', rules))
  if (!threshold || !lasting || 'error' in threshold || 'error' in lasting) return undefined
  return { threshold: threshold.value ?? 0, for_s: lasting.value ?? 0 }
}

/** The names of fields in the middle of a sentence. */
export const fieldNames = (ids: readonly string[], rule: AlertRule): string =>
  ids
    .map(
      (id) =>
        fieldsOf(rule).find((field) => field.id === id)?.label ?? { enabled: 'On', severity: 'Severity' }[id] ?? id,
    )
    .map((label) => `“${label}”`)
    .join(', ')

/** How the rule stands. */
export const stateLine = (rule: AlertRule): string => {
  if (!rule.enabled) return 'Turned off: nothing of it is told.'
  const { firing, pending } = rule
  if (firing > 0) return `${countOf(firing, 'alert fires', 'alerts fire')}. ${limitWords(rule)}.`
  return pending > 0 ? `${countOf(pending, 'is', 'are')} pending. ${limitWords(rule)}.` : `Nothing fires. ${limitWords(rule)}.` // prettier-ignore
}
