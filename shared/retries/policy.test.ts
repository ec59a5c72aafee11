// What waits may be relied on, shown for any policy, any number of attempts and any chance.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ceilingMs, DEFAULT_RETRY_POLICY, merge, nextDelay, verdict } from './policy.ts'
import { BackoffOverride, ErrorClass, RetryOverride, RetryPolicy } from './words.ts'
import type { BackoffPolicy } from './words.ts'

const DAY = 86_400_000
const delay = fc.integer({ min: 0, max: 30 * DAY })
const delays = fc.array(delay, { minLength: 1, maxLength: 50 })
const policies: fc.Arbitrary<BackoffPolicy> = fc
  .record({
    type: fc.constantFrom('fixed' as const, 'exponential' as const, 'custom' as const),
    delay_ms: delay,
    max_ms: delay,
    jitter: fc.constantFrom('none' as const, 'full' as const, 'equal' as const),
    delays,
  })
  .map(({ delays: list, ...policy }) => (policy.type === 'custom' ? { ...policy, delays: list } : policy))
const attempts = fc.integer({ min: 1, max: 10_000 })
// Everything `Math.random` may give, its ends more often than by chance.
const chance = fc.oneof(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.constantFrom(0, 1 - 2 ** -53))
const always = (value: number) => () => value

const backoff = (more: Partial<BackoffPolicy>): BackoffPolicy => ({
  ...{ type: 'exponential', delay_ms: 1000, max_ms: 900_000, jitter: 'none' },
  ...more,
})

/** A small generator with a seed (mulberry32): chance that is the same in every run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Is a share from 0 to 1 in tenth number `bin`? */
const inBin = (share: number, bin: number): boolean => Math.min(9, Math.floor(share * 10)) === bin

describe('a wait', () => {
  test('is a whole number from 0 to the cap, for every policy and attempt', () => {
    fc.assert(
      fc.property(policies, attempts, chance, (policy, attempt, drawn) => {
        const wait = nextDelay(policy, attempt, { random: always(drawn) })
        expect(Number.isInteger(wait)).toBe(true)
        expect(wait).toBeGreaterThanOrEqual(0)
        expect(wait).toBeLessThanOrEqual(Math.min(policy.max_ms, Math.ceil(ceilingMs(policy, attempt))))
      }),
      { numRuns: 2000 },
    )
  })

  test('keeps to its jitter', () => {
    fc.assert(
      fc.property(policies, attempts, chance, (policy, attempt, drawn) => {
        const ceiling = ceilingMs(policy, attempt)
        const wait = nextDelay(policy, attempt, { random: always(drawn) })
        if (policy.jitter === 'none') expect(wait).toBe(ceiling)
        else expect(wait).toBeGreaterThanOrEqual(policy.jitter === 'equal' ? Math.floor(ceiling / 2) : 0)
      }),
    )
  })

  test('doubles from the first to the cap', () => {
    const waits = [1, 2, 3, 4, 10, 11, 12, 10_000].map((attempt) =>
      nextDelay(backoff({}), attempt, { random: always(0) }),
    )
    expect(waits).toEqual([1000, 2000, 4000, 8000, 512_000, 900_000, 900_000, 900_000])
  })

  test('never shrinks without a list, over all 10,000 attempts', () => {
    fc.assert(
      fc.property(policies, (policy) => {
        fc.pre(policy.type !== 'custom')
        let before = 0
        for (let attempt = 1; attempt <= 10_000; attempt += 1) {
          const ceiling = ceilingMs(policy, attempt)
          if (!(ceiling >= before && ceiling <= policy.max_ms)) expect.fail(`${ceiling} after ${before}`)
          before = ceiling
        }
      }),
      { numRuns: 20 },
    )
  })

  test('of a list is its entry, the last one again and again, under the cap', () => {
    const policy = backoff({ type: 'custom', delays: [5, 5000, 50], max_ms: 1000 })
    expect([1, 2, 3, 4, 99].map((attempt) => ceilingMs(policy, attempt))).toEqual([5, 1000, 50, 50, 50])
  })

  test.each([{}, { delays: [] }])('of a list that is missing is the first wait', (more) => {
    expect(ceilingMs(backoff({ type: 'custom', ...more }), 3)).toBe(1000)
  })

  test('with full jitter is spread evenly, half the ceiling in the middle', () => {
    const random = seeded(20_261_122)
    const policy = backoff({ jitter: 'full', delay_ms: 60_000 })
    const waits = Array.from({ length: 10_000 }, () => nextDelay(policy, 3, { random }))
    const ceiling = ceilingMs(policy, 3)
    const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length
    expect(mean / ceiling).toBeCloseTo(0.5, 1.5)
    const bins = Array.from({ length: 10 }, (_, bin) => waits.filter((wait) => inBin(wait / ceiling, bin)).length)
    const chiSquare = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
    // 9 degrees of freedom: an even spread stays below in 999 of 1,000 draws.
    expect(chiSquare).toBeLessThan(27.9)
  })

  test('with equal jitter is three quarters of the ceiling in the middle', () => {
    const random = seeded(7)
    const waits = Array.from({ length: 10_000 }, () => nextDelay(backoff({ jitter: 'equal' }), 5, { random }))
    expect(waits.reduce((sum, wait) => sum + wait, 0) / waits.length / 16_000).toBeCloseTo(0.75, 1.5)
  })

  test.each([Number.NaN, -1, 2, Infinity, -Infinity])('stays one when chance says %d', (drawn) => {
    expect(nextDelay(backoff({ jitter: 'full' }), 1, { random: always(drawn) })).toBe(500)
  })

  test.each([0, -5, Number.NaN, 0.5])('for attempt %d is that of the first', (attempt) => {
    expect(ceilingMs(backoff({}), attempt)).toBe(1000)
  })

  test('after more attempts than can be counted is the cap', () => {
    expect(ceilingMs(backoff({}), Infinity)).toBe(900_000)
    expect(ceilingMs(backoff({ delay_ms: 0 }), Infinity)).toBe(0)
  })
})

describe('Retry-After', () => {
  test('is never undercut, and overdone by a tenth at most', () => {
    const asked = fc.oneof(
      fc.integer({ min: 0, max: 3 * DAY }),
      fc.double({ min: 0, noNaN: true }),
      fc.constant(Infinity),
    )
    fc.assert(
      fc.property(policies, attempts, chance, asked, (policy, attempt, drawn, retryAfterMs) => {
        const own = nextDelay(policy, attempt, { random: always(drawn) })
        const wait = nextDelay(policy, attempt, { random: always(drawn), retryAfterMs })
        const least = Math.max(own, Math.min(Math.max(retryAfterMs, 1000), DAY))
        expect(wait).toBeGreaterThanOrEqual(Math.floor(least))
        expect(wait).toBeLessThanOrEqual(Math.ceil(least * 1.1) + 1)
      }),
      { numRuns: 1000 },
    )
  })

  test.each([
    [0, 1000],
    [7_000, 7_000],
    [1e15, DAY],
    [Infinity, DAY],
  ])('of %d ms is taken as %d', (retryAfterMs, wait) => {
    expect(nextDelay(backoff({ delay_ms: 0 }), 1, { random: always(0), retryAfterMs })).toBe(wait)
  })

  test('shorter than our own wait does not shorten it', () => {
    expect(nextDelay(backoff({}), 5, { random: always(0), retryAfterMs: 2000 })).toBe(16_000)
  })

  test('spreads those who were told the same moment', () => {
    const random = seeded(3)
    const waits = Array.from({ length: 100 }, () => nextDelay(backoff({}), 1, { random, retryAfterMs: 60_000 }))
    expect(new Set(waits).size).toBeGreaterThan(90)
  })

  test.each([Number.NaN, -1, -Infinity, undefined])('%s is ignored', (retryAfterMs) => {
    expect(nextDelay(backoff({}), 1, { random: always(0), retryAfterMs })).toBe(1000)
  })
})

describe('merging', () => {
  test('leaves out nothing and adds nothing when the job says nothing', () => {
    expect(merge(DEFAULT_RETRY_POLICY)).toEqual(DEFAULT_RETRY_POLICY)
    expect(merge(DEFAULT_RETRY_POLICY, { attempts: undefined, backoff: { type: undefined } })).toEqual(
      DEFAULT_RETRY_POLICY,
    )
    expect(DEFAULT_RETRY_POLICY).toEqual({
      attempts: 5,
      backoff: { type: 'exponential', delay_ms: 1000, max_ms: 900_000, jitter: 'full' },
    })
  })

  test('lays what the job says over its kind', () => {
    expect(merge(DEFAULT_RETRY_POLICY, { attempts: 1, backoff: { type: 'fixed', jitter: 'none' } })).toEqual({
      attempts: 1,
      backoff: { type: 'fixed', delay_ms: 1000, max_ms: 900_000, jitter: 'none' },
    })
  })

  test('raises the cap of the kind for a job that asks for longer waits, not a cap the job gave', () => {
    const day = merge(DEFAULT_RETRY_POLICY, { backoff: { type: 'fixed', delay_ms: DAY, jitter: 'none' } })
    expect(nextDelay(day.backoff, 1, { random: always(0) })).toBe(DAY)
    const list = merge(DEFAULT_RETRY_POLICY, { backoff: { type: 'custom', delays: [1, DAY] } })
    expect(ceilingMs(list.backoff, 2)).toBe(DAY)
    expect(merge(DEFAULT_RETRY_POLICY, { backoff: { delay_ms: 10, max_ms: 50 } }).backoff.max_ms).toBe(50)
  })

  test('drops the list of the kind when the job asks for another type', () => {
    const kind = merge(DEFAULT_RETRY_POLICY, { backoff: { type: 'custom', delays: [1] } })
    expect(merge(kind, { backoff: { type: 'fixed' } }).backoff).not.toHaveProperty('delays')
    expect(merge(kind, { attempts: 2 }).backoff.delays).toEqual([1])
  })

  test('gives policies that are valid and cannot be changed, and changes neither side', () => {
    const override = fc.record({ attempts: fc.integer({ min: 1, max: 50 }), backoff: policies }, { requiredKeys: [] })
    fc.assert(
      fc.property(policies, override, (kindBackoff, job) => {
        const before = structuredClone([kindBackoff, job])
        const merged = merge({ attempts: 5, backoff: kindBackoff }, job)
        expect(RetryPolicy.parse(merged)).toEqual(merged)
        expect([merged, merged.backoff, merged.backoff.delays].every((part) => Object.isFrozen(part))).toBe(true)
        expect([kindBackoff, job]).toEqual(before)
        expect([kindBackoff, job.backoff].some((given) => Object.isFrozen(given?.delays ?? []))).toBe(false)
      }),
    )
  })
})

describe('what a client may say', () => {
  test.each([
    {},
    { attempts: 50 },
    { backoff: { type: 'custom', delays: [0, 30 * DAY] } },
    { backoff: { delay_ms: 5, max_ms: 5, jitter: 'equal' } },
  ])('%j is taken as it is', (override) => {
    expect(RetryOverride.parse(override)).toEqual(override)
  })

  test.each([
    { attempts: 0 },
    { attempts: 51 },
    { attempts: 1.5 },
    { attempts: '5' },
    { tries: 5 },
    { backoff: 1000 },
    { backoff: { type: 'constructor' } },
    { backoff: { type: 'linear' } },
    { backoff: { delay_ms: 'abc' } },
    { backoff: { delay_ms: -1 } },
    { backoff: { delay_ms: 0.5 } },
    { backoff: { delay_ms: Number.NaN } },
    { backoff: { delay_ms: Infinity } },
    { backoff: { delay_ms: 30 * DAY + 1 } },
    { backoff: { delay_ms: 10, max_ms: 9 } },
    { backoff: { factor: 3 } },
    { backoff: { jitter: 0.5 } },
    { backoff: { delays: [1] } },
    { backoff: { type: 'custom' } },
    { backoff: { type: 'custom', delays: [] } },
    { backoff: { type: 'custom', delays: [Number.NaN] } },
    { backoff: { type: 'custom', delays: Array.from({ length: 51 }, () => 1) } },
    { backoff: { type: 'fixed', delays: [1] } },
  ])('%j is refused', (override) => {
    expect(RetryOverride.safeParse(override).success).toBe(false)
  })

  test('an override fills in nothing', () => {
    expect(BackoffOverride.parse({})).toEqual({})
  })
})

describe('the verdict', () => {
  const policy = merge(DEFAULT_RETRY_POLICY, { attempts: 3, backoff: { jitter: 'none' } })
  const judge = (errorClass: ErrorClass, attempt: number, retryAfterMs?: number) =>
    verdict({ class: errorClass, retryAfterMs }, policy, attempt, always(0))

  test.each(['transient', 'timeout', 'rate_limited', 'unknown'] as const)(
    '%s is tried until the attempts are used up',
    (of) => {
      expect([1, 2, 3, 4].map((attempt) => judge(of, attempt))).toEqual([
        { kind: 'retry', delayMs: 1000 },
        { kind: 'retry', delayMs: 2000 },
        { kind: 'dead', reason: 'exhausted' },
        { kind: 'dead', reason: 'exhausted' },
      ])
    },
  )

  test('permanent ends at once, whatever was asked', () => {
    expect(judge('permanent', 1, 5000)).toEqual({ kind: 'dead', reason: 'permanent' })
  })

  test('an open circuit defers, after any number of attempts', () => {
    expect(judge('circuit_open', 1, 30_000)).toEqual({ kind: 'defer', delayMs: 30_000, reason: 'circuit_open' })
    expect(judge('circuit_open', 99)).toMatchObject({ kind: 'defer' })
  })

  test('obeys Retry-After', () => {
    expect(judge('rate_limited', 1, 30_000)).toEqual({ kind: 'retry', delayMs: 30_000 })
  })

  test('exists for every class and attempt', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ErrorClass.options), attempts, policies, (of, attempt, backoffPolicy) => {
        const said = verdict({ class: of }, { attempts: 10, backoff: backoffPolicy }, attempt, always(0.5))
        expect(said.kind === 'dead' || said.delayMs >= 0).toBe(true)
      }),
    )
  })
})
