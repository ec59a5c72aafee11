// What is promised of work on whole queues: what goes, what stays, who is refused, and that it goes on where it was.
import type { z } from 'zod'
import { once } from 'node:events'
import { toIso } from '../kernel/clock.ts'
import type { Operation } from '../operations/words.ts'
import { LEASE_MS } from '../operations/store.ts'
import { describe, expect, input, person, problemOf, test as base } from '../../test/support/rooms.ts'
import { createQueues } from './queues.ts'
import { CleanRequest, DrainRequest, ObliterateRequest, PromoteAllRequest, RetryAllRequest } from './work-contract.ts'

const never = new AbortController().signal

/** Runs an operation to its end and shows it. */
const test = base.extend<{ ended: (work: Promise<Operation>) => Promise<Operation> }>({
  ended: async ({ runner, operations, clock, me }, use) =>
    use(async (work) => {
      const { id } = await work
      let over = false
      const run = runner.run(id, never).finally(() => (over = true))
      run.catch(() => undefined)
      while (!over) {
        if (clock.sleepers > 0) await clock.advance(50)
        await new Promise((resolve) => setImmediate(resolve))
      }
      await run
      return operations.show(me, id)
    }),
})

const drain = (asked: z.input<typeof DrainRequest> = {}) => DrainRequest.parse(asked)
const clean = (asked: z.input<typeof CleanRequest>) => CleanRequest.parse(asked)
const obliterate = (asked: z.input<typeof ObliterateRequest>) => ObliterateRequest.parse(asked)

describe('draining', () => {
  test('removes what waits, in any order of importance, and nothing that runs, ended or comes later', async ({
    queues,
    foreign,
    bull,
    clock,
    log,
    ended,
    me,
  }) => {
    const orders = foreign('orders')
    const at = { timestamp: clock.now() - 10 }
    for (let n = 0; n < 600; n++) await orders.add('x', { n }, at)
    await orders.addBulk([1, 2, 3].map((priority) => ({ name: 'x', data: {}, opts: { ...at, priority } })))
    await orders.add('x', {}, { ...at, delay: 600_000, jobId: 'later' })
    const work = queues.work.drain(me, 'orders', drain())
    await work
    await clock.advance(5)
    await orders.add('x', {}, { timestamp: clock.now(), jobId: 'new' })
    await orders.add('x', {}, { timestamp: clock.now(), jobId: 'newest', lifo: true })
    await orders.add('x', {}, { timestamp: clock.now(), jobId: 'important', priority: 1 })
    expect(await ended(work)).toMatchObject({ status: 'succeeded', progress: { total: 603, done: 603, failed: 0 } })
    const { counts } = await queues.show(me, 'orders')
    expect(counts).toMatchObject({ waiting: 2, prioritized: 1, delayed: 1 })
    expect(await bull.stateOf(['new', 'newest', 'later'].map((id) => ({ queue: 'orders', id })))).toEqual([
      'waiting',
      'waiting',
      'delayed',
    ])
    const told = (await log.readAfter('0-0', 500)).filter(({ name }) => name === 'queue.drained')
    expect(told.map(({ data }) => JSON.parse(data) as unknown)).toEqual([{ queue: 'orders', actor: 'Ada' }])
  })

  test('takes delayed jobs too where asked, but for the next of a schedule', async ({ queues, foreign, ended, me }) => {
    const orders = foreign('orders')
    await orders.upsertJobScheduler('nightly', { every: 3_600_000, startDate: Date.now() + 3_600_000 })
    await orders.add('x', {}, { delay: 600_000, timestamp: 1 })
    const done = await ended(queues.work.drain(me, 'orders', drain({ include_delayed: true })))
    expect(done.progress.done).toBe(1)
    expect(await orders.getDelayedCount()).toBe(1)
  })

  test('lets a parent go on whose children went', async ({ queues, kernel, bull, ended, me }) => {
    await bull.flow().add({
      name: 'parent',
      queueName: 'reports',
      children: [{ name: 'child', queueName: 'orders', opts: { timestamp: 1 } }],
    })
    await bull.discover()
    expect((await ended(queues.work.drain(me, 'orders', drain()))).progress.done).toBe(1)
    expect(await kernel.redis.llen(bull.keys('reports').wait)).toBe(1)
  })

  test('goes on where it was when its process is killed, and counts no job twice', async ({
    queues,
    foreign,
    runner,
    operations,
    clock,
    bull,
    me,
  }) => {
    const orders = foreign('orders')
    await orders.addBulk(Array.from({ length: 1_000 }, () => ({ name: 'x', data: {}, opts: { timestamp: 1 } })))
    const { id } = await queues.work.drain(me, 'orders', drain())
    // A first process removes a slice, and is killed before it could count it.
    await bull.sweep('orders', { place: 'wait', mark: id, most: 250, passed: 0 })
    expect(await runner.run(id, AbortSignal.abort())).toBe('goes_on')
    await clock.advance(LEASE_MS)
    expect(await runner.run(id, never)).toBe('ended')
    expect(await operations.show(me, id)).toMatchObject({
      status: 'succeeded',
      progress: { total: 1_000, done: 1_000 },
    })
    expect(await orders.getWaitingCount()).toBe(0)
  })
})

describe('cleaning', () => {
  test('removes the oldest of one state, so many as were asked for', async ({
    queues,
    foreign,
    work,
    clock,
    ended,
    me,
  }) => {
    const orders = foreign('orders')
    const worker = work('orders', async () => 1)
    const drained = once(worker, 'drained')
    await orders.addBulk(Array.from({ length: 20 }, (_, n) => ({ name: 'x', data: {}, opts: { jobId: `j${n}` } })))
    await drained
    await expect.poll(() => orders.getCompletedCount()).toBe(20)
    await clock.advance(3_600_000)
    const young = await ended(queues.work.clean(me, 'orders', clean({ state: 'completed', older_than_ms: 86_400_000 })))
    expect(young).toMatchObject({ status: 'succeeded', progress: { total: 0, done: 0 } })
    const some = await ended(queues.work.clean(me, 'orders', clean({ state: 'completed', limit: 8 })))
    expect(some.progress).toMatchObject({ total: 8, done: 8 })
    expect(await orders.getCompletedCount()).toBe(12)
    expect(await orders.getJob('j0')).toBeUndefined()
    expect(await orders.getJob('j19')).toBeDefined()
  })

  test('of waiting jobs goes by when they were made, and leaves younger ones among them', async ({
    queues,
    foreign,
    clock,
    ended,
    me,
  }) => {
    const orders = foreign('orders')
    for (let n = 0; n < 20; n++)
      await orders.add('x', {}, { timestamp: clock.now() - (n % 2 === 0 ? 5_000 : 0), jobId: `j${n}` })
    const done = await ended(queues.work.clean(me, 'orders', clean({ state: 'waiting', older_than_ms: 1_000 })))
    expect(done.progress.done).toBe(10)
    expect((await orders.getWaiting()).map(({ id }) => id)).toEqual(
      Array.from({ length: 10 }, (_, n) => `j${2 * n + 1}`),
    )
  })
})

describe('obliterating', () => {
  test('leaves no key of the queue, and no record of ours', async ({ queues, foreign, kernel, bull, ended, me }) => {
    const orders = foreign('orders')
    await orders.addBulk(Array.from({ length: 300 }, () => ({ name: 'x', data: {} })))
    await orders.add('x', {}, { delay: 1_000 })
    await orders.add('x', {}, { priority: 3, deduplication: { id: 'once' } })
    await orders.upsertJobScheduler('nightly', { every: 3_600_000 })
    await bull.flow().add({ name: 'p', queueName: 'orders', children: [{ name: 'c', queueName: 'orders' }] })
    await queues.change(me, 'orders', { retention: { completed_count: 5, completed_age_ms: null } })
    const done = await ended(queues.work.obliterate(me, 'orders', obliterate({ confirm: 'orders' })))
    expect(done).toMatchObject({ status: 'succeeded', reason: null })
    expect(await kernel.redis.keys(`${bull.keys('orders').prefix}*`)).toEqual([])
    expect(await kernel.redis.hkeys(kernel.key('queues', 'pause'))).toEqual([])
    expect(await kernel.redis.hkeys(kernel.key('queues', 'retention'))).toEqual([])
  })

  test('waits for who runs, or takes their queue away where forced', async ({
    queues,
    foreign,
    work,
    kernel,
    bull,
    ended,
    me,
  }) => {
    const orders = foreign('orders')
    let finish = (): void => undefined
    const worker = work('orders', () => new Promise((resolve) => (finish = () => resolve(1))))
    const active = once(worker, 'active')
    await orders.add('x', {})
    await active
    const problem = await problemOf(queues.work.obliterate(me, 'orders', obliterate({ confirm: 'orders' })))
    expect(problem).toMatchObject({ code: 'queue-busy', extras: { members: { active: 1 } } })
    const forced = await ended(queues.work.obliterate(me, 'orders', obliterate({ confirm: 'orders', force: true })))
    expect(forced).toMatchObject({ status: 'succeeded', progress: { done: 1 } })
    expect(await kernel.redis.exists(bull.keys('orders').meta, bull.keys('orders').active)).toBe(0)
    await worker.pause(true)
    finish()
  })

  test('must be confirmed with the name', async ({ queues, foreign, me }) => {
    await foreign('orders').add('x', {})
    const problem = await problemOf(queues.work.obliterate(me, 'orders', obliterate({ confirm: 'order' })))
    expect(problem).toMatchObject({ code: 'validation-failed', extras: { errors: [{ pointer: '#/confirm' }] } })
  })
})

describe('what is refused', () => {
  test('is emptying the queues that k1n itself works with, and the answer says what to do', async ({
    queues,
    bull,
    me,
  }) => {
    await bull.claim('k1n-operations')
    const { work } = queues
    const asked = [
      work.drain(me, 'k1n-operations', drain()),
      work.obliterate(me, 'k1n-operations', obliterate({ confirm: 'k1n-operations' })),
      work.clean(me, 'k1n-operations', clean({ state: 'waiting' })),
    ]
    for (const one of asked) {
      const problem = await problemOf(one)
      expect(problem.code).toBe('queue-reserved')
      expect(problem.message).toContain('Cancel the operation')
    }
    expect((await work.clean(me, 'k1n-operations', clean({ state: 'completed' }))).kind).toBe('queue.clean')
  })

  test('is tidying what others own where k1n only observes', async ({
    kernel,
    bull,
    registry,
    operations,
    foreign,
    me,
  }) => {
    await foreign('orders').add('x', {})
    const observing = { ...kernel, settings: { ...kernel.settings, K1N_ATTACH: 'observe' as const } }
    const queues = createQueues(observing, { bull, registry, operations })
    const { work } = queues
    const asked = [
      work.drain(me, 'orders', drain()),
      work.clean(me, 'orders', clean({ state: 'completed' })),
      work.obliterate(me, 'orders', obliterate({ confirm: 'orders' })),
      queues.change(me, 'orders', { retention: { completed_count: 1, completed_age_ms: null } }),
    ]
    for (const one of asked) expect((await problemOf(one)).code).toBe('queue-observed')
  })

  test('is what the principal may not use', async ({ queues, foreign }) => {
    await foreign('orders').add('x', {})
    const limited = person({ queues: ['mail'] })
    expect((await problemOf(queues.work.drain(limited, 'orders', drain()))).code).toBe('queue-not-found')
  })
})

test('all completed jobs run once more, and all dead letters live again', async ({
  queues,
  foreign,
  work,
  ended,
  clock,
  me,
}) => {
  const orders = foreign('orders')
  const worker = work('orders', async ({ data }) => {
    if ((data as { bad?: true }).bad) throw new Error('no')
  })
  const jobs = Array.from({ length: 10 }, (_, n) => ({ name: 'x', data: n < 4 ? { bad: true } : {} }))
  await orders.addBulk(jobs)
  await expect.poll(async () => (await orders.getCompletedCount()) + (await orders.getFailedCount())).toBe(10)
  await worker.pause()
  await clock.advance(60_000)
  const again = await ended(queues.work.retryAll(me, 'orders', RetryAllRequest.parse({ state: 'completed' })))
  expect(again).toMatchObject({ kind: 'queue.retry', status: 'succeeded', progress: { total: 6, done: 6 } })
  expect(await orders.getWaitingCount()).toBe(6)
  const dead = await queues.work.retryAll(me, 'orders', RetryAllRequest.parse({}))
  expect(dead).toMatchObject({ kind: 'dlq.resubmit', params: { filter: { queue: ['orders'] } } })
})

test('all delayed jobs run now, but for the next of a schedule', async ({ queues, jobs, bull, foreign, ended, me }) => {
  for (let n = 0; n < 3; n++)
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, options: { delay_ms: 60_000 } }))
  await foreign('mail').upsertJobScheduler('nightly', { every: 3_600_000, startDate: Date.now() + 3_600_000 })
  const done = await ended(queues.work.promoteAll(me, 'mail', PromoteAllRequest.parse({})))
  expect(done).toMatchObject({ status: 'succeeded', progress: { total: 3, done: 3 } })
  expect((await bull.counts(['mail'])).get('mail')).toMatchObject({ waiting: 3, delayed: 1 })
})

test('limits of a queue hold for workers of other services, are shown, and can be taken away', async ({
  queues,
  foreign,
  work,
  me,
}) => {
  const orders = foreign('orders')
  await orders.add('x', {})
  const limits = { global_concurrency: 2, rate_limit: { max: 1_000, duration_ms: 1_000 } }
  expect((await queues.change(me, 'orders', limits)).config).toEqual({ ...limits, depth_limit: null, retention: null })
  await orders.addBulk(Array.from({ length: 9 }, () => ({ name: 'x', data: {} })))
  let running = 0
  let most = 0
  work(
    'orders',
    async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 20))
      running--
    },
    { concurrency: 10 },
  )
  await expect.poll(() => orders.getCompletedCount(), { timeout: 10_000 }).toBe(10)
  expect(most).toBe(2)
  expect((await queues.change(me, 'orders', { global_concurrency: null })).config).toEqual({
    ...limits,
    global_concurrency: null,
    depth_limit: null,
    retention: null,
  })
})

test('an operation says how old it may be: what ended after `before` stays', async ({ queues, clock, me }) => {
  const before = toIso(clock.now() - 1_000)
  const asked = RetryAllRequest.parse({ state: 'completed', before })
  expect((await queues.work.retryAll(me, 'mail', asked)).params).toMatchObject({ before: Date.parse(before) })
})
