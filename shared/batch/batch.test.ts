// What a batch promises: each operation its own result in its place, done once, and as it would be done alone.
import { lay, layMany } from '../../test/support/dead-letters.ts'
import { describe, expect, person, problemOf, test as base, testCatalog } from '../../test/support/rooms.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createEventLog } from '../stream/log.ts'
import type { Started } from '../inbound/words.ts'
import { createBatch, createPerforming } from './batch.ts'
import type { Batch } from './batch.ts'
import { BatchRequest } from './contract.ts'

const T = 1_700_000_000_000
const MOMENT = T.toString(36)

interface Given {
  /** What events that were told set off. */
  reactions: string[]
  batch: Batch
}

const test = base.extend<Given>({
  reactions: async ({}, use) => use([]),
  batch: async ({ kernel, bull, operations, reactions }, use) => {
    const react = async ({ id, name }: { id: string; name: string }): Promise<Started[]> => {
      reactions.push(name)
      return [{ schedule_id: 'bill', task_id: `billing:${id}` }]
    }
    await use(createBatch(kernel, { performing: createPerforming(kernel, bull, testCatalog, react), operations }))
  },
})

const asked = (operations: object[], more: object = {}) => BatchRequest.parse({ operations, ...more })
const sending = { hop: 0 }
const statusesOf = ({ results }: Awaited<ReturnType<Batch['perform']>>) => results.map(({ status }) => status)

const factsOf = async (kernel: Kernel): Promise<[string, unknown][]> =>
  (await createEventLog(kernel).readAfter('0-0', 1_000)).map(({ name, data }) => [
    name,
    (JSON.parse(data) as Record<string, unknown>)['task_id'],
  ])

describe('the results', () => {
  test('are in the order of the operations, each with its own status', async ({
    batch,
    bull,
    kernel,
    me,
    reactions,
  }) => {
    await layMany({ kernel, bull }, 'mail', 3, T)
    await bull.queue('mail').add('x', {}, { jobId: 'waits' })
    await bull.queue('mail').add('x', {}, { jobId: 'later', delay: 60_000 })
    const answer = await batch.perform(
      me,
      asked([
        { op: 'retry', task_id: 'mail:d0' },
        { op: 'skip', task_id: 'd1' },
        { op: 'trigger', event: 'invoice.paid', data: { n: 1 } },
        { op: 'retry', task_id: 'mail:nobody' },
        { op: 'promote', task_id: 'mail:later' },
        { op: 'cancel', task_id: 'mail:waits', reason: 'withdrawn' },
        { op: 'discard', dlq_id: `mail:d2~${(T + 2).toString(36)}` },
        { op: 'retry', task_id: 'mail:later' },
      ]),
      sending,
    )
    expect(answer.results.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(statusesOf(answer)).toEqual([202, 200, 202, 404, 200, 200, 204, 409])
    expect(answer.summary).toEqual({ total: 8, succeeded: 6, failed: 2, skipped: 0 })
    expect(answer.results[0]).toEqual({
      index: 0,
      op: 'retry',
      status: 202,
      task_id: 'mail:d0',
      data: { state: 'waiting' },
    })
    expect(answer.results[1]).toMatchObject({ task_id: 'mail:d1', data: { state: 'skipped' } })
    expect(answer.results[2]?.data).toMatchObject({ duplicate: false, matched: [{ schedule_id: 'bill' }] })
    expect(answer.results[3]?.problem).toMatchObject({ code: 'task-not-found', status: 404 })
    expect(reactions).toEqual(['invoice.paid'])
    const states = await bull.stateOf(['d0', 'd1', 'd2', 'waits', 'later'].map((id) => ({ queue: 'mail', id })))
    expect(states).toEqual(['waiting', 'missing', 'unknown', 'missing', 'waiting'])
    const told = await factsOf(kernel)
    expect(told).toEqual(
      expect.arrayContaining([
        ['job.skipped', 'mail:d1'],
        ['job.cancelled', 'mail:waits'],
        ['error_recovery.dlq_entry_discarded', 'mail:d2'],
      ]),
    )
  })

  test('of operations on one job are those of doing them one after the other', async ({ batch, bull, kernel, me }) => {
    await lay({ kernel, bull }, 'mail', 'a', T)
    const ops = [
      { op: 'retry', task_id: 'mail:a', delay_ms: 60_000 },
      { op: 'promote', task_id: 'a' },
      { op: 'promote', task_id: 'mail:a' },
      { op: 'skip', task_id: 'mail:a' },
      { op: 'retry', task_id: 'mail:a' },
    ]
    expect(statusesOf(await batch.perform(me, asked(ops), sending))).toEqual([202, 200, 409, 200, 409])
  })

  test('say what became of priorities and times', async ({ batch, bull, me, clock }) => {
    await bull.queue('mail').add('x', {}, { jobId: 'waits' })
    await bull.queue('mail').add('x', {}, { jobId: 'later', delay: 60_000 })
    const answer = await batch.perform(
      me,
      asked([
        { op: 'set_priority', task_id: 'mail:waits', priority: 'high' },
        { op: 'set_delay', task_id: 'mail:later', delay_ms: 120_000 },
        { op: 'set_delay', task_id: 'mail:waits', delay_ms: 5 },
        { op: 'set_priority', task_id: 'mail:later', priority: 0 },
      ]),
      sending,
    )
    expect(statusesOf(answer)).toEqual([200, 200, 409, 200])
    expect(answer.results[0]?.data).toEqual({ priority: 10, state: 'prioritized' })
    expect(answer.results[1]?.data).toEqual({ state: 'delayed', run_at: new Date(clock.now() + 120_000).toISOString() })
    const [later, waits] = await bull.readStated([
      { queue: 'mail', id: 'later' },
      { queue: 'mail', id: 'waits' },
    ])
    expect(later?.score).toBe(clock.now() + 120_000)
    expect(waits).toMatchObject({ state: 'prioritized', job: { priority: 10 } })
  })
})

describe('any job', () => {
  test('of another service, with colons and pictures in its id, can be named', async ({
    batch,
    foreign,
    bull,
    me,
    kernel,
  }) => {
    const queue = foreign('their queue')
    for (const id of ['a:b:c', '🦊 1', 'invoice/2024/1']) await queue.add('theirs', { secret: 1 }, { jobId: id })
    await lay({ kernel, bull }, 'their queue', 'x:y', T, { opts: '{}' })
    await bull.discover()
    const answer = await batch.perform(
      me,
      asked([
        { op: 'skip', task_id: 'their queue:a:b:c' },
        { op: 'skip', task_id: '🦊 1' },
        { op: 'cancel', task_id: 'invoice/2024/1', queue: 'their queue' },
        { op: 'resubmit', dlq_id: `their queue:x:y~${MOMENT}` },
        { op: 'retry', task_id: 'wait' },
      ]),
      sending,
    )
    expect(statusesOf(answer)).toEqual([200, 200, 200, 202, 404])
    expect(answer.results[1]?.task_id).toBe('their queue:🦊 1')
    expect(await bull.stateOf([{ queue: 'their queue', id: 'x:y' }])).toEqual(['waiting'])
  })

  test('of a queue that may not be seen is as good as none', async ({ batch, bull, kernel }) => {
    await layMany({ kernel, bull }, 'mail', 2, T)
    const stranger = person({ queues: ['reports'] })
    const ops = [
      { op: 'retry', task_id: 'mail:d0' },
      { op: 'skip', task_id: 'd0' },
      { op: 'discard', dlq_id: `mail:d1~${(T + 1).toString(36)}` },
      { op: 'resubmit', dlq_id: 'mail:d0' },
    ]
    expect(statusesOf(await batch.perform(stranger, asked(ops), sending))).toEqual([404, 404, 404, 404])
    expect(await bull.stateOf([{ queue: 'mail', id: 'd0' }])).toEqual(['failed'])
  })

  test('that two queues have must be told apart', async ({ batch, bull, kernel, me }) => {
    await lay({ kernel, bull }, 'mail', 'a', T)
    await lay({ kernel, bull }, 'reports', 'a', T)
    const answer = await batch.perform(
      me,
      asked([
        { op: 'retry', task_id: 'a' },
        { op: 'retry', task_id: 'a', queue: 'reports' },
      ]),
      sending,
    )
    expect(answer.results[0]?.problem).toMatchObject({ code: 'ambiguous-task-id', candidates: ['mail:a', 'reports:a'] })
    expect(answer.results[1]).toMatchObject({ status: 202, task_id: 'reports:a' })
  })
})

test('a scope that is lacking fails its own operations and no other', async ({ batch, bull, kernel }) => {
  await layMany({ kernel, bull }, 'mail', 2, T)
  const someone = person({ scopes: ['batch:write', 'jobs:manage'] })
  const ops = [
    { op: 'retry', task_id: 'mail:d0' },
    { op: 'discard', dlq_id: 'mail:d1' },
    { op: 'trigger', event: 'invoice.paid' },
  ]
  const { results } = await batch.perform(someone, asked(ops), sending)
  expect(results.map(({ status }) => status)).toEqual([202, 403, 403])
  expect(results[1]?.problem).toMatchObject({ code: 'insufficient-scope', needed: 'recovery:write' })
})

describe('stop_on_error', () => {
  const ops = [
    { op: 'retry', task_id: 'mail:d0' },
    { op: 'retry', task_id: 'mail:nobody' },
    { op: 'retry', task_id: 'mail:d1' },
  ]
  test('leaves what follows the first that failed', async ({ batch, bull, kernel, me }) => {
    await layMany({ kernel, bull }, 'mail', 2, T)
    const answer = await batch.perform(me, asked(ops, { mode: 'stop_on_error' }), sending)
    expect(statusesOf(answer)).toEqual([202, 404, 424])
    expect(answer.results[2]?.problem).toMatchObject({ code: 'not-attempted' })
    expect(answer.summary).toEqual({ total: 3, succeeded: 1, failed: 1, skipped: 1 })
    expect(await bull.stateOf([{ queue: 'mail', id: 'd1' }])).toEqual(['failed'])
  })

  test('is foreseen by a dry run', async ({ batch, bull, kernel, me }) => {
    await layMany({ kernel, bull }, 'mail', 2, T)
    const answer = await batch.perform(me, asked(ops, { mode: 'stop_on_error', dry_run: true }), sending)
    expect(statusesOf(answer)).toEqual([202, 404, 424])
  })
})

test('a dry run changes nothing and says what would come of each by itself', async ({
  batch,
  bull,
  kernel,
  me,
  reactions,
}) => {
  await layMany({ kernel, bull }, 'mail', 2, T)
  await bull.queue('mail').add('x', {}, { jobId: 'waits' })
  const before = await kernel.redis.zrange(bull.keys('mail').failed, 0, -1)
  const ops = [
    { op: 'retry', task_id: 'mail:d0' },
    { op: 'skip', task_id: 'mail:waits' },
    { op: 'promote', task_id: 'mail:waits' },
    { op: 'discard', dlq_id: 'mail:d1' },
    { op: 'resubmit', dlq_id: 'mail:gone' },
    { op: 'trigger', event: 'invoice.paid' },
  ]
  const answer = await batch.perform(me, asked(ops, { dry_run: true }), sending)
  expect(statusesOf(answer)).toEqual([202, 200, 409, 204, 404, 202])
  expect(answer.results[0]?.data).toEqual({ state: 'waiting' })
  expect(await kernel.redis.zrange(bull.keys('mail').failed, 0, -1)).toEqual(before)
  expect(await bull.stateOf([{ queue: 'mail', id: 'waits' }])).toEqual(['waiting'])
  expect(await factsOf(kernel)).toEqual([])
  expect(reactions).toEqual([])
})

test('a batch that was done and is sent again under its key does nothing twice and says that it was done', async ({
  batch,
  bull,
  kernel,
  me,
  reactions,
}) => {
  await layMany({ kernel, bull }, 'mail', 3, T)
  await bull.queue('mail').add('x', {}, { jobId: 'waits' })
  await bull.queue('mail').add('x', {}, { jobId: 'later', delay: 60_000 })
  await bull.queue('mail').add('x', {}, { jobId: 'other', delay: 60_000 })
  const request = asked([
    { op: 'retry', task_id: 'mail:d0' },
    { op: 'resubmit', dlq_id: 'mail:d1' },
    { op: 'discard', dlq_id: `mail:d2~${(T + 2).toString(36)}` },
    { op: 'skip', task_id: 'mail:waits' },
    { op: 'promote', task_id: 'mail:later' },
    { op: 'set_delay', task_id: 'mail:other', delay_ms: 5_000 },
    { op: 'trigger', event: 'invoice.paid' },
  ])
  const first = await batch.perform(me, request, { idempotencyKey: 'k', hop: 0 })
  const line = await kernel.redis.lrange(bull.keys('mail').wait, 0, -1)
  const again = await batch.perform(me, request, { idempotencyKey: 'k', hop: 0 })
  expect(statusesOf(first)).toEqual([202, 202, 204, 200, 200, 200, 202])
  expect(statusesOf(again)).toEqual(statusesOf(first))
  expect(await kernel.redis.lrange(bull.keys('mail').wait, 0, -1)).toEqual(line)
  expect(await kernel.redis.hget(bull.keys('mail').job('d0'), 'k1nLives')).toBe('1')
  expect(again.results[6]?.data).toMatchObject({ duplicate: true })
  expect(reactions).toHaveLength(1)
})

test('an event that could not be told refuses the whole batch before anything is done', async ({
  batch,
  bull,
  kernel,
  me,
}) => {
  await lay({ kernel, bull }, 'mail', 'a', T)
  const request = asked([
    { op: 'retry', task_id: 'mail:a' },
    { op: 'trigger', event: 'job.failed' },
  ])
  const problem = await problemOf(batch.perform(me, request, sending))
  expect(problem).toMatchObject({
    code: 'reserved-event-name',
    extras: { errors: [{ pointer: '#/operations/1/event' }] },
  })
  expect(await bull.stateOf([{ queue: 'mail', id: 'a' }])).toEqual(['failed'])
})

test('a queue whose keys somebody broke fails its own operations', async ({ batch, bull, kernel, me }) => {
  await lay({ kernel, bull }, 'mail', 'a', T)
  await lay({ kernel, bull }, 'reports', 'b', T)
  await kernel.redis.set(bull.keys('reports').meta, 'not a hash')
  const ops = [
    { op: 'retry', task_id: 'reports:b' },
    { op: 'retry', task_id: 'mail:a' },
  ]
  expect(statusesOf(await batch.perform(me, asked(ops), sending))).toEqual([500, 202])
})

test('skipping one that waits for children, and the last that others wait for, lets parents run', async ({
  batch,
  bull,
  me,
}) => {
  const child = { name: 'report.build', queueName: 'reports', data: {}, opts: { jobId: 't_child' } }
  const parent = {
    name: 'mail.send',
    queueName: 'mail',
    data: { to: 'x' },
    opts: { jobId: 't_parent' },
    children: [child],
  }
  await bull.flow().add(parent)
  await bull.flow().add({ ...parent, opts: { jobId: 't_other' }, children: [{ ...child, opts: { jobId: 't_left' } }] })
  const ops = [
    { op: 'skip', task_id: 'reports:t_child' },
    { op: 'skip', task_id: 'mail:t_other' },
    { op: 'cancel', task_id: 'mail:t_other' },
  ]
  expect(statusesOf(await batch.perform(me, asked(ops), sending))).toEqual([200, 200, 409])
  const ids = [
    { queue: 'mail', id: 't_parent' },
    { queue: 'mail', id: 't_other' },
    { queue: 'reports', id: 't_left' },
  ]
  expect(await bull.stateOf(ids)).toEqual(['waiting', 'missing', 'waiting'])
})
