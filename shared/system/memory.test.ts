// What is known of Redis's memory: from which share on something is refused, and how long until there is room.
import { expect, test } from '../../test/support/fixtures.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createMemory } from './memory.ts'

/** A Redis that says that so much of 1,000 bytes is used. */
const filledTo = (kernel: Kernel) => {
  let used = 0
  const redis = { info: async () => `used_memory:${used}\r\nmaxmemory:1000\r\n` }
  const memory = createMemory({ ...kernel, redis: redis as never })
  return {
    memory,
    to: async (bytes: number) => {
      used = bytes
      await memory.look()
    },
  }
}

test('what may wait is refused beyond 70 %, what is new beyond 80 %, what is done again beyond 90 %', async ({
  kernel,
}) => {
  const { memory, to } = filledTo(kernel)
  const refused = () => (['low', 'new', 'again'] as const).filter((band) => memory.isBeyond(band))
  for (const [used, bands] of [
    [700, []],
    [701, ['low']],
    [801, ['low', 'new']],
    [901, ['low', 'new', 'again']],
    [650, []],
  ] as const) {
    await to(used)
    expect(refused()).toEqual(bands)
  }
})

test('room is foretold from how fast it was made, within a second and a minute', async ({ kernel, clock }) => {
  const { memory, to } = filledTo(kernel)
  await to(800)
  expect(memory.roomInMs('low')).toBe(60_000)
  await clock.advance(1_000)
  await to(790)
  // Ten bytes a second, and ninety too many.
  expect(memory.roomInMs('low')).toBe(9_000)
  expect(memory.roomInMs('new')).toBe(1_000)
  await clock.advance(1_000)
  await to(795)
  expect(memory.roomInMs('low')).toBe(38_000)
  await clock.advance(1_000)
  await to(900)
  expect(memory.roomInMs('low')).toBe(60_000)
})
