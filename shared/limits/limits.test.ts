// What a standard key can do in a minute and a day, second by second, in Redis and in a process alone.
import { test as base, describe, expect } from '../../test/support/fixtures.ts'
import type { Principal } from '../auth/contract.ts'
import type { StoppedClock } from '../kernel/clock.ts'
import { createFloor } from './floor.ts'
import { createLimits } from './limits.ts'
import type { Limits, Taken } from './limits.ts'
import { retryAfterS, standingOf } from './policy.ts'
import { spendingKey } from './store.ts'
import { allowanceOf } from './tiers.ts'

const key: Principal = { kind: 'key', id: 'key_1', name: 'one', scopes: [], queues: ['*'] }

interface Counter {
  clock: StoppedClock
  /** Asks for something so many times at once; answers how many were let through. */
  flood(times: number, units?: number): Promise<number>
  take(units?: number): Promise<Taken>
}

const test = base.extend<{ limits: Limits; counter: Counter }>({
  limits: async ({ kernel }, use) => {
    const limits = createLimits(kernel)
    await limits.start()
    await use(limits)
    await limits.stop()
  },
  counter: async ({ limits, clock }, use) => {
    // Begins with a minute, so that tests can count from there.
    await clock.advance(60_000 - (clock.now() % 60_000))
    const take = async (units = 1): Promise<Taken> => {
      const taken = await limits.take(key, units)
      if (!taken) throw new Error('a standard key is limited')
      expect(taken.isShared).toBe(true)
      return taken
    }
    await use({
      clock,
      take,
      flood: async (times, units = 1) => {
        const all = await Promise.all(Array.from({ length: times }, () => take(units)))
        return all.filter(({ refusedBy }) => refusedBy.length === 0).length
      },
    })
  },
})

/** Moves to 10:00 of a day in UTC, far from its ends. */
const toMorning = async (clock: StoppedClock): Promise<void> =>
  clock.advance((34 * 3_600_000 - (clock.now() % 86_400_000)) % 86_400_000)

describe('a standard key', () => {
  test('that floods passes 120 in the first minute, 100 in the next, and so on', async ({ counter, clock }) => {
    await toMorning(clock)
    const passed: number[] = []
    for (let minute = 0; minute < 10; minute++) {
      passed.push(await counter.flood(150))
      await clock.advance(60_000)
    }
    expect(passed).toEqual([120, 100, 120, 100, 120, 100, 120, 100, 120, 100])
  })

  test('that floods late in a second, and a little later in the next ones, passes no more', async ({
    counter,
    clock,
  }) => {
    await clock.advance(300)
    const passed: number[] = []
    for (let minute = 0; minute < 4; minute++) {
      passed.push(await counter.flood(150))
      await clock.advance(60_000 + (minute === 0 ? 500 : 0))
    }
    expect(passed).toEqual([120, 100, 120, 100])
  })

  test('that asks evenly, a hundred times a minute, is never refused', async ({ counter, clock }) => {
    await toMorning(clock)
    for (let step = 0; step < 54 * 100; step += 5) {
      expect(await counter.flood(5)).toBe(5)
      await clock.advance(3_000)
    }
  }, 60_000)

  test('that asks evenly, 120 times a minute, passes 120 and then 100', async ({ counter, clock }) => {
    const passed: number[] = []
    for (let minute = 0; minute < 4; minute++) {
      let inMinute = 0
      for (let second = 0; second < 60; second++) {
        inMinute += await counter.flood(2)
        await clock.advance(1_000)
      }
      passed.push(inMinute)
    }
    expect(passed.slice(0, 2)).toEqual([120, 100])
    // In the long run a tenth more than the limit.
    expect(passed.reduce((a, b) => a + b)).toBeLessThanOrEqual(440)
  })

  test('that asks for what costs ten passes twelve of them', async ({ counter }) => {
    expect(await counter.flood(30, 10)).toBe(12)
  })

  test('finds nothing too dear for ever: half a minute is the most that one request costs', async ({ counter }) => {
    expect(await counter.flood(5, 1_000)).toBe(2)
  })

  test('is held to its minute across midnight, and begins a new day', async ({ counter, clock }) => {
    await clock.advance(86_400_000 - (clock.now() % 86_400_000) - 1_000)
    expect(await counter.flood(150)).toBe(120)
    await clock.advance(1_000)
    expect(await counter.flood(150)).toBe(0)
    expect((await counter.take()).day).toEqual({ remaining: 10_000, resetS: 86_400 })
  })

  test('has its ten-thousandth request of a day as the last, until midnight', async ({ counter, clock }) => {
    await clock.advance(86_400_000 - (clock.now() % 86_400_000))
    let passed = 0
    for (let minute = 0; minute < 92; minute++) {
      passed += await counter.flood(125)
      await clock.advance(60_000)
    }
    expect(passed).toBe(10_000)
    const refused = await counter.take()
    expect(refused.refusedBy).toEqual(['day'])
    expect(retryAfterS(refused)).toBe(86_400 - 92 * 60)
    await clock.advance(retryAfterS(refused) * 1_000)
    expect(await counter.flood(1)).toBe(1)
  }, 60_000)

  test('leaves nothing in Redis that stays for ever', async ({ counter, kernel }) => {
    await counter.flood(1)
    expect(await kernel.redis.ttl(spendingKey(kernel, 'key:key_1'))).toBeGreaterThan(0)
  })

  test('takes less than 1 KiB of Redis, however it asks', async ({ counter, kernel, clock }) => {
    for (let second = 0; second < 130; second++) {
      await counter.flood(2)
      await clock.advance(1_000)
    }
    const bytes = await kernel.redis.memory('USAGE', spendingKey(kernel, 'key:key_1'), 'SAMPLES', 0)
    expect(bytes).toBeGreaterThan(0)
    expect(bytes).toBeLessThan(1_024)
    expect(await kernel.redis.ttl(spendingKey(kernel, 'key:key_1'))).toBeLessThanOrEqual(86_520)
  })

  test('leaves nothing behind by what is refused or only looked at', async ({ counter, limits }) => {
    await counter.flood(500)
    const before = await limits.look(key)
    await counter.flood(500)
    expect(await limits.look(key)).toEqual({ ...before })
    expect(before?.day.remaining).toBe(10_000 - 120)
  })

  test('is told exactly when it may ask again', async ({ counter, clock }) => {
    await counter.flood(60)
    await clock.advance(17_000)
    await counter.flood(60)
    const refused = await counter.take()
    expect(refused).toMatchObject({ refusedBy: ['minute'], minute: { remaining: 0, resetS: 43 } })
    await clock.advance(42_000)
    expect(await counter.flood(1)).toBe(0)
    await clock.advance(1_000)
    expect(await counter.flood(1)).toBe(1)
  })

  test('sees its burst armed, active, resting and armed again', async ({ counter, clock }) => {
    expect((await counter.take()).burst).toEqual({ state: 'armed', remaining: 20, rearmS: 0 })
    await counter.flood(100)
    expect((await counter.take()).burst).toEqual({ state: 'active', remaining: 18, rearmS: 120 })
    await clock.advance(60_000)
    expect((await counter.take()).burst).toEqual({ state: 'resting', remaining: 0, rearmS: 60 })
    await clock.advance(60_000)
    expect((await counter.take()).burst).toMatchObject({ state: 'armed', rearmS: 0 })
  })

  test('gets back what was counted for a request that was refused as a whole, and the burst it began', async ({
    counter,
    limits,
    kernel,
  }) => {
    await counter.flood(100)
    const before = await limits.look(key)
    const taken = await counter.take()
    expect(taken.burst.state).toBe('active')
    taken.giveBack()
    expect(await limits.look(key)).toEqual(before)
    expect(await kernel.redis.hget(spendingKey(kernel, 'key:key_1'), 'e')).toBeNull()
  })
})

describe('who is limited to what', () => {
  test('internal keys are not limited, premium keys to ten times as much', () => {
    expect(allowanceOf({ ...key, tier: 'internal' })).toBeUndefined()
    expect(allowanceOf({ ...key, tier: 'premium' })).toEqual({ perMinute: 1_000, burst: 1_200, perDay: 1_000_000 })
  })

  test("a key's own figures take the place of its tier's, one by one", () => {
    expect(allowanceOf({ ...key, limits: { per_minute: 7 } })).toEqual({ perMinute: 7, burst: 8, perDay: 10_000 })
    expect(allowanceOf({ ...key, limits: { per_day: 5, burst_ratio: 0 } })).toEqual({
      perMinute: 100,
      burst: 100,
      perDay: 5,
    })
  })
})

describe('a process alone', () => {
  test('gives its share of every figure, with the same burst', async ({ clock }) => {
    const allowance = allowanceOf(key)
    if (!allowance) throw new Error('a standard key is limited')
    const floor = createFloor(clock, () => 4)
    const flood = (): number => {
      const asked = Array.from({ length: 60 }, () => floor.ask({ id: 'a', allowance, units: 1 }))
      return asked.filter(({ count }) => count.refusedBy.length === 0).length
    }
    const passed: number[] = []
    for (let minute = 0; minute < 4; minute++) {
      passed.push(flood())
      await clock.advance(60_000)
    }
    expect(passed).toEqual([30, 25, 30, 25])
  })

  test('finds what is dear within its share', async ({ clock }) => {
    const allowance = allowanceOf(key)
    if (!allowance) throw new Error('a standard key is limited')
    const floor = createFloor(clock, () => 4)
    const { count } = floor.ask({ id: 'a', allowance, units: 50 })
    expect(standingOf(allowance, count, false)).toMatchObject({ refusedBy: [], isShared: false })
  })
})
