// Budgets keep what they promise: never exceeded in any window, whoever asks, and nearly all of it can be used.
import fc from 'fast-check'
import { vi } from 'vitest'
import { expect, test as base } from '../../test/support/fixtures.ts'
import { startTestRedis } from '../../test/support/redis-server.ts'
import { createKernel } from '../kernel/kernel.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createBudgets, CostAboveLimit } from './budgets.ts'
import type { Budgets, Grant, Take } from './budgets.ts'
import { leaseMsOf } from './policy.ts'
import { chanceOf, withFlakyRedis } from './testing/flaky.ts'
import { mortal } from './testing/mortal.ts'
import type { Service } from '../kernel/service.ts'
import { Budget } from './words.ts'

type Process = Budgets & Service

const test = base.extend<{ process: () => Process }>({
  process: async ({ kernel }, use) => {
    const made: Process[] = []
    await use(() => {
      const one = createBudgets(kernel)
      made.push(one)
      return one
    })
    for (const one of made) await one.stop()
  },
})

const budgetOf = (limit: number, per_ms: number, more: object = {}): Budget => Budget.parse({ limit, per_ms, ...more })

/** ms after a call at which what it used may be used again: it left the window at the latest moment it could be made. */
const freeAfter = (perMs: number): number => perMs + leaseMsOf(perMs) + 2

/** Takes until it is refused; answers how many calls were granted and when to come again. */
const drain = async (process: Budgets, budget: Budget, options?: Take, most = 10_000) => {
  for (let granted = 0; ; granted++) {
    const grant = await process.take('spotify', budget, options)
    if (!grant.granted) return { granted, untilMs: grant.untilMs }
    if (granted >= most) throw new Error('granted without end')
  }
}

const takeMany = (times: number, take: () => Grant | Promise<Grant>): Promise<Grant[]> =>
  Promise.all(Array.from({ length: times }, async () => take()))

test('grants what the limit allows, then says when a call may fit again, which is true', async ({ process, clock }) => {
  const [one, two] = [process(), process()]
  const budget = budgetOf(10, 10_000)
  expect(await drain(one, budget)).toEqual({ granted: 10, untilMs: clock.now() + freeAfter(10_000) })
  expect(await two.take('spotify', budget)).toEqual({ granted: false, untilMs: clock.now() + freeAfter(10_000) })
  await clock.advance(freeAfter(10_000) - 1)
  expect(await drain(two, budget)).toMatchObject({ granted: 0 })
  await clock.advance(1)
  expect(await drain(two, budget)).toMatchObject({ granted: 10 })
})

test('frees each call when it leaves the window, not all at once', async ({ process, clock }) => {
  const one = process()
  const budget = budgetOf(3, 9_000)
  for (let call = 0; call < 3; call++) {
    expect(await one.take('spotify', budget)).toMatchObject({ granted: true, atMs: clock.now() })
    await clock.advance(2_000)
  }
  expect(await one.take('spotify', budget)).toEqual({ granted: false, untilMs: clock.now() + freeAfter(9_000) - 6_000 })
  await clock.advance(freeAfter(9_000) - 6_000)
  expect(await drain(one, budget)).toEqual({ granted: 1, untilMs: clock.now() + 2_000 })
})

test('asks Redis once for many calls of one turn, and not at all for what is leased', async ({
  process,
  kernel,
  clock,
}) => {
  const one = process()
  const budget = budgetOf(1_000_000, 86_400_000)
  const take = (): Grant | Promise<Grant> => one.take('spotify', budget)
  // Loads the script.
  await take()
  const asked = vi.spyOn(kernel.redis, 'evalsha')
  const grants = await takeMany(500, take)
  expect([grants.filter(({ granted }) => granted).length, asked.mock.calls.length]).toEqual([500, 1])
  await clock.advance(250)
  await take()
  expect(asked.mock.calls.length).toBe(2)
  for (let call = 0; call < 250; call++) expect(take()).toMatchObject({ granted: true })
  expect(asked.mock.calls.length).toBe(2)
})

test('what one process leased and does not use, another one gets within a second', async ({ process, clock }) => {
  const [one, two] = [process(), process()]
  await one.start()
  const budget = budgetOf(100, 60_000)
  await takeMany(30, () => one.take('spotify', budget))
  await clock.advance(250)
  await one.take('spotify', budget)
  expect((await one.quotaOf('spotify', budget)).used).toBeGreaterThan(31)
  await clock.advance(500)
  await expect.poll(async () => (await one.quotaOf('spotify', budget)).used).toBe(31)
  expect(await drain(two, budget)).toMatchObject({ granted: 69 })
})

test('counts units where calls cost more than one', async ({ process }) => {
  const one = process()
  const budget = budgetOf(10, 60_000, { unit: 'units' })
  expect(await drain(one, budget, { cost: 4 })).toMatchObject({ granted: 2 })
  expect(await drain(one, budget, { cost: 1 })).toMatchObject({ granted: 2 })
})

test('a call that costs more than the whole budget is told that it never fits', ({ process }) => {
  const one = process()
  expect(() => one.take('spotify', budgetOf(10, 60_000), { cost: 11 })).toThrow(CostAboveLimit)
  expect(() => one.take('spotify', budgetOf(10, 60_000), { cost: 0 })).toThrow(RangeError)
  expect(() => one.take('spotify', budgetOf(10, 60_000), { cost: 1.5 })).toThrow(RangeError)
})

test(
  'twenty processes that hammer a budget use at least 97 % of it, and never more',
  { timeout: 30_000 },
  async ({ process, clock }) => {
    const processes = Array.from({ length: 20 }, process)
    const budget = budgetOf(300, 30_000)
    const granted: number[] = []
    const hammer = async (one: Process): Promise<void> => {
      while ((await one.take('spotify', budget)).granted) granted.push(clock.now())
    }
    for (let passed = 0; passed < 120_000; passed += 100) {
      await Promise.all(processes.map(hammer))
      await clock.advance(100)
    }
    expect(granted.length).toBeGreaterThanOrEqual(0.97 * 4 * 300)
    expect(Math.max(...granted.map((from) => within(granted, from, from + 30_000)))).toBeLessThanOrEqual(300)
  },
)

const within = (times: number[], from: number, to: number): number =>
  times.filter((at) => at >= from && at <= to).length

test('twenty calm processes that want twice the budget use at least 97 % of it', async ({ process, clock }) => {
  const processes = Array.from({ length: 20 }, process)
  await Promise.all(processes.map((one) => one.start()))
  const budget = budgetOf(300, 30_000)
  let granted = 0
  for (let second = 0; second < 120; second++) {
    const grants = await Promise.all(processes.map(async (one) => one.take('spotify', budget)))
    granted += grants.filter((grant) => grant.granted).length
    await clock.advance(1_000)
  }
  expect(granted).toBeGreaterThanOrEqual(0.97 * 4 * 300)
})

test('a throttle stops every process, and the later of two wins', async ({ process, clock }) => {
  const [one, two] = [process(), process()]
  const budget = budgetOf(100, 10_000)
  expect(await two.take('spotify', budget)).toMatchObject({ granted: true })
  const until = clock.now() + 60_000
  await one.throttle('spotify', until)
  await two.throttle('spotify', until - 30_000)
  expect(one.take('spotify', budget)).toEqual({ granted: false, untilMs: until })
  expect(await process().take('spotify', budget)).toEqual({ granted: false, untilMs: until })
  expect(await process().take('spotify', null)).toEqual({ granted: false, untilMs: until })
  expect(await process().take('smtp', null)).toMatchObject({ granted: true })
  await clock.advance(60_000)
  for (const any of [one, two, process()]) expect(await any.take('spotify', budget)).toMatchObject({ granted: true })
})

test('a throttle holds in its own process though Redis did not hear of it', async ({ kernel, clock }) => {
  const asked = vi.spyOn(kernel.redis, 'evalsha')
  const isBad = (): boolean => asked.mock.calls.length > 0
  const one = createBudgets(withFlakyRedis(kernel, () => 0.05, isBad))
  const waiting = one.take('spotify', null)
  while (!isBad()) await Promise.resolve()
  const until = clock.now() + 1_000
  await one.throttle('spotify', until)
  expect(await waiting).toMatchObject({ granted: true })
  expect(one.take('spotify', null)).toEqual({ granted: false, untilMs: until })
})

test('a throttle lasts at most a day, and one in the past changes nothing', async ({ process, clock }) => {
  const one = process()
  const budget = budgetOf(100, 10_000)
  await one.throttle('spotify', clock.now() - 1)
  await one.throttle('spotify', NaN)
  expect(await one.take('spotify', budget)).toMatchObject({ granted: true })
  await one.throttle('spotify', Infinity)
  expect(await one.take('spotify', budget)).toEqual({ granted: false, untilMs: clock.now() + 86_400_000 })
})

test('a process that leased before a throttle obeys it 250 ms later', async ({ process, clock }) => {
  const [one, two] = [process(), process()]
  expect(await one.take('spotify', null)).toMatchObject({ granted: true })
  await two.throttle('spotify', clock.now() + 10_000)
  expect(one.take('spotify', null)).toMatchObject({ granted: true })
  await clock.advance(251)
  expect(await one.take('spotify', null)).toMatchObject({ granted: false })
})

test('the quota tells what is used, what is left and when it is free again, and uses nothing', async ({
  process,
  clock,
}) => {
  const one = process()
  const budget = budgetOf(10, 10_000, { allocations: [{ kind: 'sync', share: 0.6 }] })
  await one.take('spotify', budget, { kind: 'sync', cost: 3 })
  await clock.advance(4_000)
  await one.take('spotify', budget)
  await one.throttle('spotify', clock.now() + 1_000)
  const at = (ms: number): string => new Date(clock.now() + ms).toISOString()
  const quota = {
    limit: 10,
    per_ms: 10_000,
    used: 4,
    remaining: 6,
    next_free_at: at(freeAfter(10_000) - 4_000),
    resets_at: at(freeAfter(10_000)),
    throttled_until: at(1_000),
    allocations: [
      { kind: 'sync', tag: null, own: 6, used: 3 },
      { kind: null, tag: null, own: 4, used: 1 },
    ],
  }
  expect(await one.quotaOf('spotify', budget)).toEqual(quota)
  expect(await one.quotaOf('spotify', budget)).toEqual(quota)
  expect(await one.quotaOf('smtp', null)).toMatchObject({ used: 0, limit: null, throttled_until: null })
})

test('another limit holds from the next call on', async ({ process, clock }) => {
  const one = process()
  expect(await drain(one, budgetOf(5, 10_000))).toMatchObject({ granted: 5 })
  expect(await drain(one, budgetOf(8, 10_000))).toMatchObject({ granted: 3 })
  expect(await drain(one, budgetOf(5, 10_000))).toMatchObject({ granted: 0 })
  await clock.advance(freeAfter(10_000))
  expect(await drain(one, budgetOf(5, 10_000))).toMatchObject({ granted: 5 })
})

/** The last two are large enough for leases. */
const budgets = [
  budgetOf(20, 5_000),
  budgetOf(7, 5_000),
  budgetOf(40, 20_000),
  budgetOf(1_000, 2_000),
  budgetOf(3_000, 20_000),
] as const

type Step =
  | { op: 'take'; process: number; cost: number; times: number }
  | { op: 'pass'; ms: number }
  | { op: 'restart'; process: number }
  | { op: 'limit'; budget: number }

const process = fc.nat(2)
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        op: fc.constant('take' as const),
        process,
        cost: fc.integer({ min: 1, max: 5 }),
        times: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 50, max: 200 })),
      }),
    },
    { weight: 6, arbitrary: fc.record({ op: fc.constant('pass' as const), ms: fc.oneof(fc.nat(60), fc.nat(6_000)) }) },
    { weight: 1, arbitrary: fc.record({ op: fc.constant('restart' as const), process }) },
    { weight: 1, arbitrary: fc.record({ op: fc.constant('limit' as const), budget: fc.nat(budgets.length - 1) }) },
  ),
  { minLength: 20, maxLength: 60 },
)

test.for([
  ['a sound Redis', false],
  ['a Redis that does things twice or does not answer', true],
] as const)(
  'with %s no grant makes a window too full, through costs, restarts, leases and other limits',
  async ([, isBad], { kernel, clock }) => {
    let runs = 0
    await fc.assert(
      fc.asyncProperty(steps, fc.constantFrom(...budgets), fc.integer(), async (all, first, seed) => {
        const service = `s${runs++}`
        const { kernel: own, die } = mortal(withFlakyRedis(kernel, chanceOf(seed), () => isBad))
        const processes = await Promise.all([0, 1, 2].map(() => started(own)))
        const log: { at: number; cost: number }[] = []
        let budget: Budget = first
        // A wider window knows nothing of what the one before it had forgotten when it was first asked with.
        let known = { perMs: 0, since: 0 }
        const knowOf = (perMs: number): void => {
          const forgotten = perMs > known.perMs ? clock.now() - known.perMs : 0
          known = { perMs, since: Math.max(known.since, forgotten) }
        }
        for (const step of all) {
          if (step.op === 'pass') await clock.advance(step.ms)
          else if (step.op === 'restart') processes[step.process] = await started(own)
          else if (step.op === 'limit') budget = budgets[step.budget] as Budget
          else {
            const { cost, times } = step
            const one = processes[step.process] as Process
            if (!isBad) knowOf(budget.per_ms)
            const grants = await takeMany(times, () => one.take(service, budget, { cost }))
            const granted = grants.filter((grant) => grant.granted)
            if (granted.length > 0) knowOf(budget.per_ms)
            log.push(...granted.map(() => ({ at: clock.now(), cost })))
            const from = Math.max(known.since, clock.now() - budget.per_ms)
            const sum = log.filter(({ at }) => at >= from).reduce((units, entry) => units + entry.cost, 0)
            if (granted.length > 0) expect(sum).toBeLessThanOrEqual(budget.limit)
          }
        }
        die()
      }),
      { numRuns: 40 },
    )
  },
)

const started = async (kernel: Kernel): Promise<Process> => {
  const one = createBudgets(kernel)
  await one.start()
  return one
}

test('a narrow window does not make a wide one forget, where processes ask with both', async ({ process, clock }) => {
  const [narrow, wide] = [process(), process()]
  const [perSecond, perMinute] = [budgetOf(10, 1_000), budgetOf(50, 60_000)]
  expect(await drain(wide, perMinute)).toMatchObject({ granted: 50 })
  for (let second = 0; second < 5; second++) {
    // What is kept for the wide one is told apart in parts of its window.
    await clock.advance(1_500)
    expect(await drain(narrow, perSecond)).toMatchObject({ granted: 10 })
  }
  await clock.advance(53_000)
  expect(await drain(wide, perMinute)).toMatchObject({ granted: 0 })
  await clock.advance(60_000)
  expect(await drain(wide, perMinute)).toMatchObject({ granted: 50 })
})

test('a command that Redis carries out twice gives back once', async ({ kernel, clock }) => {
  let isBad = false
  const one = createBudgets(
    withFlakyRedis(
      kernel,
      () => 0.15,
      () => isBad,
    ),
  )
  const budget = budgetOf(1_000_000, 60_000)
  await takeMany(100, () => one.take('spotify', budget))
  await clock.advance(250)
  await one.take('spotify', budget)
  const leased = (await one.quotaOf('spotify', budget)).used - 101
  expect(leased).toBeGreaterThan(0)
  await clock.advance(251)
  isBad = true
  await one.take('spotify', budget)
  isBad = false
  const { used } = await one.quotaOf('spotify', budget)
  let left = 0
  while (!(one.take('spotify', budget) instanceof Promise)) left++
  expect([used, left > 0]).toEqual([101 + 2 * (1 + left), true])
})

test('a refusal is believed for a second at most: what others give back is there before', async ({
  process,
  clock,
}) => {
  const [busy, other] = [process(), process()]
  const budget = budgetOf(3_200, 60_000)
  await takeMany(300, () => busy.take('spotify', budget))
  await clock.advance(250)
  await busy.take('spotify', budget)
  const { untilMs } = await drain(other, budget)
  expect(untilMs).toBeGreaterThan(clock.now() + 50_000)
  await busy.stop()
  expect(other.take('spotify', budget)).toEqual({ granted: false, untilMs })
  await clock.advance(1_000)
  expect(await other.take('spotify', budget)).toMatchObject({ granted: true })
})

test('a wider window counts from the moment it is asked with, though the first call is refused', async ({
  process,
  clock,
}) => {
  const [narrow, wide] = [process(), process()]
  expect(await drain(narrow, budgetOf(10, 1_000))).toMatchObject({ granted: 10 })
  expect(await drain(wide, budgetOf(10, 5_000))).toMatchObject({ granted: 0 })
  await clock.advance(freeAfter(1_000))
  expect(await drain(narrow, budgetOf(10, 1_000))).toMatchObject({ granted: 10 })
  expect(await drain(wide, budgetOf(20, 5_000))).toMatchObject({ granted: 0 })
})

test('a busy process leases a small part of what is left, the others get the rest at once', async ({
  process,
  clock,
}) => {
  const [busy, other] = [process(), process()]
  const budget = budgetOf(300, 30_000)
  for (let passed = 0; passed < 250; passed += 25) {
    await takeMany(10, () => busy.take('spotify', budget))
    await clock.advance(25)
  }
  await busy.take('spotify', budget)
  expect((await drain(other, budget)).granted).toBeGreaterThanOrEqual(300 - 101 - 200 / 32 - 1)
})

test('another object that says the same is the same budget', async ({ process, clock }) => {
  const one = process()
  const take = (): Grant | Promise<Grant> => one.take('spotify', budgetOf(1_000_000, 60_000))
  await takeMany(100, take)
  await clock.advance(250)
  await take()
  expect(take()).toMatchObject({ granted: true })
})

test('a clock that is set back does not keep what was taken for longer', async ({ process, clock }) => {
  expect(await drain(process(), budgetOf(10, 10_000))).toMatchObject({ granted: 10 })
  await clock.advance(-3_600_000)
  const one = process()
  expect(await drain(one, budgetOf(10, 10_000))).toMatchObject({ granted: 0, untilMs: clock.now() + 11_001 })
  await clock.advance(11_001)
  expect(await drain(process(), budgetOf(10, 10_000))).toMatchObject({ granted: 10 })
})

test('without Redis a process uses what it has leased, then refuses for a moment, and goes on when Redis is back', async ({
  kernel,
  clock,
}) => {
  const server = await startTestRedis()
  const own = createKernel({
    settings: { ...kernel.settings, REDIS_URL: server.url },
    role: 'worker',
    clock,
    log: kernel.log,
  })
  try {
    const one = createBudgets(own)
    const budget = budgetOf(100_000, 60_000)
    await takeMany(100, () => one.take('spotify', budget))
    await clock.advance(250)
    await one.take('spotify', budget)
    const closed = new Promise((resolve) => own.redis.once('close', resolve))
    await server.kill()
    await closed
    expect(one.take('spotify', budget)).toMatchObject({ granted: true })
    await clock.advance(300)
    expect(await one.take('spotify', budget)).toEqual({ granted: false, untilMs: clock.now() + 250 })
    await one.throttle('spotify', clock.now() + 100)
    const ready = new Promise((resolve) => own.redis.once('ready', resolve))
    await server.restart()
    await ready
    await clock.advance(250)
    expect(await one.take('spotify', budget)).toMatchObject({ granted: true })
  } finally {
    await own.close()
    await server.stop()
  }
})

test('a Redis that hangs is waited for half a second, and what it grants too late is never used', async ({
  kernel,
  clock,
}) => {
  const server = await startTestRedis({ appendonly: false })
  const own = createKernel({
    settings: { ...kernel.settings, REDIS_URL: server.url },
    role: 'worker',
    clock,
    log: kernel.log,
  })
  try {
    const one = createBudgets(own)
    const budget = budgetOf(10, 60_000)
    await one.take('spotify', budget)
    await server.pause()
    const waiting = one.take('spotify', budget)
    await expect.poll(() => clock.sleepers).toBeGreaterThan(0)
    await clock.advance(500)
    expect(await waiting).toMatchObject({ granted: false })
    await server.resume()
    await clock.advance(250)
    expect(await drain(one, budget)).toMatchObject({ granted: 8 })
  } finally {
    await own.close()
    await server.stop()
  }
})

test('what Redis keeps of a budget is small, and goes when the budget is not used', async ({
  process,
  kernel,
  clock,
}) => {
  const one = process()
  const budget = budgetOf(1_000_000, 86_400_000)
  for (let hour = 0; hour < 400; hour++) {
    await one.take('spotify', budget, { cost: 1_000 })
    await clock.advance(3 * 60_000)
  }
  const key = kernel.key('budgets', 'taken', 'spotify')
  expect(await kernel.redis.memory('USAGE', key)).toBeLessThan(4_000)
  expect(await kernel.redis.pttl(key)).toBeLessThanOrEqual(86_400_000 + 2_000)
  expect(await kernel.redis.pttl(key)).toBeGreaterThan(86_000_000)
})
