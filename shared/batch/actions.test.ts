// Actions on all jobs that match: those that were there when it was asked for, each once, and no other.
import { layMany } from '../../test/support/dead-letters.ts'
import { describe, expect, person, test as base, testCatalog } from '../../test/support/rooms.ts'
import { createPerforming } from './batch.ts'
import { operations as operationRows } from '../operations/contract.ts'
import { LEASE_MS } from '../operations/store.ts'
import { createEventLog } from '../stream/log.ts'
import { createJobActions } from './actions.ts'
import type { JobActions } from './actions.ts'
import { jobActions as rows } from './actions-contract.ts'
import { createSelectJobs } from './select.ts'

const T = 1_700_000_000_000
const never = new AbortController().signal

const test = base.extend<{ actions: JobActions }>({
  actions: async ({ kernel, bull, operations }, use) => {
    const { steering } = createPerforming(kernel, bull, testCatalog, async () => [])
    await use(createJobActions(kernel, { select: createSelectJobs(steering), operations }))
  },
})

const plain = (asked: object) => rows.skipAll.body.parse(asked)
const retry = (asked: object) => rows.retryAll.body.parse(asked)

test('what k1n itself does is left alone unless its queue is named', async ({ actions, bull, clock, me }) => {
  for (const name of ['k1n-operations', 'mail']) await bull.queue(name).add('x', {}, { timestamp: clock.now() })
  await bull.discover()
  expect(await actions.preview(me, 'delete', plain({ filter: {}, all: true }))).toMatchObject({ matched: 1 })
  expect(await actions.preview(me, 'delete', plain({ filter: { queue: ['k1n-operations'] } }))).toMatchObject({
    matched: 1,
  })
})

describe('a request', () => {
  test('that would mean everything by mistake is refused', () => {
    expect(rows.skipAll.body.safeParse({ filter: {} }).success).toBe(false)
    expect(rows.skipAll.body.safeParse({ filter: {}, all: true }).success).toBe(true)
    expect(rows.deleteAll.body.safeParse({ filter: { queues: ['mail'] } }).success).toBe(false)
  })

  test('about states the action cannot be done to is refused where it says so', () => {
    const { error } = rows.promoteAll.body.safeParse({ filter: { state: ['delayed', 'completed'] } })
    expect(error?.issues).toMatchObject([{ path: ['filter', 'state', 1] }])
  })

  test('tells beforehand what it is about', async ({ actions, kernel, bull, me }) => {
    await layMany({ kernel, bull }, 'mail', 12, T)
    await bull.queue('mail').add('x', {}, { jobId: 'waits' })
    const preview = await actions.preview(me, 'retry', retry({ filter: { queue: ['mail'] } }))
    expect(preview).toMatchObject({ matched: 12, complete: true })
    expect(preview.sample).toHaveLength(10)
    expect(await actions.preview(me, 'skip', plain({ filter: { queue: ['mail'] }, limit: 5 }))).toMatchObject({
      matched: 5,
      complete: false,
    })
    expect(
      await actions.preview(person({ queues: ['reports'] }), 'skip', plain({ filter: {}, all: true })),
    ).toMatchObject({ matched: 0 })
    expect((await bull.counts(['mail'])).get('mail')).toMatchObject({ failed: 12, waiting: 1 })
  })
})

test('what arrives, or lives and ends again, after it was asked for is not touched', async ({
  actions,
  operations,
  runner,
  bull,
  kernel,
  clock,
  me,
}) => {
  const queue = bull.queue('mail')
  await queue.add('x', {}, { jobId: 'early', timestamp: clock.now() })
  await layMany({ kernel, bull }, 'mail', 3, T)
  const { id } = await actions.start(me, 'skip', plain({ filter: { queue: ['mail'] }, reason: 'paid by hand' }))
  await queue.add('x', {}, { jobId: 'late', timestamp: clock.now() + 1 })
  // Chosen and not yet touched, one of the dead is given another life and dies again.
  const copy = kernel.redis.zadd.bind(kernel.redis)
  const keep = kernel.redis.evalsha.bind(kernel.redis)
  let changed = false
  kernel.redis.evalsha = async (...args: unknown[]) => {
    if (!changed && args.includes('applying')) {
      changed = true
      await kernel.redis.hset(bull.keys('mail').job('d1'), 'finishedOn', T + 50)
      await copy(bull.keys('mail').failed, T + 50, 'd1')
    }
    return (keep as (...all: unknown[]) => Promise<unknown>)(...args)
  }
  await runner.run(id, never)
  expect((await operations.show(me, id)).progress).toMatchObject({ total: 4, done: 3, skipped: 1, failed: 0 })
  const ids = ['early', 'late', 'd0', 'd1', 'd2'].map((one) => ({ queue: 'mail', id: one }))
  expect(await bull.stateOf(ids)).toEqual(['missing', 'waiting', 'missing', 'failed', 'missing'])
})

test('each of the five does what it does to one job', async ({
  actions,
  operations,
  runner,
  jobs,
  bull,
  kernel,
  clock,
  me,
}) => {
  const queue = bull.queue('mail')
  await layMany({ kernel, bull }, 'mail', 5, T)
  const timestamp = clock.now()
  for (const id of ['p1', 'p2']) await queue.add('promoted', {}, { jobId: id, delay: 60_000, timestamp })
  for (const id of ['c1', 'c2']) await queue.add('cancelled', {}, { jobId: id, timestamp })
  for (const id of ['x1', 'x2']) await queue.add('deleted', {}, { jobId: id, timestamp })
  const run = async (action: Parameters<JobActions['start']>[1], filter: object) => {
    const { id } = await actions.start(me, action, retry({ filter }))
    await runner.run(id, never)
    return (await operations.show(me, id)).progress
  }
  expect(await run('promote', { name: ['promoted'] })).toMatchObject({ total: 2, done: 2 })
  expect(await run('cancel', { name: ['cancelled'] })).toMatchObject({ total: 2, done: 2 })
  expect(await run('delete', { name: ['deleted'] })).toMatchObject({ total: 2, done: 2 })
  expect(await run('retry', { queue: ['mail'] })).toMatchObject({ total: 5, done: 5 })
  expect(await jobs.show(me, { queue: 'mail', id: 'c1' })).toMatchObject({ state: 'cancelled' })
  const states = await bull.stateOf(['p1', 'c1', 'x1', 'd0'].map((id) => ({ queue: 'mail', id })))
  expect(states).toEqual(['waiting', 'missing', 'missing', 'waiting'])
})

test('each job is skipped and told once when whoever does it is killed in the middle of a slice', async ({
  actions,
  operations,
  runner,
  bull,
  kernel,
  clock,
  me,
}) => {
  const waiting = Array.from({ length: 300 }, (_, n) => `w${n}`)
  await bull
    .queue('mail')
    .addBulk(waiting.map((jobId) => ({ name: 'x', data: {}, opts: { jobId, timestamp: clock.now() } })))
  const { id } = await actions.start(me, 'skip', plain({ filter: { queue: ['mail'] } }))
  const call = kernel.redis.evalsha.bind(kernel.redis)
  let other: unknown
  kernel.redis.evalsha = async (...args: unknown[]) => {
    if (other === undefined && args.includes('offset')) {
      other = null
      await clock.advance(LEASE_MS)
      other = await runner.run(id, never)
    }
    return (call as (...all: unknown[]) => Promise<unknown>)(...args)
  }
  expect(await runner.run(id, never)).toBe('nothing')
  expect(other).toBe('ended')
  expect((await operations.show(me, id)).progress).toMatchObject({ total: 300, done: 300, skipped: 0, failed: 0 })
  const told = (await createEventLog(kernel).readAfter('0-0', 2_000)).filter(({ name }) => name === 'job.skipped')
  expect(new Set(told.map(({ data }) => data)).size).toBe(300)
  expect(told).toHaveLength(300)
  expect((await operations.results(me, id, operationRows.results.query.parse({}))).data).toEqual([])
})
