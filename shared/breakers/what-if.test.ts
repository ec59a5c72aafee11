// What other limits would have done with the same calls.
import { describe, expect, test } from 'vitest'
import { NO_CALLS } from './calls.ts'
import { HISTORY_SLOT_MS } from './history.ts'
import type { HistorySlot } from './history.ts'
import { offersOf, replay } from './what-if.ts'
import type { Replayed } from './what-if.ts'
import { BreakerConfig } from './words.ts'

const START = 299_000_000
const at = (n: number): string => new Date((START + n) * HISTORY_SLOT_MS).toISOString()
const END = (START + 600) * HISTORY_SLOT_MS
const limits = (given: object = {}): BreakerConfig =>
  BreakerConfig.parse({ open_ms: 30_000, jitter: 0, half_open_max: 2, ...given })

const slot = (n: number, calls: number, failures: number, more: Partial<HistorySlot> = {}): HistorySlot => ({
  n: START + n,
  tally: { ...NO_CALLS, calls, failures, lead: failures, worst: failures, trail: failures === calls ? calls : 0 },
  refused: 0,
  durations: new Map(),
  ...more,
})
const many = (from: number, to: number, failures: number): HistorySlot[] =>
  Array.from({ length: to - from }, (_, n) => slot(from + n, 10, failures))
/** A minute of calls that are well, one in which all fail, and three that are well again. */
const outage = [...many(0, 10, 0), ...many(10, 20, 10), ...many(20, 50, 0)]
const run = (slots: readonly HistorySlot[], config: BreakerConfig): Replayed =>
  replay(offersOf(slots, undefined), config, END)

describe('an outage of a minute', () => {
  test('opens when half of the window has failed, and closes by the first probes after it', () => {
    expect(run(outage, limits())).toEqual({
      opened: 1,
      open_ms: 30_000,
      refused_calls: 50,
      periods: [{ opened_at: at(15), closed_at: at(20), reason: 'threshold' }],
    })
  })

  test('opens sooner by a lower rate; probes that fail make it wait twice as long', () => {
    expect(run(outage, limits({ failure_rate_threshold: 0.2 }))).toEqual({
      opened: 2,
      open_ms: 96_000,
      // Five slots, one but for two probes, and ten.
      refused_calls: 158,
      periods: [{ opened_at: at(12), closed_at: at(28), reason: 'threshold' }],
    })
  })

  test.each<[string, object, string]>([
    ['failures in a row', { consecutive_failures: 3 }, 'consecutive'],
    ['the last twenty calls', { window: { type: 'count', size: 20 } }, 'threshold'],
  ])('opens by %s', (_name, given, reason) => {
    expect(run(outage, limits(given)).periods).toEqual([{ opened_at: at(11), closed_at: at(27), reason }])
  })

  test('does nothing to a breaker that asks for more', () => {
    expect(run(outage, limits({ window: { min_calls: 101 } }))).toMatchObject({ opened: 0, refused_calls: 0 })
  })

  test('that is not over is open until the end', () => {
    const { open_ms, periods } = run(outage.slice(0, 20), limits())
    expect(periods).toEqual([{ opened_at: at(15), closed_at: null, reason: 'threshold' }])
    expect(open_ms).toBe(END - Date.parse(at(15)))
  })
})

test('calls that were refused in truth are offered again, and go as the service went last', () => {
  const slots = [...many(0, 5, 10), ...Array.from({ length: 10 }, (_, n) => slot(5 + n, 0, 0, { refused: 7 }))]
  const { refused_calls, opened } = run(slots, limits({ window: { min_calls: 50 } }))
  // Open for five slots, two probes of seven calls fail, open for four more that are left.
  expect({ refused_calls, opened }).toEqual({ refused_calls: 5 * 7 + 5 + 4 * 7, opened: 2 })
})

test('another limit of slowness is estimated from doublings, exact at their ends', () => {
  // Bucket 10 holds what took 512 to 1,024 ms.
  const slots = [slot(0, 40, 0, { durations: new Map([[3, 20], [10, 20]]) })] // prettier-ignore
  const slowBy = (ms: number): number => offersOf(slots, ms)[0]?.tally.slow ?? -1
  expect([4, 8, 512, 768, 1_024].map(slowBy)).toEqual([40, 20, 20, 10, 0])
  expect(replay(offersOf(slots, 512), limits({ slow_call_rate_threshold: 0.5 }), END).periods).toMatchObject([
    { reason: 'slow_calls' },
  ])
})
