// API keys in words: what each may do, whether it works, and what a new one is made from.
import type { ApiKey, ApiKeyInput } from '../../../shared/auth/contract.ts'
import { ROLES, SCOPES, type Role, type ScopeName } from '../../../shared/auth/scope-words.ts'
import type { KeyLimits, Tier } from '../../../shared/limits/words.ts'
import { numberText, readNumber } from '../../data/draft.ts'
import { age, count, instant } from '../../ui/format.ts'

export type Standing = 'expired' | 'expiring' | 'works'

const DAY_MS = 86_400_000
const SOON_MS = 7 * DAY_MS
const roles = Object.keys(ROLES) as Role[]

/** Whether a key works, and for how long it does. */
export const standingOf = ({ expires_at: at }: Pick<ApiKey, 'expires_at'>, now: number): Standing => {
  const end = instant(at)
  if (end === undefined || end - now > SOON_MS) return 'works'
  return end <= now ? 'expired' : 'expiring'
}

/** The state whose icon and colour a standing has, and its own word. */
export const lookOf: Record<Standing, { state: string; word: string }> = {
  expired: { state: 'disabled', word: 'Expired' },
  expiring: { state: 'late', word: 'Expires soon' },
  works: { state: 'done', word: 'Works' },
}

/** `in 3 d`, `2 h ago`, `never`. */
export const expiryWords = ({ expires_at: at }: Pick<ApiKey, 'expires_at'>, now: number): string => {
  const end = instant(at)
  return end === undefined ? 'never' : age(end, now)
}

/** The role that allows just these scopes; undefined where none does. */
export const roleOf = (scopes: readonly ScopeName[]): Role | undefined =>
  roles.find((role) => ROLES[role].length === scopes.length && ROLES[role].every((scope) => scopes.includes(scope)))

/** What a key may do, short: its role, or its first scopes. */
export const scopesWords = (scopes: readonly ScopeName[], shown = 2): string => {
  const rest = scopes.length - shown
  return roleOf(scopes) ?? `${scopes.slice(0, shown).join(', ')}${rest > 0 ? ` and ${count(rest)} more` : ''}`
}

/** Which queues a key reaches. */
export const queuesWords = (queues: readonly string[]): string => {
  if (queues.includes('*')) return 'all queues'
  return queues.length === 0 ? 'no queues' : queues.join(', ')
}

/** Whether part of what one calls a key by is in it. */
export const fits = ({ id, name, hint, subscriber, scopes }: ApiKey, q: string): boolean =>
  [id, name, hint, subscriber ?? '', ...scopes].some((text) => text.toLowerCase().includes(q.toLowerCase()))

/** What may be chosen for a new key: a role, single scopes, or the webhooks of one subscriber. */
export type Access = Role | 'scopes' | 'subscriber'

export const accesses: readonly { value: Access; label: string; means: string }[] = [
  { value: 'viewer', label: 'Viewer', means: 'Sees everything but payloads, keys and the audit.' },
  { value: 'operator', label: 'Operator', means: 'Also retries, resubmits, pauses and schedules.' },
  { value: 'developer', label: 'Developer', means: 'Also hands in jobs, sees payloads and makes webhooks.' },
  { value: 'admin', label: 'Admin', means: 'May do everything, keys and services included.' },
  { value: 'scopes', label: 'Single scopes', means: 'Just what is ticked below.' },
  {
    value: 'subscriber',
    label: 'Subscriber',
    means: 'For somebody outside: the webhooks of one subscriber, nothing else.',
  },
]

export const tiers: readonly { value: Tier; label: string }[] = [
  { value: 'standard', label: 'standard' },
  { value: 'premium', label: 'premium' },
  { value: 'internal', label: 'internal, not limited' },
]

export const lives = [
  { value: '', label: 'never' },
  { value: '7', label: 'in 7 days' },
  { value: '30', label: 'in 30 days' },
  { value: '90', label: 'in 90 days' },
  { value: '365', label: 'in a year' },
] as const
export type Life = (typeof lives)[number]['value']

export interface NewKey {
  name: string
  access: Access
  scopes: readonly ScopeName[]
  /** Globs, parted by spaces or commas; nothing for all. */
  queues: string
  subscriber: string
  tier: Tier
  life: Life
}

export const emptyKey: NewKey = {
  name: '',
  access: 'viewer',
  scopes: [],
  queues: '',
  subscriber: '',
  tier: 'standard',
  life: '90',
}

/** Scopes by what they are about, in the order they are told in. */
export const scopeGroups: readonly { about: string; scopes: readonly ScopeName[] }[] = [
  ...Map.groupBy(SCOPES, (scope) => scope.split(':')[0] ?? ''),
].map(([about, scopes]) => ({ about, scopes }))

const scopesFor = ({ access, scopes }: NewKey): readonly ScopeName[] => {
  if (access === 'subscriber') return ['webhooks:read', 'webhooks:write']
  return access === 'scopes' ? scopes : ROLES[access]
}

/** What is asked of the API for a form, and what is wrong with it by field. `held` is what who asks may do. */
export const creationOf = (
  form: NewKey,
  held: readonly string[],
  now: number,
): { body: ApiKeyInput; errors: Partial<Record<'name' | 'access' | 'subscriber', string>> } => {
  const scopes = scopesFor(form)
  const lacking = scopes.filter((scope) => !held.includes(scope))
  const queues = form.queues.split(/[\s,]+/).filter((glob) => glob !== '')
  const { access, tier, life } = form
  return {
    body: {
      name: form.name.trim(),
      ...(access === 'scopes' || access === 'subscriber' ? { scopes: [...scopes] } : { role: access }),
      ...(queues.length > 0 && { queues }),
      ...(access === 'subscriber' && { subscriber: form.subscriber.trim() }),
      ...(tier !== 'standard' && { tier }),
      ...(life !== '' && { expires_at: new Date(now + Number(life) * DAY_MS).toISOString() }),
    },
    errors: {
      ...(form.name.trim() === '' && { name: 'Must not be empty.' }),
      ...(scopes.length === 0 && { access: 'Tick at least one scope.' }),
      ...(lacking.length > 0 && { access: `You do not hold ${lacking.slice(0, 3).join(', ')} yourself.` }),
      ...(access === 'subscriber' && form.subscriber.trim() === '' && { subscriber: 'Must not be empty.' }),
    },
  }
}

/** Figures of a key's own as fields: nothing where its tier's count. */
export const limitsDraft = (limits: KeyLimits | null): { per_minute: string; per_day: string; burst: string } => ({
  per_minute: numberText(limits?.per_minute ?? null),
  per_day: numberText(limits?.per_day ?? null),
  burst: numberText(limits?.burst_ratio ?? null, 0.01),
})

/** Reads them back; null where every one is the tier's. */
export const limitsOf = (draft: {
  per_minute: string
  per_day: string
  burst: string
}): { limits: KeyLimits | null; errors: Partial<Record<'per_minute' | 'per_day' | 'burst', string>> } => {
  const read = {
    per_minute: readNumber(draft.per_minute, { min: 1, max: 1_000_000, whole: true, optional: true }),
    per_day: readNumber(draft.per_day, { min: 1, max: 1_000_000_000, whole: true, optional: true }),
    burst: readNumber(draft.burst, { min: 0, max: 10, scale: 0.01, optional: true }),
  }
  const value = (name: keyof typeof read): number | null => {
    const one = read[name]
    return 'value' in one ? one.value : null
  }
  const [minute, day, burst] = [value('per_minute'), value('per_day'), value('burst')]
  const limits = {
    ...(minute !== null && { per_minute: minute }),
    ...(day !== null && { per_day: day }),
    ...(burst !== null && { burst_ratio: burst }),
  }
  return {
    limits: Object.keys(limits).length === 0 ? null : limits,
    errors: Object.fromEntries(
      Object.entries(read).flatMap(([name, one]) => ('error' in one ? [[name, one.error]] : [])),
    ),
  }
}
