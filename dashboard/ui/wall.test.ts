// What is typed as a time of a place must be the moment that is meant, on the nights on which clocks change too.
import { expect, test } from 'vitest'
import { momentOf, wallOf } from './wall.ts'

test.each([
  ['2026-11-22T10:00', 'Europe/Berlin', '2026-11-22T09:00:00.000Z'],
  ['2026-07-01T10:00:30', 'America/New_York', '2026-07-01T14:00:30.000Z'],
  ['2026-07-01T10:00', 'UTC', '2026-07-01T10:00:00.000Z'],
  // Comes twice; the first is meant.
  ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
  // Is left out; clocks show 03:30 then.
  ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
])('%s in %s is %s', (wall, zone, expected) => {
  expect(new Date(momentOf(wall, zone) ?? 0).toISOString()).toBe(expected)
})

test('what is shown is the moment again', () => {
  for (const zone of ['Australia/Lord_Howe', 'America/St_Johns', 'UTC'])
    expect(momentOf(wallOf(1_774_746_000_000, zone), zone)).toBe(1_774_746_000_000)
  expect(momentOf('soon', 'UTC')).toBeUndefined()
})
