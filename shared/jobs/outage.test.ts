// What a producer is told while Redis is away, hangs or comes back, and that nothing is stored twice through it.
import { describe } from 'vitest'
import { freePort } from '../../scripts/setup/free-port.mjs'
import { expect, input, person, problemOf, test as base, testCatalog } from '../../test/support/rooms.ts'
import { startTestRedis } from '../../test/support/redis-server.ts'
import type { TestRedis } from '../../test/support/redis-server.ts'
import { createBull } from '../bullmq/bullmq.ts'
import { readSettings } from '../kernel/config.ts'
import { createKernel } from '../kernel/kernel.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createQueues } from '../queues/queues.ts'
import { createOperations } from '../operations/operations.ts'
import { createRegistry } from '../workers/registry.ts'
import { createJobs } from './jobs.ts'
import type { Jobs } from './jobs.ts'

interface Outage {
  port: number
  /** Starts the Redis of this test. */
  start: () => Promise<TestRedis>
  /** A kernel in the role the API has, on a Redis that need not run yet. */
  api: Kernel
}

const test = base.extend<Outage>({
  port: async ({}, use) => use(await freePort()),
  start: async ({ port }, use) => {
    const started: TestRedis[] = []
    await use(async () => {
      const redis = await startTestRedis({ port })
      started.push(redis)
      return redis
    })
    for (const redis of started) await redis.stop()
  },
  api: async ({ port, dir, start: _first }, use) => {
    const settings = readSettings({ REDIS_URL: `redis://127.0.0.1:${port}`, K1N_DATA_DIR: dir })
    const kernel = createKernel({ settings, role: 'producer' })
    await use(kernel)
    kernel.redis.disconnect()
  },
})

/** Other than `once`, this is not ended by an error in between. */
const says = (kernel: Kernel, event: 'ready' | 'close'): Promise<void> =>
  new Promise((resolve) => kernel.redis.once(event, () => resolve()))

const me = person()
const mail = input({ name: 'mail.send', data: { to: 'x' } })
const roomsOf = (kernel: Kernel) => {
  const bull = createBull(kernel)
  return {
    bull,
    jobs: createJobs(kernel, { bull, catalog: testCatalog }),
    queues: createQueues(kernel, {
      bull,
      registry: createRegistry(kernel),
      operations: createOperations(kernel, { bull, kinds: [] }),
    }),
  }
}

describe('Redis away', () => {
  test('from the start refuses every verb at once, and all work when it comes', async ({ api, start }) => {
    const { jobs, queues, bull } = roomsOf(api)
    const before = performance.now()
    const verbs = [
      jobs.enqueue(me, mail),
      jobs
        .enqueueMany(me, { jobs: [mail], atomic: true })
        .then(({ results }) => Promise.reject(new Error(JSON.stringify(results)))),
      jobs.enqueue(me, { ...mail, options: { dedup: { id: 'd', mode: 'simple' } } }),
      jobs.find(me, 'x'),
      jobs.show(me, { queue: 'mail', id: 'x' }),
      jobs.list(me, { sort: '-created_at', limit: 10 }),
      jobs.result({ queue: 'mail', id: 'x' }, 1_000),
      jobs.cancel(me, { queue: 'mail', id: 'x' }),
      queues.list(me),
      queues.pause(me, 'mail'),
    ]
    const [single, many, ...others] = await Promise.all(
      verbs.map((verb) =>
        verb.then(
          () => 'done',
          (error: unknown) => error,
        ),
      ),
    )
    expect(performance.now() - before).toBeLessThan(1_000)
    for (const error of [single, ...others])
      expect(error).toMatchObject({ code: 'redis-unavailable', status: 503, extras: { retryAfterMs: 2_000 } })
    expect(String(many)).toContain('redis-unavailable')
    const ready = says(api, 'ready')
    await start()
    await ready
    await bull.claim('mail')
    const { created, job } = await jobs.enqueue(me, mail)
    expect([created, job.state]).toEqual([true, 'waiting'])
    expect((await queues.pause(me, 'mail')).paused).toBe(true)
    expect((await jobs.enqueue(me, { ...mail, options: { dedup: { id: 'd', mode: 'simple' } } })).created).toBe(true)
  })
})

describe('a Redis that hangs', () => {
  test('leaves the outcome unknown after a second; asking again with the same key stores one job', async ({
    api,
    start,
  }) => {
    const redis = await start()
    if (api.redis.status !== 'ready') await says(api, 'ready')
    const { jobs, bull } = roomsOf(api)
    await bull.claim('mail')
    await jobs.enqueue(me, mail)
    await redis.pause()
    const before = performance.now()
    const problem = await problemOf(jobs.enqueue(me, mail, { idempotencyKey: 'once' }))
    expect([problem.code, problem.status]).toEqual(['outcome-unknown', 503])
    expect(performance.now() - before).toBeLessThan(1_500)
    const back = api.redis.status === 'ready' ? undefined : says(api, 'ready')
    await redis.resume()
    await back
    const again = await jobs.enqueue(me, mail, { idempotencyKey: 'once' })
    expect(again.job.id).toMatch(/^mail:t_i-/)
    expect((await bull.counts(['mail'])).get('mail')?.waiting).toBe(2)
  })
})

test('a Redis that restarts keeps what it accepted and needs no restart of ours', async ({ api, start }) => {
  const redis = await start()
  if (api.redis.status !== 'ready') await says(api, 'ready')
  const { jobs, bull } = roomsOf(api)
  await bull.claim('mail')
  const first = await jobs.enqueue(me, mail)
  const closed = says(api, 'close')
  const ready = closed.then(() => says(api, 'ready'))
  await redis.restart()
  await ready
  // The scripts are unknown to the new process and are sent again in full.
  await jobs.enqueue(me, mail)
  expect((await bull.counts(['mail'])).get('mail')?.waiting).toBe(2)
  expect((await jobs.show(me, await jobs.find(me, first.job.id))).state).toBe('waiting')
})

describe('Redis that does what it is told and cannot say so', () => {
  const silent = () => new Error('Command timed out')
  const address = { queue: 'mail', id: 't_late' }
  const late = input({ name: 'mail.send', id: 'late', data: { to: 'x' }, options: { delay_ms: 60_000 } })

  test('does not make a job vanish that was being cancelled', async ({ jobs, bull }) => {
    await jobs.enqueue(me, late)
    const queue = bull.queue('mail')
    const remove = queue.remove.bind(queue)
    queue.remove = async (...given) => {
      await remove(...given)
      throw silent()
    }
    expect((await problemOf(jobs.cancel(me, address))).code).toBe('outcome-unknown')
    expect(await jobs.show(me, address)).toMatchObject({ id: 'mail:t_late', state: 'cancelled' })
  })

  test('and one that was not cancelled after all is shown as it is', async ({ jobs, bull }) => {
    await jobs.enqueue(me, late)
    const queue = bull.queue('mail')
    queue.remove = () => Promise.reject(silent())
    expect((await problemOf(jobs.cancel(me, address))).code).toBe('outcome-unknown')
    expect(await jobs.show(me, address)).toMatchObject({ state: 'delayed' })
    expect((await jobs.list(me, { sort: '-created_at', limit: 10, state: ['cancelled'] })).data).toEqual([])
  })

  test('is not needed to tell that a job was cancelled', async ({ jobs, bull }) => {
    await jobs.enqueue(me, late)
    const read = bull.readStated.bind(bull)
    bull.readStated = async (...given) => {
      if ((await bull.stateOf([address]))[0] === 'missing') throw silent()
      return read(...given)
    }
    expect(await jobs.cancel(me, address)).toMatchObject({
      job: { id: 'mail:t_late', state: 'cancelled' },
      settled: true,
    })
  })

  for (const [verb, steer] of Object.entries<(jobs: Jobs) => Promise<unknown>>({
    promote: (jobs) => jobs.promote(me, address),
    retry: (jobs) => jobs.retry(me, address),
  }))
    test(`is not said to have changed nothing: ${verb}`, async ({ jobs, bull }) => {
      await jobs.enqueue(me, late)
      const before = await bull.stateOf([address])
      const read = bull.readStated.bind(bull)
      bull.readStated = async (...given) => {
        if ((await bull.stateOf([address]))[0] !== before[0]) throw silent()
        return read(...given)
      }
      const problem = await problemOf(steer(jobs))
      expect([problem.code, problem.message]).toEqual(['outcome-unknown', expect.stringContaining('was done')])
    })
})
