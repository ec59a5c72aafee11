// What is promised of work on a queue of 100,000 jobs: no script of it holds up Redis for more than 50 ms, as Redis's own slow log
// tells, and it ends though it is killed on the way.
import { Redis } from 'ioredis'
import { person } from '../../test/support/rooms.ts'
import { expect, test as base } from '../../test/support/fixtures.ts'
import { startTestRedis } from '../../test/support/redis-server.ts'
import { createBull } from '../bullmq/bullmq.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { systemClock } from '../kernel/clock.ts'
import { readSettings } from '../kernel/config.ts'
import { createKernel } from '../kernel/kernel.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { operationKinds } from '../operation-kinds.ts'
import { createOperations, createRunner } from '../operations/operations.ts'
import { createRegistry } from '../workers/registry.ts'
import { createQueues } from './queues.ts'
import { CleanRequest, DrainRequest, ObliterateRequest } from './work-contract.ts'

const JOBS = 100_000
const HELD_MAX_US = 50_000
const me = person()

interface World {
  kernel: Kernel
  bull: Bull
  /** µs the longest commands took since the last call, the longest first. */
  longest: () => Promise<number[]>
}

const test = base.extend<{ world: World }>({
  world: async ({}, use) => {
    const redis = await startTestRedis({ appendonly: false, args: ['--slowlog-log-slower-than', '5000'] })
    const kernel = createKernel({
      settings: readSettings({ REDIS_URL: redis.url }),
      role: 'worker',
      clock: systemClock,
      tag: 'slow',
      bullPrefix: 'bull',
    })
    const bull = createBull(kernel)
    const own = new Redis(redis.url)
    await use({
      kernel,
      bull,
      async longest() {
        const rows = (await own.slowlog('GET', 1_000)) as [number, number, number][]
        await own.slowlog('RESET')
        return rows.map(([, , micros]) => micros).sort((a, b) => b - a)
      },
    })
    own.disconnect()
    await bull.close()
    await kernel.close()
    await redis.stop()
  },
})

/** Jobs as BullMQ lays them, without their events: making them is not what is looked at. */
const fill = async ({ kernel, bull }: World, place: 'wait' | 'failed' | 'prioritized', at: number): Promise<void> => {
  const keys = bull.keys('orders')
  await kernel.redis.hset(keys.meta, 'opts.maxLenEvents', 200_000)
  for (let from = 0; from < JOBS; from += 1_000) {
    const pipeline = kernel.redis.pipeline()
    for (let n = from; n < from + 1_000; n++) {
      const data = JSON.stringify({ text: 'x'.repeat(200) })
      pipeline.hset(keys.job(`j${n}`), { name: 'x', data, opts: '{}', timestamp: at, delay: 0, priority: 0 })
      if (place === 'wait') pipeline.lpush(keys.wait, `j${n}`)
      else pipeline.zadd(keys[place], at, `j${n}`)
    }
    await pipeline.exec()
  }
}

const roomsOf = ({ kernel, bull }: World) => {
  const kinds = operationKinds(kernel, bull)
  const operations = createOperations(kernel, { bull, kinds })
  return {
    operations,
    queues: createQueues(kernel, { bull, registry: createRegistry(kernel), operations }),
    runner: createRunner(kernel, kinds),
  }
}

const cases = [
  { verb: 'drain', place: 'wait' },
  { verb: 'drain', place: 'prioritized' },
  { verb: 'clean', place: 'failed' },
  { verb: 'obliterate', place: 'wait' },
] as const

test.for(cases)(
  '$verb of 100,000 jobs that are $place holds nobody up',
  { timeout: 180_000 },
  async ({ verb, place }, { world }) => {
    const { operations, queues, runner } = roomsOf(world)
    await fill(world, place, Date.now() - 60_000)
    await world.longest()
    const { work } = queues
    const { id } = await {
      drain: () => work.drain(me, 'orders', DrainRequest.parse({})),
      clean: () => work.clean(me, 'orders', CleanRequest.parse({ state: 'failed' })),
      obliterate: () => work.obliterate(me, 'orders', ObliterateRequest.parse({ confirm: 'orders' })),
    }[verb]()
    // The first process stops on the way, the second goes on.
    const first = new AbortController()
    setTimeout(() => first.abort(), 1_000)
    await runner.run(id, first.signal)
    const begun = performance.now()
    let end = await runner.run(id, new AbortController().signal)
    while (end === 'goes_on') end = await runner.run(id, new AbortController().signal)
    const held = await world.longest()
    const took = Math.round(performance.now() - begun)
    process.stdout.write(`${verb} ${place}: longest commands ${held.slice(0, 3).join(', ')} µs; ${took} ms\n`)
    expect(await operations.show(me, id)).toMatchObject({
      status: 'succeeded',
      progress: { total: JOBS, done: JOBS, failed: 0, skipped: 0 },
    })
    expect(held[0] ?? 0).toBeLessThan(HELD_MAX_US)
  },
)
