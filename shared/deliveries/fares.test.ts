// How attempts at endpoints are counted: what says something new at once, the rest together.
import { expect, test } from '../../test/support/deliveries.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Fared } from './figures.ts'
import { HOUR_MS, deliveryKeys } from './keys.ts'
import { createStandings } from './standings.ts'

test('a success that began before its endpoint asked to rest does not end that rest, one that began after it does', async ({
  store,
  clock,
}) => {
  const before = clock.now()
  await clock.advance(10)
  const until = clock.now() + 60_000
  await store.rest('wh_a', until)
  expect(await store.fares.tell('wh_a', true, 5, before)).toMatchObject({ failures: 0, restsUntil: until })
  expect(await store.standing('wh_a')).toMatchObject({ restsUntil: until })
  await clock.advance(10)
  expect(await store.fares.tell('wh_a', true, 5, clock.now())).toMatchObject({ restsUntil: undefined })
  expect(await store.standing('wh_a')).toMatchObject({ restsUntil: undefined })
})

const counted = async (kernel: Kernel) => {
  const hour = Math.floor(kernel.clock.now() / HOUR_MS)
  return kernel.redis.hgetall(deliveryKeys(kernel).key('widths', 'wh_a', String(hour)))
}

test('what is told is counted at once, and what was noted before it too', async ({ kernel, store }) => {
  const noted = store.fares.note('wh_a', 3, 1)
  expect(store.fares.note('wh_a', 3, 1)).toBeUndefined()
  expect(await store.fares.tell('wh_a', false, 100, 1)).toMatchObject({ failures: 1 })
  expect(await noted).toMatchObject({ failures: 1 })
  expect(await counted(kernel)).toEqual({ '2': '2', '-7': '1' })
})

test('what is noted is counted together after 100 ms', async ({ kernel, store, clock }) => {
  const noted = store.fares.note('wh_a', 3, 1)
  void store.fares.note('wh_a', 3, 1)
  await clock.advance(99)
  expect(await counted(kernel)).toEqual({})
  await clock.advance(1)
  expect(await noted).toMatchObject({ failures: 0, lined: 0 })
  expect(await counted(kernel)).toEqual({ '2': '2' })
})

test('failures before one that arrives are forgotten with it, those after it count', async ({ store }) => {
  await store.fares.tell('wh_a', false, 3, 1)
  const told = [false, true, false, false].map((isGood) => store.fares.tell('wh_a', isGood, 3, 1))
  expect((await Promise.all(told)).map(({ failures }) => failures)).toEqual([2, 2, 2, 2])
})

test('settling counts what was noted, and waits for nothing where nothing was', async ({ kernel, store }) => {
  await store.fares.settle()
  const noted = store.fares.note('wh_a', 3, 1)
  await store.fares.settle()
  expect(await counted(kernel)).toEqual({ '2': '1' })
  await noted
})

test('where Redis refuses, whoever asked hears so, and what comes after is counted', async ({ kernel, store }) => {
  const state = deliveryKeys(kernel).key('state', 'wh_a')
  await kernel.redis.set(state, 'no hash')
  const noted = store.fares.note('wh_a', 3, 1)
  const settled = store.fares.settle()
  await expect(noted).rejects.toThrow('WRONGTYPE')
  await expect(settled).rejects.toThrow('WRONGTYPE')
  await kernel.redis.del(state)
  expect(await store.fares.tell('wh_a', true, 3, 1)).toMatchObject({ failures: 0 })
})

test('one more that arrives says nothing new where the last did too, unless somebody stands in line or it rests', ({
  kernel,
  store,
}) => {
  const standings = createStandings(kernel, store)
  const well: Fared = { failures: 0, failingSince: undefined, succeededAt: 1, lined: 0, restsUntil: undefined }
  const isWellAfter = (fared: Fared): boolean => {
    standings.learn('wh_a', fared)
    return standings.isWell('wh_a')
  }
  expect(standings.isWell('wh_a')).toBe(false)
  expect(isWellAfter(well)).toBe(true)
  expect(isWellAfter({ ...well, failures: 1 })).toBe(false)
  expect(isWellAfter({ ...well, succeededAt: undefined })).toBe(false)
  expect(isWellAfter({ ...well, lined: 1 })).toBe(false)
  expect(isWellAfter({ ...well, restsUntil: 1 })).toBe(false)
  expect(isWellAfter(well)).toBe(true)
  standings.lined('wh_a')
  expect(standings.isWell('wh_a')).toBe(false)
})
