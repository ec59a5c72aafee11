// Links to portals in words, and what a subscriber cannot do with an endpoint that was made for them.
import { expect, test } from 'vitest'
import { isMadeForThem, keptReason } from './guest.ts'
import { linkOf, standingWords, subscribersIn } from './portal.ts'

const NOW = Date.UTC(2026, 10, 27, 10)
const at = (minutes: number): string => new Date(NOW + minutes * 60_000).toISOString()

test('a link says how long it holds, and who opened it until when they are in', () => {
  expect(standingWords({ expires_at: at(90), opened_at: null, ends_at: null }, NOW, 'UTC')).toBe(
    'Not opened yet; can be until 11:30:00.',
  )
  expect(standingWords({ expires_at: at(90), opened_at: at(-5), ends_at: at(600) }, NOW, 'UTC')).toBe(
    'Opened 5 min ago; lets them in until 20:00:00.',
  )
})

test('a form asks for whose webhooks, and of which queues', () => {
  expect(linkOf({ subscriber: ' acme ', queues: 'mail, http.*', hold: '3600' })).toEqual({
    body: { subscriber: 'acme', queues: ['mail', 'http.*'], expires_in_s: 3_600 },
  })
  expect(linkOf({ subscriber: ' ', queues: '', hold: '86400' }).error).toBe('Say whose webhooks it opens.')
})

test('subscribers are offered once each', () => {
  expect(subscribersIn([{ subscriber: 'b' }, { subscriber: null }, { subscriber: 'a' }, { subscriber: 'b' }])).toEqual([
    'a',
    'b',
  ])
})

test('an endpoint that hears of more than its subscriber sees was made for them', () => {
  const made = (guest: string | undefined, seen: string[], queues: string[]) =>
    isMadeForThem({ queues }, { guest, queues: seen })
  expect(made('acme', [], ['*'])).toBe(true)
  expect(made('acme', ['mail'], ['mail'])).toBe(false)
  expect(made('acme', ['*'], ['mail'])).toBe(false)
  expect(made(undefined, [], ['*'])).toBe(false)
  expect(keptReason({ queues: ['*'] }, { guest: 'acme', queues: [] })).toMatch(/pause it instead/)
})
