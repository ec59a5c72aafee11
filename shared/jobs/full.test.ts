// A queue takes so many jobs and no more, and says when to come again; what is there already is not refused.
import { vi } from 'vitest'
import { MINUTE_MS } from '../metrics/slots.ts'
import { minuteOf, queuesKey } from '../metrics/buckets.ts'
import { expect, input, problemOf, test } from '../../test/support/rooms.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { drainMs } from './full.ts'

const mail = (n: number, more: object = {}) => input({ name: 'mail.send', data: { to: `${n}@b.c` }, ...more })
const add = { queue: 'mail', name: 'mail.send', data: '{}', opts: {}, timestamp: 1, delay: 0, priority: 0, lifo: false }

/** What waits, as it lies when its last attempt has failed. */
const fail = async ({ redis }: Kernel, bull: Bull, id: string): Promise<void> => {
  const keys = bull.keys('mail')
  await redis.lrem(keys.wait, 1, id)
  await redis.zadd(keys.failed, 1_000, id)
  await redis.hset(keys.job(id), { finishedOn: 1_000, failedReason: 'no', atm: 4 })
}

test('as many jobs wait as may, whatever they wait for, and the next is refused', async ({ jobs, queues, me }) => {
  await queues.change(me, 'mail', { depth_limit: 3 })
  await jobs.enqueue(me, mail(1))
  await jobs.enqueue(me, mail(2, { options: { priority: 'high' } }))
  await jobs.enqueue(me, mail(3, { options: { delay_ms: 60_000 } }))
  const refused = await problemOf(jobs.enqueue(me, mail(4)))
  expect(refused).toMatchObject({ code: 'queue-full', status: 429 })
  expect(refused.extras).toMatchObject({ retryAfterMs: 60_000, members: { queue: 'mail', waiting: 3, depth_limit: 3 } })
  expect(refused.message).toMatch(/depth_limit.*K1N_QUEUE_DEPTH/)
  // Another queue is not full.
  await jobs.enqueue(me, input({ name: 'report.build' }))
  await queues.change(me, 'mail', { depth_limit: null })
  expect((await queues.show(me, 'mail')).config.depth_limit).toBeNull()
  await jobs.enqueue(me, mail(4))
})

test('the setting holds for queues that say nothing, and 0 is no limit', async ({ bull, jobs, me, queues, kernel }) => {
  const put = (id: string, mostWaiting: number) => bull.add({ ...add, id, mostWaiting })
  expect(await put('t_1', 2)).toBe('stored')
  expect(await put('t_2', 2)).toBe('stored')
  expect(await put('t_3', 2)).toBe('full')
  expect(await put('t_3', 0)).toBe('stored')
  expect(await bull.depth('mail', 2)).toEqual({ waiting: 3, most: 2, isFull: true })
  // What others wrote that makes no sense is no limit, and no list.
  for (const nonsense of ['much', '-1', '0', '0x10', 'nan', '1e9', '']) {
    await kernel.redis.hset(bull.keys('mail').meta, 'k1nDepth', nonsense)
    expect([nonsense, await put('t_4', 2), await put('t_1', 9)]).toEqual([nonsense, 'full', 'exists'])
    expect(await bull.depth('mail', 2)).toEqual({ waiting: 3, most: 2, isFull: true })
  }
  await kernel.redis.hset(bull.keys('mail').legacyPaused, 'name', 'a job of another service')
  expect(await put('t_4', 2)).toBe('full')
  expect(await bull.depth('mail', 2)).toEqual({ waiting: 3, most: 2, isFull: true })
  // A queue may take more than others.
  await queues.change(me, 'mail', { depth_limit: 5 })
  expect(await put('t_4', 2)).toBe('stored')
  await jobs.enqueue(me, mail(1))
  expect((await problemOf(jobs.enqueue(me, mail(2)))).code).toBe('queue-full')
})

test('jobs of one turn are counted one by one: exactly as many are taken as may be', async ({ bull, queues, me }) => {
  await queues.change(me, 'mail', { depth_limit: 450 })
  const added = await Promise.all(
    Array.from({ length: 500 }, (_, n) => bull.add({ ...add, id: `t_${n}`, mostWaiting: 1_000_000 })),
  )
  expect(added.filter((one) => one === 'stored')).toHaveLength(450)
  expect(added.slice(450)).toEqual(Array.from({ length: 50 }, () => 'full'))
})

test('of many jobs each is told what came of it, and Redis is asked once why', async ({ jobs, queues, bull, me }) => {
  const depth = vi.spyOn(bull, 'depth')
  await queues.change(me, 'mail', { depth_limit: 2 })
  const bulk = await jobs.enqueueMany(me, { jobs: [1, 2, 3].map((n) => mail(n)), atomic: true })
  expect(bulk.summary).toEqual({ total: 3, succeeded: 2, failed: 1 })
  expect(bulk.results[2]).toMatchObject({
    status: 429,
    problem: { code: 'queue-full', queue: 'mail', depth_limit: 2, retry_after_s: 60 },
  })
  depth.mockClear()
  await jobs.enqueueMany(me, { jobs: Array.from({ length: 300 }, (_, n) => mail(n)), atomic: true })
  expect(depth).toHaveBeenCalledTimes(1)
})

test('what is there already is answered, and lives again', async ({ jobs, queues, bull, me, kernel }) => {
  const { job } = await jobs.enqueue(me, mail(1), { idempotencyKey: 'a' })
  const { job: other } = await jobs.enqueue(me, mail(2))
  await queues.change(me, 'mail', { depth_limit: 1 })
  expect(await jobs.enqueue(me, mail(1), { idempotencyKey: 'a' })).toMatchObject({
    created: false,
    job: { id: job.id },
  })
  expect((await problemOf(jobs.clone(me, { queue: 'mail', id: job.id.slice(5) }, { delay_ms: 0 }))).code).toBe(
    'queue-full',
  )
  const address = { queue: 'mail', id: other.id.slice(5) }
  await fail(kernel, bull, address.id)
  await jobs.retry(me, address)
  expect(await kernel.redis.llen(bull.keys('mail').wait)).toBe(2)
  // Schedules, children and what k1n owes are not bounded.
  expect(await bull.add({ ...add, id: 't_owed' })).toBe('stored')
})

test('one that is made one with another is no further job', async ({ jobs, queues, me }) => {
  const twin = (n: number, id: string) => mail(n, { options: { dedup: { id } } })
  const { job } = await jobs.enqueue(me, twin(1, 'a'))
  await queues.change(me, 'mail', { depth_limit: 1 })
  expect((await jobs.enqueue(me, twin(2, 'a'))).job.deduplicated_of).toBe(job.id)
  expect((await problemOf(jobs.enqueue(me, twin(3, 'b')))).code).toBe('queue-full')
})

test('it is told to come again when the workers have done what waits, at the speed of the last minute', async ({
  jobs,
  queues,
  me,
  kernel,
}) => {
  const now = kernel.clock.now()
  await kernel.redis.hset(queuesKey(kernel, minuteOf(now), MINUTE_MS), 'mail|completed', 10, 'mail|failed', 2)
  await queues.change(me, 'mail', { depth_limit: 1 })
  await jobs.enqueue(me, mail(1))
  const { extras } = await problemOf(jobs.enqueue(me, mail(2)))
  expect(extras.retryAfterMs).toBe(5_000)
  expect([drainMs(1_000_000, 60), drainMs(1, 60_000), drainMs(90, 180), drainMs(5, 0)]).toEqual([60_000, 1_000, 30_000, 60_000]) // prettier-ignore
})

test('nothing is kept of a job that is refused, and what is kept of one that is there stays', async ({
  jobs,
  queues,
  bull,
  me,
  kernel,
}) => {
  const brief = (n: number, more: object = {}) => mail(n, { options: { ttl_ms: 31_536_000_000, ...more } })
  await queues.change(me, 'mail', { depth_limit: 1 })
  const { job } = await jobs.enqueue(me, brief(1), { idempotencyKey: 'a' })
  for (const refused of [brief(2), brief(3, { dedup: { id: 'a' } })])
    expect((await problemOf(jobs.enqueue(me, refused))).code).toBe('queue-full')
  await jobs.enqueue(me, brief(1), { idempotencyKey: 'a' })
  expect(await kernel.redis.zrange(bull.keys('mail').expiries, 0, -1)).toEqual([job.id.slice('mail:'.length)])
})
