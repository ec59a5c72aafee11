// What a service is held to is told as one writes it, and what is typed is understood or refused with a way out.
import { expect, test } from 'vitest'
import { budgetText, budgetWords, concurrencyWords, creationOf, retryWords, typedBudget } from './model.ts'

test('limits are told in words', () => {
  const budget = { limit: 300, per_ms: 30_000, unit: 'calls', allocations: [] } as const
  expect(budgetWords(budget)).toBe('300 calls in any 30 s')
  expect(budgetWords({ limit: 1, per_ms: 86_400_000, unit: 'units' })).toBe('1 unit in any day')
  expect(budgetText({ ...budget, allocations: [] })).toBe('300/30s')
  expect(budgetText({ ...budget, per_ms: 1_500, allocations: [] })).toBe('300 calls in any 1.5 s')
  expect(budgetText(null)).toBe('')
  expect(concurrencyWords({ concurrency: null })).toBe('No limit')
  expect(concurrencyWords({ concurrency: { max: 20, lease_ms: 1_000 } })).toBe('20 at once')
  expect(retryWords({ retry_budget: { ratio: 0.2, capacity: 100, floor_per_s: 1 } })).toBe(
    '20 % of first attempts, at least 1 per second',
  )
})

test.each([
  ['600/min', { budget: { limit: 600, per_ms: 60_000, unit: 'calls' } }],
  ['', { budget: null }],
  ['fast', { error: 'Write it as 300/30s, 600/min or 10000 units/day.' }],
  ['0/s', { error: 'Must be from 1 to 1,000,000,000.' }],
  ['5/40d', { error: 'The time must be from 1 second to 31 days.' }],
])('the budget “%s” is read', (text, expected) => {
  expect(typedBudget(text)).toEqual(expected)
})

test('a new service asks for what was filled in, and nothing else', () => {
  expect(creationOf({ name: 'spotify', summary: ' ', budget: '', max: '' })).toEqual({
    body: { name: 'spotify' },
    errors: {},
  })
  expect(creationOf({ name: 'spotify', summary: 'Music', budget: '300/30s', max: '20' }).body).toEqual({
    name: 'spotify',
    summary: 'Music',
    budget: { limit: 300, per_ms: 30_000, unit: 'calls' },
    concurrency: { max: 20 },
  })
  const { errors } = creationOf({ name: 'Spotify!', summary: '', budget: 'x', max: '-1' })
  expect(Object.keys(errors)).toEqual(['name', 'budget', 'max'])
})
