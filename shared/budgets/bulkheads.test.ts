// Bulkheads keep what they promise: never more calls at once than allowed, and every place comes back.
import fc from 'fast-check'
import { vi } from 'vitest'
import { expect, test as base } from '../../test/support/fixtures.ts'
import type { StoppedClock } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Service } from '../kernel/service.ts'
import { createBulkheads } from './bulkheads.ts'
import type { Bulkheads, Place } from './bulkheads.ts'
import { chanceOf, sequences, withFlakyRedis } from './testing/flaky.ts'
import { mortal } from './testing/mortal.ts'
import { Concurrency } from './words.ts'

type Process = Bulkheads & Service
type Entered = Extract<Place, { entered: true }>

const test = base.extend<{ process: () => Promise<Process> }>({
  process: async ({ kernel }, use) => {
    const made: Process[] = []
    await use(async () => {
      const one = createBulkheads(kernel)
      made.push(one)
      await one.start()
      return one
    })
    await Promise.all(made.map((one) => one.stop()))
  },
})

const at = (max: number, lease_ms = 3_000): Concurrency => Concurrency.parse({ max, lease_ms })

const entered = async (one: Bulkheads, concurrency: Concurrency): Promise<Entered> => {
  const place = await one.enter('spotify', concurrency)
  if (!place.entered) throw new Error('there was no place')
  return place
}

/** Lets time pass in steps that a process which lives keeps up with, and waits for what it does in each. */
const pass = async (kernel: Kernel, clock: StoppedClock, ms: number): Promise<void> => {
  for (let passed = 0; passed < ms; passed += 250) {
    await clock.advance(Math.min(250, ms - passed))
    for (let trip = 0; trip < 3; trip++) await kernel.redis.ping()
  }
}

test('lets in as many as may be at once in all processes, and tells the next when to come again', async ({
  process,
  clock,
}) => {
  const [one, two] = [await process(), await process()]
  const places = [await entered(one, at(3)), await entered(two, at(3)), await entered(two, at(3))]
  const refused = await one.enter('spotify', at(3))
  if (refused.entered) throw new Error('there were four')
  expect(refused.untilMs).toBeGreaterThan(clock.now())
  expect(refused.untilMs).toBeLessThanOrEqual(clock.now() + 1_000)
  expect(await one.inUse('spotify')).toBe(3)
  for (const place of places) place.leave()
})

test('a place that was left lies ready for the next call without asking Redis, and leaving twice changes nothing', async ({
  process,
  kernel,
}) => {
  const one = await process()
  const first = await entered(one, at(1))
  const asked = vi.spyOn(kernel.redis, 'evalsha')
  first.leave()
  const second = one.enter('spotify', at(1))
  expect(second).toMatchObject({ entered: true })
  first.leave()
  expect(await one.enter('spotify', at(1))).toMatchObject({ entered: false })
  expect(asked.mock.calls.length).toBe(1)
})

test('who asks in one turn asks Redis once', async ({ process, kernel }) => {
  const one = await process()
  ;(await entered(one, at(10))).leave()
  const asked = vi.spyOn(kernel.redis, 'evalsha')
  const places = await Promise.all(Array.from({ length: 12 }, async () => one.enter('spotify', at(10))))
  expect(places.filter((place) => place.entered).length).toBe(10)
  expect(asked.mock.calls.length).toBeLessThanOrEqual(2)
})

test('a place that lies ready goes to another process that waits', async ({ process, kernel, clock }) => {
  const [one, two] = [await process(), await process()]
  ;(await entered(one, at(1))).leave()
  expect(await two.enter('spotify', at(1))).toMatchObject({ entered: false })
  await pass(kernel, clock, 500)
  expect(await two.enter('spotify', at(1))).toMatchObject({ entered: true })
})

test('a busy process does not keep another one out for longer than a second or so', async ({
  process,
  kernel,
  clock,
}) => {
  const [busy, other] = [await process(), await process()]
  const until = clock.now() + 1_500
  let place = await busy.enter('spotify', at(1, 60_000))
  let isIn = false
  while (!isIn && clock.now() < until) {
    await pass(kernel, clock, 100)
    if (place.entered) place.leave()
    place = await busy.enter('spotify', at(1, 60_000))
    isIn = (await other.enter('spotify', at(1, 60_000))).entered
  }
  expect(isIn).toBe(true)
})

test('places of a process that died are free after its lease, and not before', async ({ process, kernel, clock }) => {
  const dead = createBulkheads(kernel)
  await entered(dead, at(1, 3_000))
  const one = await process()
  await pass(kernel, clock, 3_000)
  expect(await one.enter('spotify', at(1))).toMatchObject({ entered: false })
  await pass(kernel, clock, 50)
  expect(await one.enter('spotify', at(1))).toMatchObject({ entered: true })
})

test('a process that could not renew its lease enters no place that lies ready', async ({ process, kernel, clock }) => {
  const cut = createBulkheads(kernel)
  ;(await entered(cut, at(1))).leave()
  await clock.advance(3_001)
  await entered(await process(), at(1))
  expect(await cut.enter('spotify', at(1))).toMatchObject({ entered: false })
})

test('a process that lives keeps its place however long its call takes', async ({ process, kernel, clock }) => {
  const [one, two] = [await process(), await process()]
  const place = await entered(one, at(1, 1_000))
  await pass(kernel, clock, 5_000)
  expect(await two.enter('spotify', at(1, 1_000))).toMatchObject({ entered: false })
  place.leave()
  await one.stop()
  await clock.advance(100)
  expect(await two.enter('spotify', at(1, 1_000))).toMatchObject({ entered: true })
})

test('what is not used any more leaves nothing behind', async ({ process, kernel, clock }) => {
  const one = await process()
  ;(await entered(one, at(5))).leave()
  await pass(kernel, clock, 500)
  expect(await kernel.redis.exists(kernel.key('budgets', 'places', 'spotify'))).toBe(0)
  expect(await one.inUse('spotify')).toBe(0)
})

test('fewer places hold from the next call on', async ({ process }) => {
  const one = await process()
  const places = [await entered(one, at(3)), await entered(one, at(3)), await entered(one, at(3))]
  places[0]?.leave()
  expect(await one.enter('spotify', at(2))).toMatchObject({ entered: false })
  places[1]?.leave()
  expect(await one.enter('spotify', at(2))).toMatchObject({ entered: true })
})

test.for([
  ['a sound Redis', 1_000, false],
  ['a Redis that does things twice or does not answer', 8_000, true],
] as const)(
  'with %s there are never more calls at once than places, through deaths and waits',
  { timeout: 90_000 },
  async ([, lease, isBad], { kernel: sound, clock }) => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          op: fc.constant('enter' as const),
          process: fc.nat(2),
          times: fc.integer({ min: 1, max: 5 }),
        }),
      },
      { weight: 5, arbitrary: fc.record({ op: fc.constant('leave' as const), which: fc.nat(20) }) },
      {
        weight: 4,
        arbitrary: fc.record({ op: fc.constant('pass' as const), ms: fc.oneof(fc.nat(300), fc.nat(2_500)) }),
      },
      { weight: 1, arbitrary: fc.record({ op: fc.constant('die' as const), process: fc.nat(2) }) },
    )
    let runs = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 20, maxLength: 50 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer(),
        async (steps, max, seed) => {
          const kernel = withFlakyRedis(sound, chanceOf(seed), () => isBad)
          const service = `s${runs++}`
          const concurrency = at(max, lease)
          const living = [caller(kernel), caller(kernel), caller(kernel)]
          await Promise.all(living.map(({ one }) => one.start()))
          const all = [...living]
          for (const each of steps) {
            if (each.op === 'pass') await pass(kernel, clock, each.ms)
            else if (each.op === 'die') {
              const victim = living[each.process] as Caller
              // The last sign of life may be as old as the time between two renewals, or some that went wrong.
              victim.heldUntil = clock.now() + lease - (lease / 3 + (isBad ? 1_500 : 250))
              victim.die()
              const next = caller(kernel)
              await next.one.start()
              living[each.process] = next
              all.push(next)
            } else if (each.op === 'enter') {
              const { one, places } = living[each.process] as Caller
              const asked = await Promise.all(
                Array.from({ length: each.times }, async () => one.enter(service, concurrency)),
              )
              for (const place of asked) if (place.entered) places.push(place)
            } else {
              const { places } = living[each.which % 3] as Caller
              places.splice(each.which % Math.max(1, places.length), 1)[0]?.leave()
            }
            const inCalls = all.filter(({ heldUntil }) => heldUntil > clock.now())
            expect(inCalls.reduce((sum, { places }) => sum + places.length, 0)).toBeLessThanOrEqual(max)
          }
          for (const each of all) each.die()
        },
      ),
      sequences,
    )
  },
)

interface Caller {
  one: Process
  places: Entered[]
  /** Until when its calls have their places. */
  heldUntil: number
  die: () => void
}

const caller = (kernel: Kernel): Caller => {
  const { kernel: own, die } = mortal(kernel)
  return { one: createBulkheads(own), places: [], heldUntil: Infinity, die }
}
