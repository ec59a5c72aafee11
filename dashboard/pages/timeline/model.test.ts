// A link must bring back the same timeline, and nothing must be fetched twice or left out.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  covers,
  filterOf,
  joined,
  lanesOut,
  linked,
  missing,
  runKey,
  settingsOf,
  windowOf,
  windowSearch,
} from './model.ts'

const from = (search: string) => (name: string) => new URLSearchParams(search).get(name) ?? undefined

test('an empty link is the default, a wrong one too', () => {
  const fresh = {
    group: 'queue',
    color: 'priority',
    order: 'trouble',
    view: 'chart',
    q: '',
    lanes: undefined,
    folds: false,
    selected: undefined,
  }
  expect(settingsOf(from(''))).toEqual(fresh)
  expect(settingsOf(from('group=moon&color=&view=x&sel=nonsense'))).toEqual(fresh)
  expect(settingsOf(from(`lanes=${encodeURIComponent(lanesOut(['a,b', 'ü']) ?? '')}`)).lanes).toEqual(['a,b', 'ü'])
  expect(linked('queue', 'queue')).toBeUndefined()
  expect(linked('name', 'queue')).toBe('name')
})

test('a selected run comes back out of its key', () => {
  const run = { queue: 'mail.send', id: 't_0198-a', attempt: 3 }
  expect(settingsOf(from(new URLSearchParams({ sel: runKey(run) }).toString())).selected).toEqual(run)
})

test('a frozen window is absolute, a live one ends now', () => {
  const now = Date.UTC(2026, 10, 22, 11)
  const frozen = { from: now - 7_200_000, to: now - 3_600_000 }
  const search = new URLSearchParams(windowSearch(frozen, false) as Record<string, string>).toString()
  expect(windowOf(from(search), now)).toEqual({ window: frozen, follow: false })
  expect(windowOf(from('t=15m'), now)).toEqual({ window: { from: now - 900_000, to: now }, follow: true })
  const back = now - 3_600_000
  expect(windowOf(from(`t=15m&as_of=${new Date(back).toISOString()}`), now)).toEqual({ window: { from: back - 900_000, to: back }, follow: false }) // prettier-ignore
  expect(windowOf(from('from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z'), now).follow).toBe(true)
  expect(windowSearch(frozen, true)).toEqual({ from: undefined, to: undefined })
})

test('the filter tells states from text and ignores states there are none of', () => {
  expect(filterOf('state:failed state:retrying mail')).toEqual({ states: ['retrying', 'failed'], text: 'mail' })
  expect(filterOf('state:moon')).toEqual({})
  expect(filterOf('  two  words ')).toEqual({ text: 'two words' })
})

test('what is fetched covers the window, and once fetched it is never fetched again', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(10_000), fc.integer({ min: 1, max: 2_000 })), { maxLength: 20 }), (moves) => {
      const now = 8_000
      let loaded: { from: number; to: number }[] = []
      for (const [at, length] of moves) {
        const window = { from: at, to: at + length }
        const next = missing(window, loaded, now)
        if (next) {
          expect(next.to).toBeLessThanOrEqual(now)
          loaded = joined(loaded, next)
        }
        expect(missing(window, loaded, now)).toBeUndefined()
      }
      for (const [index, known] of loaded.slice(1).entries()) expect(known.from).toBeGreaterThan(loaded[index]?.to ?? 0)
    }),
    { numRuns: 200 },
  )
})

test('a window that follows now is covered by what is on its way, until it is moved elsewhere', () => {
  const coming = { from: 1_000, to: Infinity }
  expect(covers(coming, { from: 2_000, to: 5_000 }, 4_000)).toBe(true)
  expect(covers(coming, { from: 900, to: 5_000 }, 4_000)).toBe(false)
  expect(covers({ from: 1_000, to: 3_000 }, { from: 2_000, to: 5_000 }, 3_000)).toBe(true)
  expect(covers({ from: 1_000, to: 3_000 }, { from: 2_000, to: 5_000 }, 3_001)).toBe(false)
})
