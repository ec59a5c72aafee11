// How much starts when must add up, whatever the time is that is looked at.
import { expect, test } from 'vitest'
import { loadOf } from './upcoming.ts'

test('each start is counted in its part of the time, and what lies outside in none', () => {
  const [from, to] = [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 2)]
  const quarter = 900_000
  const load = loadOf([from, from + quarter - 1, from + quarter, to - 1, to, from - 1], from, to)
  expect(load).toHaveLength(96)
  expect(load.filter(({ jobs }) => jobs > 0)).toEqual([
    { at: '2026-01-01T00:00:00.000Z', jobs: 2 },
    { at: '2026-01-01T00:15:00.000Z', jobs: 1 },
    { at: '2026-01-01T23:45:00.000Z', jobs: 1 },
  ])
})
