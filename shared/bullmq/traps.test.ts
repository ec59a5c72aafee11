// The upgrade gate: each fact about BullMQ that k1n is built on or guards against, shown on the BullMQ that is installed.
// A test that fails after an upgrade names the assumption that has to be thought over.
import { DelayedError, FlowProducer, Queue, QueueEventsProducer, UnrecoverableError, Worker } from 'bullmq'
import type { Job, WorkerOptions } from 'bullmq'
import { EventEmitter, once } from 'node:events'
import { readFileSync } from 'node:fs'
import { describe, expect, test as base } from '../../test/support/fixtures.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { bullKeys } from './keys.ts'
import type { BullKeys } from './keys.ts'
import { workerOptions } from './settings.ts'

interface Traps {
  /** A queue with BullMQ's defaults, as any other service makes it. */
  queue: Queue
  keys: BullKeys
  work: (run: (job: Job, token?: string) => Promise<unknown>, options?: Partial<WorkerOptions>) => Worker
  events: () => Promise<Record<string, string>[]>
}

const connection = (kernel: Kernel) => ({ url: kernel.settings.REDIS_URL, maxRetriesPerRequest: null })

const test = base.extend<Traps>({
  queue: async ({ kernel }, use) => {
    const queue = new Queue('q', { connection: kernel.redis, prefix: kernel.bullPrefix })
    await queue.waitUntilReady()
    await use(queue)
    await queue.close()
  },
  keys: async ({ kernel }, use) => use(bullKeys(kernel.bullPrefix, 'q')),
  work: async ({ kernel }, use) => {
    const workers: Worker[] = []
    await use((run, options = {}) => {
      const worker = new Worker('q', run, { connection: connection(kernel), prefix: kernel.bullPrefix, ...options })
      worker.on('error', () => undefined)
      workers.push(worker)
      return worker
    })
    await Promise.all(workers.map((worker) => worker.close(true)))
  },
  events: async ({ kernel, keys }, use) =>
    use(async () =>
      (await kernel.redis.xrange(keys.events, '-', '+')).map(([, fields]) =>
        Object.fromEntries(fields.flatMap((name, index) => (index % 2 === 0 ? [[name, fields[index + 1] ?? '']] : []))),
      ),
    ),
})

/** The worker says `event` for the n-th time. */
const times = async (worker: Worker, event: 'completed' | 'failed', n: number): Promise<void> => {
  for (let seen = 0; seen < n; seen++) await once(worker, event)
}

test('the version is the one these facts were shown for', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    dependencies: Record<string, string>
  }
  expect(manifest.dependencies['bullmq']).toBe('6.7.0')
  expect(manifest.dependencies['ioredis']).toBe('5.11.1')
})

describe('the event stream', () => {
  test('tells a job’s life in these words', async ({ queue, work, events }) => {
    const worker = work(async (job) => {
      await job.updateProgress({ half: true })
      if (job.attemptsMade < 1) throw new Error('first')
      return { ok: 1 }
    })
    const completed = times(worker, 'completed', 1)
    await queue.add('a', {}, { jobId: 'j', attempts: 2 })
    await completed
    expect(
      (await events()).map(({ event, prev, failedReason, returnvalue, name, data }) => [
        event,
        prev ?? failedReason ?? returnvalue ?? name ?? data,
      ]),
    ).toEqual([
      ['added', 'a'],
      ['waiting', undefined],
      ['active', 'waiting'],
      ['progress', '{"half":true}'],
      ['waiting', 'active'],
      ['active', 'waiting'],
      ['progress', '{"half":true}'],
      ['completed', 'active'],
      ['drained', undefined],
    ])
    expect((await events()).find(({ event }) => event === 'completed')).toMatchObject({
      jobId: 'j',
      returnvalue: '{"ok":1}',
    })
  })

  test('carries the time a delayed job is due, and tells no failed attempt from a deferral', async ({
    queue,
    work,
    events,
  }) => {
    const worker = work(
      async (job, token) => {
        if (job.id === 'deferred') {
          await job.moveToDelayed(Date.now() + 60_000, token)
          throw new DelayedError()
        }
        throw new Error('no')
      },
      { concurrency: 1 },
    )
    const failed = times(worker, 'failed', 1)
    await queue.add('a', {}, { jobId: 'deferred', attempts: 2 })
    await queue.add('a', {}, { jobId: 'retried', attempts: 2, backoff: { type: 'fixed', delay: 60_000 } })
    await failed
    const delayed = (await events()).filter(({ event }) => event === 'delayed')
    expect(delayed.map((fields) => Object.keys(fields).sort())).toEqual([
      ['delay', 'event', 'jobId'],
      ['delay', 'event', 'jobId'],
    ])
    expect(Number(delayed[0]?.['delay'])).toBeGreaterThan(Date.now())
    expect((await queue.getJob('deferred'))?.attemptsMade).toBe(0)
    expect((await queue.getJob('retried'))?.attemptsMade).toBe(1)
  })

  test('says `failed` at the end only, and `retries-exhausted` not always', async ({ queue, work, events }) => {
    const worker = work(async (job) => {
      if (job.name === 'hopeless') throw new UnrecoverableError('never')
      throw new Error('no')
    })
    const failed = times(worker, 'failed', 3)
    await queue.add('hopeless', {}, { jobId: 'h', attempts: 3 })
    await queue.add('a', {}, { jobId: 'a', attempts: 2 })
    await failed
    const ends = (await events()).filter(({ event }) => event === 'failed' || event === 'retries-exhausted')
    expect(ends.map(({ event, jobId }) => [event, jobId])).toEqual([
      ['failed', 'h'],
      ['failed', 'a'],
      ['retries-exhausted', 'a'],
    ])
  })

  test('is shortened to 10,000 by every plain Queue, and left alone with skipMetasUpdate', async ({
    queue,
    keys,
    kernel,
  }) => {
    const length = () => kernel.redis.hget(keys.meta, 'opts.maxLenEvents')
    await kernel.redis.hset(keys.meta, 'opts.maxLenEvents', 200_000)
    const quiet = new Queue(queue.name, { connection: kernel.redis, prefix: kernel.bullPrefix, skipMetasUpdate: true })
    await quiet.waitUntilReady()
    await quiet.add('a', {})
    expect(await length()).toBe('200000')
    const plain = new Queue(queue.name, { connection: kernel.redis, prefix: kernel.bullPrefix })
    await plain.getVersion()
    expect(await length()).toBe('10000')
  })

  test('loses most of itself to one event that somebody publishes', async ({ queue, keys, kernel }) => {
    await kernel.redis.hset(keys.meta, 'opts.maxLenEvents', 200_000)
    await queue.addBulk(Array.from({ length: 2_500 }, () => ({ name: 'a', data: {} })))
    expect(await kernel.redis.xlen(keys.events)).toBe(5_000)
    const producer = new QueueEventsProducer('q', { connection: connection(kernel), prefix: kernel.bullPrefix })
    await producer.publishEvent({ eventName: 'mine' })
    await producer.close()
    expect(await kernel.redis.xlen(keys.events)).toBeLessThan(1_200)
  })

  test('says nothing of a job that is removed when it completes', async ({ queue, work, events }) => {
    const worker = work(async () => 1)
    const completed = times(worker, 'completed', 1)
    await queue.add('a', {}, { jobId: 'j', removeOnComplete: true })
    await completed
    expect((await events()).some(({ event }) => event === 'removed')).toBe(false)
    expect(await queue.getJob('j')).toBeUndefined()
  })
})

describe('ids', () => {
  for (const [id, harm] of [
    ['wait', /WRONGTYPE/],
    ['marker', /WRONGTYPE/],
  ] as const)
    test(`\`${id}\` breaks every later add, so no client’s id may reach BullMQ bare`, async ({ queue }) => {
      await queue.add('a', {}, { jobId: id }).catch(() => undefined)
      await expect(queue.add('a', {})).rejects.toThrow(harm)
    })

  test('`0:a:b` is taken by addBulk and lost', async ({ queue, work }) => {
    await queue.addBulk([{ name: 'lost', data: {}, opts: { jobId: '0:a:b' } }])
    const worker = work(async (job) => job.name)
    const completed = times(worker, 'completed', 1)
    await queue.add('seen', {})
    await completed
    expect((await queue.getCompleted()).map(({ name }) => name)).toEqual(['seen'])
  })

  test('that are taken are answered with the new data, which was not stored', async ({ queue }) => {
    await queue.add('a', { first: true }, { jobId: 'j' })
    const second = await queue.add('a', { second: true }, { jobId: 'j' })
    expect(second.data).toEqual({ second: true })
    expect((await queue.getJob('j'))?.data).toEqual({ first: true })
  })

  test('of addBulk may be an error code', async ({ queue, kernel }) => {
    const [job] = await queue.addBulk([
      { name: 'a', data: {}, opts: { parent: { id: 'nobody', queue: `${kernel.bullPrefix}:q` } } },
    ])
    expect(Number(job?.id)).toBe(-5)
  })
})

describe('one bad option', () => {
  test('of backoff loses a job: it is in no list any more', async ({ queue, work, keys, kernel }) => {
    const worker = work(() => Promise.reject(new Error('no')))
    const trouble = once(worker, 'error')
    await queue.add('a', {}, { jobId: 'j', attempts: 2, backoff: { type: 'fixed', delay: 'abc' as never } })
    await trouble
    expect(await queue.getJobState('j')).toBe('unknown')
    expect(await kernel.redis.exists(keys.job('j'))).toBe(1)
  })

  test('of its type leaves a job running that nobody runs', async ({ queue, work, keys, kernel }) => {
    const worker = work(() => Promise.reject(new Error('no')))
    const trouble = once(worker, 'error')
    await queue.add('a', {}, { jobId: 'j', attempts: 2, backoff: { type: 'nope', delay: 1 } })
    await trouble
    expect(await kernel.redis.lrange(keys.active, 0, -1)).toEqual(['j'])
  })
})

describe('retrying everything', () => {
  test('ignores priorities and resets nothing', async ({ queue, work, keys, kernel }) => {
    const worker = work(() => Promise.reject(new Error('no')))
    const failed = times(worker, 'failed', 1)
    await queue.add('a', {}, { jobId: 'j', priority: 5 })
    await failed
    await worker.close()
    await queue.retryJobs({ state: 'failed', timestamp: Date.now() + 1_000 })
    expect(await kernel.redis.lrange(keys.wait, 0, -1)).toEqual(['j'])
    expect(await kernel.redis.zcard(keys.prioritized)).toBe(0)
    expect((await queue.getJob('j'))?.attemptsMade).toBe(1)
  })

  for (const [what, given, left] of [
    ['takes jobs that failed after it began, and so need not end', {}, 0],
    ['with a time takes none of those', { timestamp: Date.now() }, 1],
  ] as const)
    test(what, async ({ queue, keys, kernel }) => {
      const pipeline = kernel.redis.pipeline()
      for (let index = 0; index < 1_500; index++) {
        pipeline.hset(keys.job(`j${index}`), { name: 'a', timestamp: 1 })
        pipeline.zadd(keys.failed, 1_000 + index, `j${index}`)
      }
      pipeline.hset(keys.job('later'), { name: 'a', timestamp: 1 })
      // One round trip per job: far more than 30 ms pass before the last one.
      pipeline.zadd(keys.failed, Date.now() + 30, 'later')
      await pipeline.exec()
      await queue.retryJobs({ state: 'failed', count: 1, ...given })
      expect(await kernel.redis.zcard(keys.failed)).toBe(left)
    })
})

test('a rate limit means nothing to a worker without a limiter', async ({ queue, work, keys, kernel }) => {
  await queue.rateLimit(60_000)
  const worker = work(async () => 1)
  const completed = times(worker, 'completed', 3)
  await queue.addBulk([1, 2, 3].map(() => ({ name: 'a', data: {} })))
  await completed
  expect(await kernel.redis.exists(`${keys.prefix}limiter`)).toBe(1)
})

test('a second parent of one child waits for ever, without an error', async ({ queue, kernel }) => {
  const flows = new FlowProducer({ connection: kernel.redis, prefix: kernel.bullPrefix })
  const add = (id: string) =>
    flows.add({
      name: 'p',
      queueName: 'q',
      opts: { jobId: id },
      children: [{ name: 'c', queueName: 'q', opts: { jobId: 'shared' } }],
    })
  await add('first')
  await add('second')
  expect(await queue.getJobState('second')).toBe('waiting-children')
  expect(await kernel.redis.smembers(`${bullKeys(kernel.bullPrefix, 'q').prefix}second:dependencies`)).toEqual([])
  await flows.close()
})

test('unknown members of options are kept, which is where ours travel', async ({ queue }) => {
  await queue.add('a', {}, { jobId: 'j', k1n: { tags: ['x'], backoff: { delays: [1, 2] } } } as never)
  expect((await queue.getJob('j'))?.opts).toMatchObject({ k1n: { tags: ['x'], backoff: { delays: [1, 2] } } })
})

test('a paused queue keeps its jobs in the line of waiting ones', async ({ queue, kernel, keys }) => {
  await queue.pause()
  await queue.add('a', {}, { jobId: 'j' })
  expect(await kernel.redis.lrange(keys.wait, 0, -1)).toEqual(['j'])
  expect(await kernel.redis.hget(keys.meta, 'paused')).toBe('1')
})

test('stalls are never reset by a retry, which is why ours do it', async ({ queue, work, kernel, keys }) => {
  const worker = work(() => Promise.reject(new Error('no')))
  const failed = times(worker, 'failed', 1)
  await queue.add('a', {}, { jobId: 'j' })
  await failed
  await worker.close()
  await kernel.redis.hset(keys.job('j'), 'stc', 1)
  await (await queue.getJob('j'))?.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true })
  expect(await kernel.redis.hget(keys.job('j'), 'stc')).toBe('1')
})

describe('our settings', () => {
  test('are the ones that survive', () => {
    expect(workerOptions()).toMatchObject({
      lockDuration: 30_000,
      stalledInterval: 5_000,
      maxStalledCount: 1_000_000,
      drainDelay: 5,
    })
  })

  test('do not fail a job for being stalled twice, as BullMQ would', async ({ queue, work, keys, kernel }) => {
    const stallTwice = async (id: string, options: Partial<WorkerOptions>): Promise<string> => {
      await queue.add('a', {}, { jobId: id, attempts: 5 })
      await kernel.redis.hset(keys.job(id), { stc: 1 })
      await kernel.redis.lrem(keys.wait, 0, id)
      await kernel.redis.lpush(keys.active, id)
      await kernel.redis.sadd(`${keys.prefix}stalled`, id)
      await kernel.redis.del(keys.stalledCheck)
      const ends = new EventEmitter()
      const worker = work(async () => 'ran', { ...options, stalledInterval: 200 })
      worker.on('completed', (job) => job.id === id && ends.emit('end', 'completed'))
      worker.on('failed', (job) => job?.id === id && ends.emit('end', 'failed'))
      const [how] = (await once(ends, 'end')) as [string]
      await worker.close(true)
      return how
    }
    expect(await stallTwice('theirs', {})).toBe('failed')
    expect(await stallTwice('ours', { maxStalledCount: workerOptions().maxStalledCount })).toBe('completed')
  })
})
