// What the page of keys says and asks for.
import { describe, expect, test } from 'vitest'
import { ROLES, SCOPES } from '../../../shared/auth/scope-words.ts'
import { creationOf, emptyKey, expiryWords, limitsDraft, limitsOf, roleOf, scopeGroups, scopesWords, standingOf } from './model.ts' // prettier-ignore

const now = Date.parse('2026-11-27T10:00:00Z')
const at = (ms: number): { expires_at: string } => ({ expires_at: new Date(now + ms).toISOString() })

test('a key works, expires soon or has expired, and says when', () => {
  expect([{ expires_at: null }, at(9e8), at(3_600_000), at(-1)].map((key) => standingOf(key, now))).toEqual([
    'works',
    'works',
    'expiring',
    'expired',
  ])
  expect([{ expires_at: null }, at(3_600_000), at(-7_200_000)].map((key) => expiryWords(key, now))).toEqual([
    'never',
    'in 1 h',
    '2 h ago',
  ])
})

test('scopes are a role where they are just those of one, in any order', () => {
  expect(roleOf([...ROLES.operator].reverse())).toBe('operator')
  expect(roleOf(['jobs:read'])).toBeUndefined()
  expect(scopesWords(['jobs:read', 'jobs:write', 'jobs:data'])).toBe('jobs:read, jobs:write and 1 more')
  expect(scopeGroups.flatMap(({ scopes }) => scopes)).toHaveLength(SCOPES.length)
})

describe('a new key', () => {
  test('is asked for as the API takes it', () => {
    const form = { ...emptyKey, name: ' ci ', queues: 'mail, http.*', tier: 'premium', life: '7' } as const
    expect(creationOf(form, SCOPES, now)).toEqual({
      body: {
        name: 'ci',
        role: 'viewer',
        queues: ['mail', 'http.*'],
        tier: 'premium',
        expires_at: '2026-12-04T10:00:00.000Z',
      },
      errors: {},
    })
    const outside = { ...emptyKey, name: 'acme', access: 'subscriber', subscriber: 'acme', life: '' } as const
    expect(creationOf(outside, SCOPES, now).body).toEqual({
      name: 'acme',
      scopes: ['webhooks:read', 'webhooks:write'],
      subscriber: 'acme',
    })
  })

  test('is refused at its fields before it is asked for', () => {
    const errors = (form: Partial<typeof emptyKey>, held: readonly string[] = SCOPES) =>
      creationOf({ ...emptyKey, ...form }, held, now).errors
    expect(errors({})).toEqual({ name: 'Must not be empty.' })
    expect(errors({ name: 'x', access: 'scopes' })).toEqual({ access: 'Tick at least one scope.' })
    expect(errors({ name: 'x', access: 'scopes', scopes: ['keys:write'] }, ['keys:read'])).toEqual({
      access: 'You do not hold keys:write yourself.',
    })
    expect(errors({ name: 'x', access: 'subscriber' })).toEqual({ subscriber: 'Must not be empty.' })
  })
})

test('figures of its own are read as they are shown, and none of them is null', () => {
  const limits = { per_minute: 2_000, burst_ratio: 0.2 }
  expect(limitsDraft(limits)).toEqual({ per_minute: '2000', per_day: '', burst: '20' })
  expect(limitsOf(limitsDraft(limits))).toEqual({ limits, errors: {} })
  expect(limitsOf(limitsDraft(null)).limits).toBeNull()
  expect(limitsOf({ per_minute: '0', per_day: '', burst: '' }).errors).toEqual({
    per_minute: 'Must be from 1 to 1000000.',
  })
})
