// Whatever happens in whatever order, on a Redis that does things twice too: no window of a budget is ever too full.
import fc from 'fast-check'
import type { Kernel } from '../kernel/kernel.ts'
import { createBudgets } from './budgets.ts'
import { chanceOf, sequences, withFlakyRedis } from './testing/flaky.ts'
import { mortal } from './testing/mortal.ts'
import { budgetOf, expect, takeMany, test } from '../../test/support/budgets.ts'
import type { Process } from '../../test/support/budgets.ts'
import type { Budget } from './words.ts'

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
  { timeout: 90_000 },
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
          else if (step.op === 'limit') {
            // A process that asks with both this limit and an earlier one may still have a lease of that.
            await clock.advance(251)
            budget = budgets[step.budget] as Budget
          } else {
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
      sequences,
    )
  },
)

const started = async (kernel: Kernel): Promise<Process> => {
  const one = createBudgets(kernel)
  await one.start()
  return one
}

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
