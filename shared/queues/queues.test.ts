// What is promised about queues: all of them are seen as they are, and stopping one says who and why.
import { once } from 'node:events'
import { minuteOf, queuesKey } from '../metrics/buckets.ts'
import { expect, input, person, problemOf, test } from '../../test/support/rooms.ts'

test('every queue is listed with what is in it, who works on it and how fast it moves', async ({
  queues,
  jobs,
  me,
  foreign,
  kernel,
  clock,
  work,
  registry,
  bull,
}) => {
  const orders = foreign('orders')
  await orders.add('x', {}, { timestamp: clock.now() - 5_000 })
  await orders.add('x', {})
  await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, options: { priority: 'high' } }))
  const minute = minuteOf(clock.now())
  await kernel.redis.hset(queuesKey(kernel, minute), {
    'orders|added': 30,
    'orders|completed': 20,
    'orders|failed': 2,
  })
  await kernel.redis.hset(queuesKey(kernel, minute - 30), { 'orders|failed': 5 })
  await registry.beat({
    id: 'w_1',
    host: 'h',
    pid: 1,
    version: '1',
    slots: { mail: 50 },
    running: 0,
    started_at: 1,
    last_seen_at: clock.now(),
    last_fetch_at: null,
    rss_bytes: 1,
  })
  const worker = work('reports', async () => 1)
  await worker.waitUntilReady()
  await bull.discover()
  const list = await queues.list(me)
  expect(list.map(({ name }) => name)).toEqual(['mail', 'orders', 'reports'])
  const [mail, other, reports] = list
  expect(mail).toMatchObject({ own: true, slots: 50, counts: { waiting: 0, prioritized: 1 }, oldest_waiting_ms: 0 })
  expect(other).toMatchObject({
    own: false,
    slots: 0,
    workers: 0,
    paused: false,
    pause: null,
    counts: { waiting: 2, active: 0, completed: 0 },
    rates: { in_per_min: 30, out_per_min: 22, failed_last_hour: 7 },
  })
  expect(other?.oldest_waiting_ms).toBeGreaterThanOrEqual(5_000)
  expect(reports).toMatchObject({ workers: 1, oldest_waiting_ms: null })
})

test('a paused queue says who and why, hands out nothing, and goes on when resumed', async ({
  queues,
  jobs,
  me,
  work,
  kernel,
  bull,
}) => {
  const paused = await queues.pause(me, 'mail', { reason: 'provider is down' })
  expect(paused).toMatchObject({ paused: true, pause: { reason: 'provider is down', by: 'Ada', until: null } })
  const worker = work('mail', async () => 1)
  const completed = once(worker, 'completed')
  await worker.waitUntilReady()
  await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a' }))
  expect(await kernel.redis.exists(bull.keys('mail').marker)).toBe(0)
  expect((await bull.counts(['mail'])).get('mail')).toMatchObject({ waiting: 1, active: 0 })
  expect(await queues.resume(me, 'mail')).toMatchObject({ paused: false, pause: null })
  await completed
  expect((await bull.counts(['mail'])).get('mail')).toMatchObject({ completed: 1 })
})

test('a queue paused by BullMQ itself is paused without a name', async ({ queues, me, foreign }) => {
  await foreign('orders').pause()
  expect(await queues.show(me, 'orders')).toMatchObject({ paused: true, pause: null })
})

test('a record left by an earlier pause is not told of a queue that runs', async ({ queues, me, bull }) => {
  await queues.pause(me, 'mail', { reason: 'once' })
  await bull.queue('mail').resume()
  expect(await queues.show(me, 'mail')).toMatchObject({ paused: false, pause: null })
})

test('a queue the principal may not use does not exist', async ({ queues, foreign, bull }) => {
  await foreign('orders').add('x', {})
  await bull.discover()
  const limited = person({ queues: ['mail'] })
  expect((await queues.list(limited)).map(({ name }) => name)).toEqual(['mail'])
  for (const name of ['orders', 'nowhere']) {
    for (const work of [queues.show(limited, name), queues.pause(limited, name), queues.resume(limited, name)])
      expect((await problemOf(work)).code).toBe('queue-not-found')
  }
  expect(await bull.queue('orders').isPaused()).toBe(false)
})
