// What a breaker does and why must be said right in every state, to the second it changes.
import { expect, test } from 'vitest'
import type { Breaker } from '../../../shared/breakers/contract.ts'
import { actionsFor, actionWords, carryOut } from './actions.ts'
import { limitWords, nextWords, seenWords, sortBreakers, stateLine, summaryWords } from './model.ts'
import { segmentsOf, stripWords } from './strip.ts'

const NOW = Date.parse('2026-11-22T10:30:00Z')
const ago = (ms: number): string => new Date(NOW - ms).toISOString()

const breaker = (service: string, more: Partial<Breaker> = {}): Breaker => ({
  service,
  state: 'closed',
  reason: null,
  generation: 0,
  since: null,
  failure_rate: 0,
  slow_call_rate: 0,
  calls: 0,
  failures: 0,
  slow_calls: 0,
  rejected: 0,
  window: { type: 'time', size: 60, min_calls: 20 },
  opened_at: null,
  next_attempt_at: null,
  forced: null,
  half_open: { permitted: 3, in_flight: 0, successes: 0, failures: 0 },
  config: {
    window: { type: 'time', size: 60, min_calls: 20 },
    failure_rate_threshold: 0.5,
    slow_call_rate_threshold: 0.8,
    slow_call_ms: 30_000,
    consecutive_failures: null,
    open_ms: 30_000,
    open_max_ms: 600_000,
    jitter: 0.2,
    half_open_max: 3,
    probe_lease_ms: 65_000,
    failure_classes: ['transient', 'timeout', 'rate_limited', 'unknown'],
  },
  updated_at: null,
  version: 0,
  ...more,
})
const open = breaker('smtp', {
  state: 'open',
  reason: 'threshold',
  since: ago(480_000),
  failure_rate: 0.71,
  calls: 24,
  next_attempt_at: ago(-18_400),
})
const forced = { by: 'Ada', reason: 'The bank is down.', until: ago(-720_000) }

test('every state is a sentence that says why and what comes next', () => {
  const say = (it: Breaker): string => stateLine(it, NOW, 'UTC')
  expect(say(breaker('a'))).toBe('Closed: calls go through. It never opened. No calls counted.')
  expect(say(breaker('a', { reason: 'probe_ok', since: ago(60_000), calls: 4, failure_rate: 0.25 }))).toBe(
    'Closed since 10:29:00 (1 min), as its probes passed. 25 % of 4 calls failed in 1 min, too few to judge.',
  )
  expect(say(open)).toBe('Open since 10:22:00 (8 min) because 71 % of 24 calls failed. Probe in 18 s.')
  expect(say({ ...open, reason: 'probe_failed', opened_at: ago(960_000), next_attempt_at: ago(-72_000) })).toBe(
    'Open since 10:14:00 (16 min); its last probe failed 8 min ago. Probe in 1 min 12 s.',
  )
  expect(say({ ...open, next_attempt_at: ago(5_000) })).toMatch(/Probe with the next call\.$/)
  expect(
    say(
      breaker('a', {
        state: 'half_open',
        reason: 'timeout',
        since: ago(500),
        half_open: { permitted: 3, in_flight: 1, successes: 2, failures: 0 },
      }),
    ),
  ).toBe('Half-open since 10:29:59: 2 of 3 probes passed, 1 in flight.')
  expect(say(breaker('a', { state: 'forced_open', since: ago(3_000), forced }))).toBe(
    'Forced open since 10:29:57 (3.0 s) by Ada: The bank is down. It ends in 12 min. No call goes through.',
  )
  expect(say(breaker('a', { state: 'disabled', since: ago(3_000), forced: { ...forced, until: null } }))).toContain(
    'It lasts until somebody ends it. Calls go through and nothing is counted.',
  )
})

test('in a list it says what happens next, or who holds it', () => {
  expect(nextWords(open, NOW)).toBe('Probe in 18 s')
  expect(nextWords(breaker('a', { state: 'forced_closed', forced }), NOW)).toBe('by Ada, ends in 12 min')
  expect(nextWords(breaker('a'), NOW)).toBe('')
})

test('the limits and what is seen are told in the words of their window', () => {
  const counted = { type: 'count', size: 100, min_calls: 10 } as const
  expect(limitWords(open)).toBe('Opens when 50 % of at least 20 calls in 1 min fail.')
  expect(limitWords(breaker('a', { window: counted, config: { ...open.config, consecutive_failures: 8 } }))).toBe(
    'Opens when 50 % of at least 10 calls of the last 100 calls fail, or after 8 failures in a row.',
  )
  expect(seenWords(breaker('a', { calls: 341, failure_rate: 0.02 }))).toBe('2 % of 341 calls failed in 1 min.')
})

test('trouble comes first, then what people hold, then those that fail most', () => {
  const list = [
    breaker('b'),
    breaker('a'),
    breaker('failing', { failure_rate: 0.2 }),
    breaker('off', { state: 'disabled' }),
    breaker('held', { state: 'forced_open' }),
    open,
  ]
  expect(sortBreakers(list).map(({ service }) => service)).toEqual(['smtp', 'held', 'off', 'failing', 'a', 'b'])
  expect(summaryWords(list)).toBe('2 services get no calls or only a few. 1 service is not guarded.')
  expect(summaryWords([breaker('a')])).toBe('Every service gets its calls.')
})

const span = { from: NOW - 900_000, to: NOW }
const piece = (state: Breaker['state'], from: number, to: number) => ({ state, from: ago(from), to: ago(to), duration_ms: from - to }) // prettier-ignore

test('a strip ends with the state as it is, also when its pieces are older', () => {
  expect(segmentsOf([], breaker('a'), span)).toEqual([{ from: span.from, to: NOW, state: 'closed' }])
  const pieces = [piece('closed', 900_000, 600_000), piece('open', 600_000, 60_000)]
  expect(segmentsOf(pieces, { state: 'open', since: ago(600_000) }, span).at(-1)).toEqual({
    from: NOW - 600_000,
    to: NOW,
    state: 'open',
  })
  const closed = segmentsOf(pieces, { state: 'closed', since: ago(30_000) }, span)
  expect(closed.map(({ state, from, to }) => [state, to - from])).toEqual([
    ['closed', 300_000],
    ['open', 570_000],
    ['closed', 30_000],
  ])
  expect(stripWords(closed, 'in the last 15 m')).toBe('Kept calls back once, 9 min 30 s in all, in the last 15 m.')
})

test('what is not known of the past is left out, not guessed', () => {
  expect(segmentsOf([], { state: 'open', since: ago(60_000) }, span)).toEqual([
    { from: NOW - 60_000, to: NOW, state: 'open' },
  ])
})

test('half-open after open is one time, not two', () => {
  const pieces = [piece('open', 900_000, 600_000), piece('half_open', 600_000, 590_000), piece('open', 590_000, 300_000), piece('closed', 300_000, 200_000), piece('open', 200_000, 0)] // prettier-ignore
  expect(stripWords(segmentsOf(pieces, { state: 'open', since: ago(200_000) }, span), 'in the last 15 m')).toMatch(
    /back 2 times/,
  )
})

test('what is forced can be ended, and is not offered again', () => {
  expect(actionsFor({ state: 'forced_open' })[0]).toBe('auto')
  expect(actionsFor({ state: 'forced_open' })).not.toContain('forceOpen')
  expect(actionsFor({ state: 'closed' })).not.toContain('auto')
  expect(actionWords.reset.scope).toBe('recovery:write')
})

test('a time limit is sent only when there is one, and an empty reason never', async () => {
  const calls: unknown[] = []
  const note = (call: unknown) => Promise.resolve(calls.push(call)).then(() => open)
  const client = { breakers: { forceOpen: note, reset: note } } as unknown as Parameters<typeof carryOut>[0]
  await carryOut(client, 'forceOpen', 'smtp', { reason: 'down', length: '900' })
  await carryOut(client, 'forceOpen', 'smtp', { reason: 'down', length: '' })
  await carryOut(client, 'reset', 'smtp', { reason: '', length: '900' })
  expect(calls).toEqual([
    { params: { service: 'smtp' }, body: { reason: 'down', ttl_s: 900 } },
    { params: { service: 'smtp' }, body: { reason: 'down' } },
    { params: { service: 'smtp' }, body: {} },
  ])
})
