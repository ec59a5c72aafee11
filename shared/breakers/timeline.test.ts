// Changes become pieces with true durations, and too many of them become fewer.
import { describe, expect, test } from 'vitest'
import type { PastChange } from './store.ts'
import { piecesOf, toTimeline } from './timeline.ts'
import type { BreakerState } from './words.ts'

const change = (at: number, from: BreakerState, to: BreakerState): PastChange => ({ at, from, to, reason: 'manual' })
const span = { from: 1_000, to: 2_000 }
const say = (past: PastChange[], now: BreakerState = 'closed'): [BreakerState, number][] =>
  piecesOf(past, now, span).map(({ state, duration_ms }) => [state, duration_ms])

describe('pieces', () => {
  test('of a breaker that never changed are one', () => {
    expect(say([], 'closed')).toEqual([['closed', 1_000]])
  })

  test('begin with the state of before, cut to the span', () => {
    expect(say([change(400, 'closed', 'open'), change(1_300, 'open', 'half_open')])).toEqual([
      ['open', 300],
      ['half_open', 700],
    ])
  })

  test('begin with what the first change came from, where nothing older is kept', () => {
    expect(say([change(1_900, 'open', 'half_open'), change(2_500, 'half_open', 'closed')])).toEqual([
      ['open', 900],
      ['half_open', 100],
    ])
    expect(say([change(2_500, 'forced_open', 'closed')])).toEqual([['forced_open', 1_000]])
  })

  test('that are equal neighbours are one', () => {
    expect(say([change(1_200, 'closed', 'closed'), change(1_400, 'closed', 'open')])).toEqual([
      ['closed', 400],
      ['open', 600],
    ])
  })
})

test('the worst services are told first, the newest pieces where there are too many', () => {
  const flapping = Array.from({ length: 900 }, (_, n) => change(1_001 + n, n % 2 ? 'open' : 'closed', n % 2 ? 'closed' : 'open')) // prettier-ignore
  const services = [
    { service: 'well', pieces: piecesOf([], 'closed', span) },
    { service: 'flapping', pieces: piecesOf(flapping, 'closed', span) },
    { service: 'down', pieces: piecesOf([change(900, 'closed', 'open')], 'open', span) },
  ]
  const all = toTimeline(services, span, 3)
  expect(all.services.map(({ service, pieces }) => [service, pieces.length])).toEqual([
    ['down', 1],
    ['flapping', 200],
    ['well', 1],
  ])
  expect(all.truncated).toBe(true)
  expect(all.services[1]?.pieces.at(-1)?.to).toBe(all.to)
  const few = toTimeline(services, span, 1)
  expect(few.services.map(({ service }) => service)).toEqual(['down'])
})
