// Queues of BullMQ 5 producers. Version 5 is not installed beside 6, so its layout is written by hand, key by key as its
// 5.x scripts do with default options: waiting jobs of a paused queue in `paused`, markers, and a `meta` of its own.
import { Worker } from 'bullmq'
import { once } from 'node:events'
import { expect, person, test } from '../../test/support/rooms.ts'
import type { Kernel } from '../kernel/kernel.ts'

const add5 = async (kernel: Kernel, queue: string, id: number, list: 'wait' | 'paused'): Promise<void> => {
  const prefix = `${kernel.bullPrefix}:${queue}:`
  await kernel.redis
    .pipeline()
    .hset(`${prefix}meta`, {
      'opts.maxLenEvents': 10_000,
      version: 'bullmq:5.63.0',
      ...(list === 'paused' ? { paused: 1 } : {}),
    })
    .incr(`${prefix}id`)
    .hset(`${prefix}${id}`, {
      name: 'ship',
      data: '{"n":1}',
      opts: '{"attempts":0}',
      timestamp: 1_700_000_000_000 + id,
      delay: 0,
      priority: 0,
    })
    .xadd(`${prefix}events`, '*', 'event', 'added', 'jobId', id, 'name', 'ship')
    .lpush(`${prefix}${list}`, id)
    .zadd(`${prefix}marker`, 0, '0')
    .xadd(`${prefix}events`, 'MAXLEN', '~', 10_000, '*', 'event', 'waiting', 'jobId', id)
    .exec()
}

test('are found, counted and read', async ({ kernel, bull, jobs, queues }) => {
  await add5(kernel, 'v5', 1, 'wait')
  await add5(kernel, 'stopped', 1, 'paused')
  expect(await bull.discover()).toEqual(['mail', 'reports', 'stopped', 'v5'])
  const me = person()
  expect(await queues.show(me, 'v5')).toMatchObject({ counts: { waiting: 1 }, paused: false })
  expect(await queues.show(me, 'stopped')).toMatchObject({ counts: { waiting: 1 }, paused: true })
  expect(await jobs.show(me, { queue: 'stopped', id: '1' })).toMatchObject({
    state: 'waiting',
    name: 'ship',
    attempts_max: 1,
    why: 'The queue stopped is paused.',
  })
  const { data } = await jobs.list(me, { state: ['waiting'], sort: '-created_at', limit: 10 })
  expect(data.map(({ id }) => id).sort()).toEqual(['stopped:1', 'v5:1'])
  expect(await jobs.find(me, '1', 'v5')).toEqual({ queue: 'v5', id: '1' })
})

test('are worked off by a worker of today beside jobs we add', async ({ kernel, bull, jobs }) => {
  await add5(kernel, 'v5', 1, 'wait')
  const { job } = await jobs.enqueue(person(), { name: 'ship', queue: 'v5', data: { n: 2 } })
  const seen: unknown[] = []
  const worker = new Worker('v5', async (one) => void seen.push(one.data), {
    connection: { url: kernel.settings.REDIS_URL, maxRetriesPerRequest: null },
    prefix: kernel.bullPrefix,
  })
  for (let done = 0; done < 2; done++) await once(worker, 'completed')
  await worker.close()
  expect(seen).toEqual([{ n: 1 }, { n: 2 }])
  expect(
    await bull.stateOf([
      { queue: 'v5', id: '1' },
      { queue: 'v5', id: job.id.slice(3) },
    ]),
  ).toEqual(['completed', 'completed'])
})
