// Sums over many slots must be those of each added up, for exactly the queues one may see.
import { vi } from 'vitest'
import { expect, test } from '../../test/support/fixtures.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { minuteOf, queuesKey } from './buckets.ts'
import { MINUTE_MS } from './slots.ts'
import type { Slot } from './slots.ts'
import { FIELDS_AT_ONCE, HELD_FIRST, HELD_MOST, createSums, joined, wantedOf } from './sums.ts'

/** In each of the last hundred minutes one job failed in `mail`, and two completed in a queue with a bar in its name. */
const fill = async (kernel: Kernel): Promise<Slot[]> => {
  const now = minuteOf(kernel.clock.now())
  const minutes = Array.from({ length: 100 }, (_, index): Slot => ({ no: now - 99 + index, widthMs: MINUTE_MS }))
  const pipeline = kernel.redis.pipeline()
  for (const { no } of minutes)
    pipeline.hset(queuesKey(kernel, no), { 'mail|failed': 1, 'a|b|completed': 2, 'a|b|failed': 3 })
  await pipeline.exec()
  return minutes
}
const plain = (sums: ReadonlyMap<string, number>): Record<string, number> => Object.fromEntries(sums)

test('are told for all queues, some of them, or those that fit', async ({ kernel }) => {
  const minutes = await fill(kernel)
  const sums = createSums(kernel, queuesKey)
  const buckets = [minutes.slice(0, 97), minutes.slice(97)]
  const of = async (queues: string[], asked?: string[]) => (await sums.byName(buckets, wantedOf({ queues }, asked))).map(plain) // prettier-ignore
  expect(await of(['*'])).toEqual([
    { failed: 388, completed: 194 },
    { failed: 12, completed: 6 },
  ])
  expect(await of(['*'], ['mail'])).toEqual([{ failed: 97 }, { failed: 3 }])
  expect(await of(['a*'])).toEqual([
    { failed: 291, completed: 194 },
    { failed: 9, completed: 6 },
  ])
  expect(await of(['mail'], ['a|b'])).toEqual([{}, {}])
  expect(plain(joined(await sums.byField(minutes)))).toEqual({
    'mail|failed': 100,
    'a|b|completed': 200,
    'a|b|failed': 300,
  })
})

test('are asked again for what may still change, and believed for a while where it hardly does', async ({
  kernel,
  clock,
}) => {
  const minutes = await fill(kernel)
  const sums = createSums(kernel, queuesKey)
  const buckets = [minutes.slice(0, 1), minutes.slice(-1)]
  const failed = async () => (await sums.byName(buckets, wantedOf({ queues: ['*'] }))).map((one) => one.get('failed'))
  expect(await failed()).toEqual([4, 4])
  for (const [minute] of buckets) await kernel.redis.hincrby(queuesKey(kernel, minute?.no ?? 0), 'mail|failed', 1)
  expect(await failed()).toEqual([4, 5])
  await clock.advance(5 * 60_000)
  expect(await failed()).toEqual([5, 5])
})

/** As many queues in each of some minutes, one count each. */
const fillQueues = async (kernel: Kernel, queues: number, count: number): Promise<Slot[]> => {
  const now = minuteOf(kernel.clock.now())
  const counts = Object.fromEntries(Array.from({ length: queues }, (_, index) => [`q${index}|failed`, 1]))
  const minutes = Array.from({ length: count }, (_, index): Slot => ({ no: now - index, widthMs: MINUTE_MS }))
  for (const { no } of minutes) await kernel.redis.hset(queuesKey(kernel, no), counts)
  return minutes
}

/** How many fields the hashes had that scripts read meanwhile, script by script. */
const fieldsReadBy = async (kernel: Kernel, work: () => Promise<void>): Promise<number[]> => {
  const asked = vi.spyOn(kernel.redis, 'evalsha')
  await work()
  const { calls, results } = asked.mock
  asked.mockRestore()
  return Promise.all(
    calls.map(async ([, , ...keys], index) => {
      const read = ((await results[index]?.value) as [number] | undefined)?.[0]
      const lengths = await Promise.all(keys.slice(0, read).map((key) => kernel.redis.hlen(String(key))))
      return lengths.reduce((sum, length) => sum + length, 0)
    }),
  )
}

test('are read by scripts that each come to a bounded number of fields', async ({ kernel }) => {
  const minutes = await fillQueues(kernel, FIELDS_AT_ONCE * 0.6, 3)
  const sums = createSums(kernel, queuesKey)
  const read = await fieldsReadBy(kernel, async () => {
    const [all] = await sums.byName([minutes], wantedOf({ queues: ['*'] }))
    expect(plain(all ?? new Map())).toEqual({ failed: 3 * FIELDS_AT_ONCE * 0.6 })
  })
  expect(read).toEqual(minutes.map(() => FIELDS_AT_ONCE * 0.6))
})

test('are told of a minute that has more fields than one script may read', async ({ kernel }) => {
  const minutes = await fillQueues(kernel, FIELDS_AT_ONCE + 1, 1)
  const sums = createSums(kernel, queuesKey)
  const of = async (queues: string[], asked?: string[]) => (await sums.byName([minutes], wantedOf({ queues }, asked))).map(plain) // prettier-ignore
  const read = await fieldsReadBy(kernel, async () => {
    expect(await of(['*'])).toEqual([{ failed: FIELDS_AT_ONCE + 1 }])
    expect(await of(['*'], ['q7', 'q8'])).toEqual([{ failed: 2 }])
    expect(await of(['q99*'])).toEqual([{ failed: 111 }])
    expect(plain(await sums.byRest(minutes))).toEqual({ failed: FIELDS_AT_ONCE + 1 })
  })
  expect(Math.max(...read)).toBe(0)
})

/** How many hashes each script was given meanwhile. */
const hashesGivenBy = async (kernel: Kernel, work: () => Promise<void>): Promise<number[]> => {
  const asked = vi.spyOn(kernel.redis, 'evalsha')
  await work()
  const given = asked.mock.calls.map(([, count]) => Number(count))
  asked.mockRestore()
  return given
}

test('by field are held of few buckets at once where each has many', async ({ kernel }) => {
  const most = 10
  const minutes = await fillQueues(kernel, HELD_MOST / most, HELD_FIRST + 2 * most)
  const sums = createSums(kernel, queuesKey)
  const given = await hashesGivenBy(kernel, async () => {
    const told = await sums.byName(minutes.map((slot) => [slot]), wantedOf({ queues: ['q7', 'q8*'] })) // prettier-ignore
    expect(told.map(plain)).toEqual(minutes.map(() => ({ failed: 112 })))
  })
  expect(given[0]).toBe(HELD_FIRST)
  expect(Math.max(...given)).toBe(most)
})

test('by field are read of many buckets at once where each has few', async ({ kernel }) => {
  const minutes = await fillQueues(kernel, 3, 500)
  const sums = createSums(kernel, queuesKey)
  const buckets = minutes.map((slot) => [slot])
  const given = await hashesGivenBy(kernel, async () => {
    const told = await sums.byName(buckets, wantedOf({ queues: ['q0', 'q2*'] }))
    expect(told.map(plain)).toEqual(minutes.map(() => ({ failed: 2 })))
  })
  expect(given).toEqual([HELD_FIRST, HELD_FIRST ** 2, 500 - HELD_FIRST - HELD_FIRST ** 2])
})
