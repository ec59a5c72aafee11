// Deaths by cause over a long time: exact to the half hour, and told by Redis once for each quarter of a day.
import { vi } from 'vitest'
import { expect, test } from '../../test/support/fixtures.ts'
import { HALF_HOUR_MS, QUARTER_MS, slotNo } from '../metrics/slots.ts'
import { createCauses, minutesOf, placesOf } from './deaths.ts'
import { quarterKey } from './keys.ts'
import { countDeath, newPart } from './part.ts'
import type { Part } from './part.ts'

const SLOTS = QUARTER_MS / HALF_HOUR_MS
const fields = (parts: number): Record<string, number> =>
  Object.fromEntries(
    Array.from({ length: parts * SLOTS }, (_, index) => [`${index % SLOTS}|p${Math.floor(index / SLOTS)}@a|b`, 1]),
  )

test('parts that die each half hour are held once a quarter of a day, and at the edges of a frame by half hour', async ({
  kernel,
  clock,
}) => {
  const first = slotNo(clock.now(), QUARTER_MS) - 30
  for (let no = first; no < first + 30; no++) await kernel.redis.hset(quarterKey(kernel, no), fields(5))
  const causes = createCauses(kernel)
  // Redis knows the script from here on.
  await causes({ slots: [0], slotMs: HALF_HOUR_MS })
  const answers = vi.spyOn(kernel.redis, 'evalsha')
  const slots = Array.from({ length: 30 * SLOTS - 3 }, (_, index) => first * SLOTS + 2 + index)
  const deaths = await causes({ slots, slotMs: HALF_HOUR_MS })
  expect(Object.fromEntries(deaths)).toEqual(
    Object.fromEntries(Array.from({ length: 5 }, (_, part) => [`p${part}@a|b`, slots.length])),
  )
  const told = await Promise.all(answers.mock.results.map(({ value }) => value as Promise<[number, ...unknown[]]>))
  const counts = told.flatMap((answer) => answer.filter(Array.isArray)).map((flat) => flat.length / 2)
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(28 * 5 + 2 * 5 * SLOTS)
  answers.mockRestore()
})

const part = (fingerprint: string): Part => {
  const death = { fingerprint, title: '', name: '', errorName: '', errorClass: 'unknown', reason: 'unknown', version: null } as const // prettier-ignore
  return newPart('mail', death, 'x', 0)
}

test('minutes of the last day in which a group died come in one round trip', async ({ kernel, clock }) => {
  const [own, other] = [part('own'), part('other')]
  const now = clock.now()
  // The last of them is in the hour that the trend no longer reaches, unless a new one has just begun.
  const died = [0, 3 * 60_000, 23 * 3_600_000, 24 * 3_600_000 - 60_000].map((ago) => now - ago).toReversed()
  for (const one of [own, other])
    for (const at of one === own ? died : died.slice(0, -1)) {
      countDeath(one, at)
      for (const { key, field } of placesOf(kernel, at, one)) await kernel.redis.hincrby(key, field, 1)
    }
  const asked = vi.spyOn(kernel.redis, 'pipeline')
  const [ofOne, ofBoth] = [await minutesOf(kernel, [own]), await minutesOf(kernel, [own, other])]
  expect(asked).toHaveBeenCalledTimes(2)
  asked.mockRestore()
  expect(ofOne.map(({ count }) => count)).toEqual([1, 1, 1, 1])
  expect(ofBoth.map(({ count }) => count)).toEqual([2, 2, 2, 1])
})
