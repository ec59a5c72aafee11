// Rules as they are now: what k1n says, what the installation's settings say, and what somebody changed since.
import type { Kernel } from '../kernel/kernel.ts'
import { kindOf, ruleKinds } from './catalogue.ts'
import type { RuleKind } from './catalogue.ts'
import type { RuleEdit } from './store.ts'
import { RULE_IDS, RuleSettings } from './words.ts'
import type { RuleId } from './words.ts'

export interface Rule {
  readonly kind: RuleKind
  readonly settings: RuleSettings
  /** What holds where nobody changed it. */
  readonly usual: RuleSettings
}

/** What is wrong with settings of a rule, by member; undefined where nothing is. */
export const mistakeIn = (
  { unit }: RuleKind,
  { threshold, min_samples }: RuleSettings,
): { member: keyof RuleSettings; detail: string } | undefined => {
  if (unit === 'share' && threshold > 1) return { member: 'threshold', detail: 'must be a share of 1, such as 0.05' }
  const isSampled = unit === 'share' || unit === 'ratio'
  if (!isSampled && min_samples !== null)
    return { member: 'min_samples', detail: 'must be null: this rule counts and has no samples' }
  return undefined
}

/** The rules of an installation before anybody changed them. Throws where `K1N_ALERT_RULES` says what cannot be. */
export const usualRules = ({ settings }: Pick<Kernel, 'settings'>): ReadonlyMap<RuleId, RuleSettings> => {
  const usual = new Map<string, RuleSettings>([...ruleKinds].map(([id, { defaults }]) => [id, defaults]))
  for (const { rule, member, value } of settings.K1N_ALERT_RULES) {
    const before = usual.get(rule)
    if (before === undefined) throw wrong(rule, `is no rule; there are ${RULE_IDS.join(', ')}`)
    const { data, error } = RuleSettings.safeParse({ ...before, [member]: value })
    if (data === undefined) throw wrong(`${rule}.${member}`, error.issues[0]?.message ?? 'is not right')
    const mistake = mistakeIn(kindOf(rule as RuleId), data)
    if (mistake) throw wrong(`${rule}.${mistake.member}`, mistake.detail)
    usual.set(rule, data)
  }
  return usual as ReadonlyMap<RuleId, RuleSettings>
}

const wrong = (what: string, why: string): Error => new Error(`K1N_ALERT_RULES: ${what} ${why}`)

export const ruleOf = (usual: ReadonlyMap<RuleId, RuleSettings>, id: RuleId, edit: RuleEdit | undefined): Rule => {
  const kind = kindOf(id)
  const before = usual.get(id) ?? kind.defaults
  return { kind, usual: before, settings: { ...before, ...(edit?.settings as Partial<RuleSettings> | undefined) } }
}
