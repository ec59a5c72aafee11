// A service's form sends what was changed, however the budget was written, and refuses what contradicts itself.
import { expect, test } from 'vitest'
import type { Service } from '../../../shared/services/contract.ts'
import { asMembers, asText, draftOf, fieldNames, patchOf, removalWords } from './model.ts'

const service = {
  name: 'spotify',
  summary: 'Music',
  origin: 'created',
  budget: { limit: 300, per_ms: 30_000, unit: 'calls', allocations: [{ kind: 'sync', share: 0.6 }] },
  concurrency: { max: 20, lease_ms: 15_000 },
  retry_budget: { ratio: 0.2, capacity: 100, floor_per_s: 1 },
} as unknown as Service
const draft = draftOf(service)

test('a form that was not touched asks for nothing, also after the budget was turned over', () => {
  expect(patchOf(draft, service)).toEqual({ patch: {}, errors: {} })
  const turned = { ...draft, by: 'members', ...asMembers(draft) }
  expect(patchOf(turned, service)).toEqual({ patch: {}, errors: {} })
})

test('a budget is the same as text and number by number', () => {
  const text = { ...draft, budget: '10000 units/day' }
  const members = { ...draft, by: 'members', ...asMembers(text) }
  expect(members).toMatchObject({ limit: '10000', per: '1', span: '86400000', unit: 'units' })
  expect(patchOf(members, service).patch).toEqual(patchOf(text, service).patch)
  expect(patchOf(text, service).patch.budget).toEqual({
    limit: 10_000,
    per_ms: 86_400_000,
    unit: 'units',
    allocations: [{ kind: 'sync', share: 0.6 }],
  })
  expect(asText(members)).toEqual({ budget: '10000 units/day' })
})

test('an empty field means no limit', () => {
  const { patch } = patchOf({ ...draft, budget: '', allocations: '[]', max: '', summary: '' }, service)
  expect(patch).toEqual({ budget: null, concurrency: null, summary: null })
})

test('retries are changed one by one', () => {
  expect(patchOf({ ...draft, ratio: '10' }, service).patch).toEqual({ retry_budget: { ratio: 0.1 } })
})

test.each([
  [
    { allocations: '[{"kind":"a","share":0.6},{"tag":"b","share":0.5}]' },
    'The shares must not come to more than 100 %.',
  ],
  [{ allocations: '[{"kind":"","share":0.5}]' }, 'Each needs a name.'],
  [{ allocations: '[{"tag":"b","share":0}]' }, 'Each share must be from 1 to 100 %.'],
  [{ budget: '' }, 'Without a budget there is nothing to share.'],
])('parts that cannot be kept are refused', (change, error) => {
  expect(patchOf({ ...draft, ...change }, service).errors).toEqual({ allocations: error })
})

test('what others changed is named once', () => {
  expect(fieldNames(['budget', 'limit', 'by', 'max'])).toBe('the budget, calls at once')
})

test('deleting says what is lost', () => {
  expect(removalWords({ origin: 'declared', name: 'smtp' })).toContain('what the code declares')
  expect(removalWords({ origin: 'learnt', name: 'smtp' })).toContain('held to the defaults')
})
