// Whatever happens to jobs, and whenever the recorder looks: the index is what the failed sets say, and counts add up.
import fc from 'fast-check'
import { expect } from '../../test/support/rooms.ts'
import { applying, layDead, tellDead, test } from '../../test/support/dead.ts'
import type { Left } from '../../test/support/dead.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Recorder } from '../recorder/recorder.ts'
import { entriesKey, partsKey } from './keys.ts'
import { openOf, unpackPart } from './part.ts'
import { NO_DEATH, facetOf, rangeOf, timeOf } from './place.ts'
import { createDeadIndex } from './dead-index.ts'
import { recheck } from './recheck.ts'
import { createSweep } from './sweep.ts'

interface World {
  kernel: Kernel
  bull: Bull
  recorder: Recorder
  /** Moves on with every step, so that no death is like one before. */
  time: number
}

const T = Date.UTC(2026, 0, 1)
const IDS = ['a', 'b', 'c', 'd', 'e']

/** Everything that can happen to a dead letter, told or not. */
const happenings: Record<string, (world: World, queue: string, id: string) => Promise<unknown>> = {
  dies: (world, queue, id) => tellDead(world.kernel, world.bull, letter(world, queue, id)),
  diesUnseen: (world, queue, id) => layDead(world.kernel, world.bull, letter(world, queue, id)),
  isCancelled: (world, queue, id) =>
    tellDead(world.kernel, world.bull, { ...letter(world, queue, id), more: { k1nCancelled: 'enough' } }),
  livesAgain: ({ bull }, queue, id) => bull.revive({ queue, id }, { from: 'failed', resetAttempts: true, delayMs: 0 }),
  waitsAgain: ({ bull }, queue, id) =>
    bull.revive({ queue, id }, { from: 'failed', resetAttempts: false, delayMs: 99 }),
  isRemoved: ({ bull }, queue, id) => bull.queue(queue).remove(id),
  goesUnseen: async ({ kernel, bull }, queue, id) => {
    await kernel.redis.zrem(bull.keys(queue).failed, id)
    await kernel.redis.del(bull.keys(queue).job(id))
  },
  goesWithANote: async ({ kernel, bull }, queue, id) => {
    await kernel.redis.zrem(bull.keys(queue).failed, id)
    await recheck(kernel, [{ queue, id }])
  },
  areCleaned: ({ bull }, queue) => bull.queue(queue).clean(0, 2, 'failed'),
  isRecorded: ({ recorder }) => recorder.catchUp(),
}

/** A death of one of three causes and two versions; a job that lay there already has no other life in between. */
const letter = (world: World, queue: string, id: string): Left => {
  const n = world.time++
  return { queue, id, at: T + n, message: ['full', 'gone', 'late'][n % 3] ?? '', version: String(n % 2) }
}

/** Of these the recorder hears. */
const TOLD = ['dies', 'isCancelled', 'livesAgain', 'waitsAgain', 'isRemoved', 'goesWithANote', 'isRecorded']

interface Step {
  what: string
  which: number
  id: string
}
const stepOf = (whats: readonly string[]): fc.Arbitrary<Step> =>
  fc.record({ what: fc.constantFrom(...whats), which: fc.nat(1), id: fc.constantFrom(...IDS) })

const check = async ({ kernel, bull }: World, queue: string): Promise<void> => {
  const stored = Object.entries(await kernel.redis.hgetall(partsKey(kernel)))
  const parts = stored.map(([field, text]) => unpackPart(field, text)).filter((part) => part.queue === queue)
  const entries = pairs(await kernel.redis.zrange(entriesKey(kernel, queue), 0, -1, 'WITHSCORES'))
  const failed = pairs(await kernel.redis.zrange(bull.keys(queue).failed, 0, -1, 'WITHSCORES'))
  expect(new Map([...entries].map(([id, score]) => [id, timeOf(score)]))).toEqual(failed)
  for (const { no, open } of parts.flatMap(({ facets }) => facets))
    expect(await kernel.redis.zcount(entriesKey(kernel, queue), ...rangeOf(no))).toBe(open)
  const dead = [...entries.values()].filter((score) => facetOf(score) !== NO_DEATH)
  expect(parts.reduce((sum, part) => sum + openOf(part), 0)).toBe(dead.length)
}

const pairs = (rows: string[]): Map<string, number> =>
  new Map(Array.from({ length: rows.length / 2 }, (_, row) => [rows[2 * row] ?? '', Number(rows[2 * row + 1])]))

/** Lets things happen in two queues of their own that the recorder knows already. */
const live = async (world: World, run: number, steps: Step[]): Promise<string[]> => {
  const queues = ['mail', 'reports'].map((name) => `${name}-${run}`)
  for (const queue of queues) await world.kernel.redis.hset(world.bull.keys(queue).meta, 'opts.maxLenEvents', 10_000)
  await world.recorder.catchUp()
  for (const { what, which, id } of steps) await happenings[what]?.(world, queues[which] ?? '', id)
  await world.recorder.catchUp()
  return queues
}

test('what is told keeps the index and its counts right without another look', async ({ kernel, bull, recorder }) => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(stepOf(TOLD), { maxLength: 25 }), async (steps) => {
      const world = { kernel, bull, recorder, time: 0 }
      for (const queue of await live(world, run++, steps)) await check(world, queue)
    }),
    { numRuns: 25 },
  )
})

test('after any happenings, told or not, mending makes the index what lies there', async ({
  kernel,
  bull,
  recorder,
}) => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(stepOf(Object.keys(happenings)), { maxLength: 25 }), async (steps) => {
      const world = { kernel, bull, recorder, time: 0 }
      const queues = await live(world, run++, steps)
      await mendAll(world, queues)
      for (const queue of queues) await check(world, queue)
    }),
    { numRuns: 25 },
  )
})

/** What the recorder does every few hours: one that came and one that went unseen leave nothing else to notice. */
const mendAll = async ({ kernel, bull }: World, queues: readonly string[]): Promise<void> => {
  const sweep = createSweep({ kernel, bull, index: createDeadIndex(kernel), apply: applying(kernel) })
  for (const queue of queues) {
    await sweep.mend(queue)
    while (!(await sweep.step(queue)));
  }
}
