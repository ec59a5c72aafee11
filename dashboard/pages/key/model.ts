// One key to look at and to change: its facts, its quota in words, and what of a form is sent.
import type { ApiKey, ApiKeyPatch } from '../../../shared/auth/contract.ts'
import type { Quota } from '../../../shared/limits/contract.ts'
import { changedIn, type Draft } from '../../data/draft.ts'
import { count, duration } from '../../ui/format.ts'
import { limitsDraft, limitsOf, queuesWords } from '../keys/model.ts'

export interface Fact {
  label: string
  value: string
}

/** What a key is, beside its scopes. */
export const factsOf = (key: ApiKey): Fact[] => [
  { label: 'Key', value: key.hint },
  { label: 'Reaches', value: queuesWords(key.queues) },
  ...(key.subscriber === null ? [] : [{ label: 'Subscriber', value: key.subscriber }]),
  { label: 'Tier', value: key.tier },
  { label: 'Own limits', value: limitWords(key.limits) },
  { label: 'Speaks', value: key.pinned_version === null ? 'the current version' : `version ${key.pinned_version}` },
  { label: 'Made by', value: key.created_by },
]

const limitWords = (limits: ApiKey['limits']): string => {
  if (limits === null) return "none, its tier's count"
  const { per_minute: minute, per_day: day, burst_ratio: burst } = limits
  return [
    minute === undefined ? '' : `${count(minute)} a minute`,
    day === undefined ? '' : `${count(day)} a day`,
    burst === undefined ? '' : `bursts of ${Math.round(burst * 100)} % more`,
  ]
    .filter((part) => part !== '')
    .join(', ')
}

type Windows = NonNullable<Quota['windows']>

/** How the burst stands, in a sentence. */
export const burstWords = ({ burst, limit, burst_limit: top }: Windows['minute']): string => {
  if (top === limit) return 'No bursts.'
  switch (burst.state) {
    case 'armed':
      return `A burst of up to ${count(top)} begins with the first request beyond the limit.`
    case 'active':
      return `A burst is on: ${count(burst.remaining)} more of it are left.`
    case 'resting':
      return `A burst is over; the next may begin in ${duration(burst.rearm_s * 1_000)}.`
  }
}

/** What is to be edited of a key, as text by field. */
export const draftOf = (key: ApiKey): Draft => ({
  name: key.name,
  tier: key.tier,
  ...limitsDraft(key.limits),
  pinned: key.pinned_version === null ? '' : String(key.pinned_version),
  deprecation: key.compat?.deprecation ?? '',
})

const LIMITS = ['per_minute', 'per_day', 'burst'] as const

/** What a form changes, as the API takes it, and what is wrong with it by field. */
export const patchOf = (draft: Draft, base: Draft): { patch: ApiKeyPatch; errors: Record<string, string> } => {
  const changed = new Set(changedIn(draft, base))
  const text = (field: string): string => draft[field] ?? ''
  const own = { per_minute: text('per_minute'), per_day: text('per_day'), burst: text('burst') }
  const { limits, errors } = limitsOf(own)
  const version = text('pinned')
  return {
    patch: {
      ...(changed.has('name') && { name: text('name').trim() }),
      ...(changed.has('tier') && { tier: text('tier') as ApiKey['tier'] }),
      ...(LIMITS.some((field) => changed.has(field)) && { limits }),
      ...(changed.has('pinned') && { pinned_version: version === '' ? null : version === '1' ? 1 : 2 }),
      ...(changed.has('deprecation') && {
        compat: text('deprecation') === '' ? null : { deprecation: text('deprecation') as 'rfc9745' | 'boolean' },
      }),
    },
    errors: { ...(text('name').trim() === '' && { name: 'Must not be empty.' }), ...errors },
  }
}

const labels: Readonly<Record<string, string>> = {
  name: 'the name',
  tier: 'the tier',
  per_minute: 'the limit of the minute',
  per_day: 'the limit of the day',
  burst: 'the burst',
  pinned: 'the version it speaks',
  deprecation: 'how it is told of deprecation',
}

/** Names of fields for a sentence. */
export const fieldNames = (fields: readonly string[]): string =>
  fields.map((field) => labels[field] ?? field).join(', ')
