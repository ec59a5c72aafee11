// What the page of a key says and sends.
import { expect, test } from 'vitest'
import type { ApiKey } from '../../../shared/auth/contract.ts'
import { burstWords, draftOf, factsOf, fieldNames, patchOf } from './model.ts'

const key: ApiKey = {
  id: 'key_1',
  name: 'ci',
  hint: 'k1n_sk_abc…wxyz',
  scopes: ['jobs:read'],
  queues: ['mail'],
  subscriber: null,
  tier: 'standard',
  limits: { per_minute: 2_000, burst_ratio: 0 },
  created_at: '2026-11-27T10:00:00.000Z',
  created_by: 'admin',
  pinned_version: null,
  compat: null,
  expires_at: null,
  last_used_at: null,
  v1_last_used_at: null,
  version: 3,
}

test('a form sends what was changed, and nothing else', () => {
  const base = draftOf(key)
  expect(patchOf(base, base)).toEqual({ patch: {}, errors: {} })
  expect(patchOf({ ...base, name: ' build ', per_minute: '', burst: '' }, base).patch).toEqual({
    name: 'build',
    limits: null,
  })
  expect(patchOf({ ...base, per_day: '50', pinned: '1', deprecation: 'boolean' }, base).patch).toEqual({
    limits: { per_minute: 2_000, per_day: 50, burst_ratio: 0 },
    pinned_version: 1,
    compat: { deprecation: 'boolean' },
  })
  expect(patchOf({ ...base, name: '', per_day: 'many' }, base).errors).toEqual({
    name: 'Must not be empty.',
    per_day: 'Must be a number.',
  })
})

test('what somebody else changed is named, and limits are said as they count', () => {
  expect(fieldNames(['name', 'tier'])).toBe('the name, the tier')
  expect(factsOf(key)).toContainEqual({ label: 'Own limits', value: '2,000 a minute, bursts of 0 % more' })
})

test('the burst says what it allows now, and when it is back', () => {
  const minute = { limit: 100, remaining: 0, burst_limit: 120, reset_s: 9 }
  const burst = (state: 'armed' | 'active' | 'resting') =>
    burstWords({ ...minute, burst: { state, remaining: 7, rearm_s: 41 } })
  expect(burst('armed')).toContain('up to 120')
  expect(burst('active')).toContain('7 more')
  expect(burst('resting')).toContain('in 41 s')
  expect(burstWords({ ...minute, burst_limit: 100, burst: { state: 'armed', remaining: 0, rearm_s: 0 } })).toBe(
    'No bursts.',
  )
})
