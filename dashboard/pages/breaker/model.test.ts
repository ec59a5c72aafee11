// Only what was changed is sent, in the units of the API, and a replay is told as it was.
import { expect, test } from 'vitest'
import type { Breaker, WhatIf } from '../../../shared/breakers/contract.ts'
import { factsOf } from './facts.ts'
import { draftOf, fieldNames, outcomeWords, patchOf, replayedSegments, replayedWords, turned } from './model.ts'

const config: Breaker['config'] = {
  window: { type: 'time', size: 60, min_calls: 20 },
  failure_rate_threshold: 0.5,
  slow_call_rate_threshold: 0.8,
  slow_call_ms: 30_000,
  consecutive_failures: 8,
  open_ms: 30_000,
  open_max_ms: 600_000,
  jitter: 0.2,
  half_open_max: 3,
  probe_lease_ms: 65_000,
  failure_classes: ['transient', 'timeout'],
}
const draft = draftOf(config)

test('a form that was not touched asks for nothing', () => {
  expect(draft).toMatchObject({ failure_rate_threshold: '50', open_ms: '30', size: '60', type: 'time' })
  expect(patchOf(draft, config)).toEqual({ patch: {}, errors: {} })
})

test('what was changed is sent in the units of the API', () => {
  const changed = { ...draft, failure_rate_threshold: '35', open_ms: '1.5', size: '100', type: 'count', consecutive_failures: '' } // prettier-ignore
  expect(patchOf(changed, config).patch).toEqual({
    failure_rate_threshold: 0.35,
    open_ms: 1_500,
    consecutive_failures: null,
    window: { size: 100, type: 'count' },
  })
})

test('what cannot be is told at its field', () => {
  expect(patchOf({ ...draft, half_open_max: '0', open_ms: '700' }, config).errors).toEqual({
    half_open_max: 'Must be from 1 to 100.',
    open_max_ms: 'Must not be shorter than the first open period.',
  })
})

test('classes of errors turn on and off, in one order', () => {
  expect(turned(draft, 'timeout')).toBe('transient')
  expect(patchOf({ ...draft, failure_classes: turned(draft, 'permanent') }, config).patch).toEqual({
    failure_classes: ['transient', 'permanent', 'timeout'],
  })
  expect(fieldNames(['failure_classes', 'open_ms'])).toBe('errors that count, first open period')
})

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 22, 10, minute)).toISOString()
const span = { from: Date.parse(at(0)), to: Date.parse(at(60)) }
const outcome: WhatIf['proposed'] = {
  opened: 2,
  open_ms: 600_000,
  refused_calls: 1_041,
  periods: [
    { opened_at: at(10), closed_at: at(20), reason: 'threshold' },
    { opened_at: at(50), closed_at: null, reason: 'threshold' },
  ],
}

test('a replay says how often it would have opened, for how long, and what that had cost', () => {
  expect(outcomeWords(outcome)).toBe('Would have opened 2 times, for 10 min in all, refusing 1,041 calls.')
  expect(outcomeWords({ ...outcome, opened: 1, refused_calls: 1 })).toMatch(/opened once.*refusing 1 call\.$/)
  expect(outcomeWords({ opened: 0, open_ms: 0, refused_calls: 0, periods: [] })).toBe('Would not have opened.')
  const seen = { calls: 0, failures: 0, refused_calls: 0 } as WhatIf
  expect(replayedWords(seen)).toContain('nothing to replay')
  expect(replayedWords({ ...seen, calls: 240, failures: 31, refused_calls: 3 })).toBe(
    '240 calls in the last hour, 31 of them failed, and 3 were refused.',
  )
})

test('the replayed hour is a strip without holes', () => {
  const lengths = replayedSegments(outcome.periods, span).map(({ state, from, to }) => [state, (to - from) / 60_000])
  expect(lengths).toEqual([
    ['closed', 10],
    ['open', 10],
    ['closed', 30],
    ['open', 10],
  ])
  expect(replayedSegments([], span)).toEqual([{ ...span, state: 'closed' }])
})

test('the facts tell numbers with their share', () => {
  const seen = { calls: 40, failures: 10, failure_rate: 0.25, slow_calls: 0, slow_call_rate: 0, rejected: 1_200 }
  expect(factsOf(seen as Breaker).map(({ value }) => value)).toEqual(['40', '10 (25 %)', '0 (0 %)', '1,200 since it exists']) // prettier-ignore
})
