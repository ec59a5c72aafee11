// Retry budgets keep what they promise: retries stay a share of first attempts, and nobody is sent away for good.
import fc from 'fast-check'
import { expect, test } from '../../test/support/fixtures.ts'
import type { StoppedClock } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createRetryBudgets } from './retry-budgets.ts'
import type { RetryBudgets } from './retry-budgets.ts'
import { chanceOf, sequences, withFlakyRedis } from './testing/flaky.ts'
import { mortal } from './testing/mortal.ts'
import { RetryBudget } from './words.ts'

const usual = RetryBudget.parse({})

/** Lets time pass and waits for what a started process does then. */
const pass = async (kernel: Kernel, clock: StoppedClock, ms: number): Promise<void> => {
  await clock.advance(ms)
  for (let trip = 0; trip < 3; trip++) await kernel.redis.ping()
}

const retry = async (one: RetryBudgets, times: number, config = usual) => {
  const grants = await Promise.all(Array.from({ length: times }, () => one.take('spotify', config)))
  const refused = grants.flatMap((grant) => (grant.granted ? [] : [grant.untilMs]))
  return { granted: times - refused.length, refused }
}

test('has a hundred retries in reserve, then one each second, told one after another', async ({ kernel, clock }) => {
  const one = createRetryBudgets(kernel)
  const { granted, refused } = await retry(one, 103)
  expect([granted, refused.map((until) => until - clock.now())]).toEqual([100, [1_000, 2_000, 3_000]])
  const other = await retry(createRetryBudgets(kernel), 1)
  expect(other.refused).toEqual([clock.now() + 4_000])
  await clock.advance(1_000)
  expect((await retry(one, 2)).granted).toBe(1)
  await clock.advance(3_600_000)
  expect((await retry(one, 200)).granted).toBe(100)
})

test('five first attempts anywhere make one retry possible', async ({ kernel, clock }) => {
  const [one, two] = [createRetryBudgets(kernel), createRetryBudgets(kernel)]
  const config = RetryBudget.parse({ floor_per_s: 0 })
  await one.start()
  expect((await retry(two, 101, config)).granted).toBe(100)
  for (let call = 0; call < 50; call++) one.first('spotify', config)
  expect((await retry(two, 1, config)).granted).toBe(0)
  await pass(kernel, clock, 250)
  expect((await retry(two, 11, config)).granted).toBe(10)
  await one.stop()
})

test('a retry takes along what its own process has counted', async ({ kernel }) => {
  const one = createRetryBudgets(kernel)
  const config = RetryBudget.parse({ capacity: 1, floor_per_s: 0 })
  expect((await retry(one, 2, config)).granted).toBe(1)
  for (let call = 0; call < 5; call++) one.first('spotify', config)
  expect((await retry(one, 2, config)).granted).toBe(1)
})

test('first attempts that Redis did not hear of are told again', async ({ kernel }) => {
  let isBad = false
  const one = createRetryBudgets(
    withFlakyRedis(
      kernel,
      () => 0.05,
      () => isBad,
    ),
  )
  const config = RetryBudget.parse({ capacity: 1, floor_per_s: 0 })
  expect((await retry(one, 2, config)).granted).toBe(1)
  for (let call = 0; call < 20; call++) one.first('spotify', config)
  isBad = true
  expect((await retry(one, 1, config)).granted).toBe(0)
  isBad = false
  expect((await retry(one, 2, config)).granted).toBe(1)
  expect((await retry(one, 5, config)).granted).toBe(0)
})

test('nobody is told to wait for longer than a minute', async ({ kernel, clock }) => {
  const { refused } = await retry(createRetryBudgets(kernel), 400, RetryBudget.parse({ capacity: 1, floor_per_s: 0 }))
  expect(Math.max(...refused)).toBeLessThanOrEqual(clock.now() + 60_000)
  expect(Math.min(...refused)).toBeGreaterThan(clock.now())
})

test('where first attempts are many, the refused come again sooner', async ({ kernel, clock }) => {
  const one = createRetryBudgets(kernel)
  await one.start()
  for (let quarter = 0; quarter < 120; quarter++) {
    for (let call = 0; call < 25; call++) one.first('spotify', usual)
    await pass(kernel, clock, 250)
    await retry(one, 10)
  }
  // A hundred a second make twenty retries a second possible, and the floor one more.
  const { refused } = await retry(one, 100)
  const gap = ((refused.at(-1) ?? 0) - (refused[0] ?? 0)) / (refused.length - 1)
  expect(gap).toBeGreaterThan(40)
  expect(gap).toBeLessThan(60)
  await one.stop()
})

test.for([
  ['a sound Redis', false],
  ['a Redis that does things twice or does not answer', true],
] as const)(
  'with %s retries never exceed their share of first attempts, the reserve and the floor',
  { timeout: 90_000 },
  async ([, isBad], { kernel: sound, clock }) => {
    const config = RetryBudget.parse({ ratio: 0.2, capacity: 10, floor_per_s: 1 })
    const step = fc.oneof(
      fc.record({ op: fc.constant('first' as const), process: fc.nat(2), times: fc.integer({ min: 1, max: 40 }) }),
      fc.record({ op: fc.constant('retry' as const), process: fc.nat(2), times: fc.integer({ min: 1, max: 20 }) }),
      fc.record({ op: fc.constant('pass' as const), ms: fc.nat(3_000) }),
      fc.record({ op: fc.constant('restart' as const), process: fc.nat(2) }),
    )
    let runs = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), fc.integer(), async (steps, seed) => {
        const { kernel, die } = mortal(withFlakyRedis(sound, chanceOf(seed), () => isBad))
        const service = `s${runs++}`
        const processes = [0, 1, 2].map(() => createRetryBudgets(kernel))
        for (const one of processes) await one.start()
        const begun = clock.now()
        let [firsts, retries] = [0, 0]
        for (const each of steps) {
          if (each.op === 'pass') await pass(kernel, clock, each.ms)
          else if (each.op === 'restart') {
            const next = createRetryBudgets(kernel)
            await next.start()
            processes[each.process] = next
          } else if (each.op === 'first') {
            firsts += each.times
            for (let n = 0; n < each.times; n++) processes[each.process]?.first(service, config)
          } else {
            const one = processes[each.process] as RetryBudgets
            const grants = await Promise.all(Array.from({ length: each.times }, () => one.take(service, config)))
            retries += grants.filter(({ granted }) => granted).length
            expect(retries).toBeLessThanOrEqual(0.2 * firsts + 10 + (clock.now() - begun) / 1_000)
          }
        }
        die()
      }),
      sequences,
    )
  },
)

test('a bucket that has filled up again is not kept', async ({ kernel }) => {
  const one = createRetryBudgets(kernel)
  await retry(one, 50)
  const ttl = await kernel.redis.pttl(kernel.key('budgets', 'retries', 'spotify'))
  expect(ttl).toBeGreaterThan(45_000)
  expect(ttl).toBeLessThanOrEqual(60_000)
})
