// What a batch that goes on as an operation promises: each item once, in order, with a result, whoever is killed meanwhile.
import { lay, layMany } from '../../test/support/dead-letters.ts'
import { describe, expect, person, test as base, testCatalog } from '../../test/support/rooms.ts'
import { operations as operationRows } from '../operations/contract.ts'
import { createEventLog } from '../stream/log.ts'
import { LEASE_MS } from '../operations/store.ts'
import { createBatch, createPerforming } from './batch.ts'
import type { Batch } from './batch.ts'
import { BatchRequest } from './contract.ts'

const T = 1_700_000_000_000
const never = new AbortController().signal

const test = base.extend<{ batch: Batch }>({
  batch: async ({ kernel, bull, operations }, use) =>
    use(createBatch(kernel, { performing: createPerforming(kernel, bull, testCatalog, async () => []), operations })),
})

const asked = (operations: object[], more: object = {}) => BatchRequest.parse({ operations, ...more })
const page = (more: object = {}) => operationRows.results.query.parse({ limit: 200, ...more })

describe('a batch that goes on', () => {
  test('tells the results of all, page by page, in their order', async ({
    batch,
    operations,
    runner,
    bull,
    kernel,
    me,
  }) => {
    const ids = await layMany({ kernel, bull }, 'mail', 600, T)
    const ops = [...ids.map((id) => ({ op: 'retry', task_id: `mail:${id}` })), { op: 'skip', task_id: 'mail:nobody' }]
    const { id, progress, params } = await batch.start(me, asked(ops), { hop: 0 })
    expect(progress).toMatchObject({ total: 601, done: 0 })
    expect(params).toEqual({ mode: 'independent', hop: 0, operations: { retry: 600, skip: 1 } })
    expect(await runner.run(id, never)).toBe('ended')
    expect(await operations.show(me, id)).toMatchObject({
      status: 'partially_succeeded',
      progress: { total: 601, done: 600, failed: 1, skipped: 0 },
    })
    const results = []
    let cursor: string | null | undefined
    do {
      const { data, page: next } = await operations.results(me, id, page(cursor ? { cursor } : {}))
      results.push(...data)
      cursor = next.next_cursor
    } while (cursor !== null)
    expect(results.map(({ result }) => result?.index)).toEqual(ops.map((_, index) => index))
    expect(results[0]).toMatchObject({ outcome: 'done', item: 'mail:d0', reason: '', result: { status: 202 } })
    expect(results[600]).toMatchObject({
      outcome: 'failed',
      result: { status: 404, problem: { code: 'task-not-found' } },
    })
    expect((await bull.counts(['mail'])).get('mail')).toMatchObject({ failed: 0, waiting: 600 })
  })

  test('does each item once when whoever does it is killed in the middle of a slice', async ({
    batch,
    operations,
    runner,
    bull,
    kernel,
    clock,
    me,
  }) => {
    const ids = await layMany({ kernel, bull }, 'mail', 400, T)
    const waiting = Array.from({ length: 50 }, (_, n) => `w${n}`)
    await bull.queue('mail').addBulk(waiting.map((jobId) => ({ name: 'x', data: {}, opts: { jobId } })))
    const ops = [
      ...ids.map((id) => ({ op: 'retry', task_id: `mail:${id}` })),
      ...waiting.map((id) => ({ op: 'skip', task_id: `mail:${id}` })),
      ...waiting.map((_, n) => ({ op: 'trigger', event: 'invoice.paid', data: { n } })),
    ]
    const { id } = await batch.start(me, asked(ops), { hop: 0 })
    // The first process has done a slice, and stands still before it can count it until another has gone through all.
    const advance = kernel.redis.evalsha.bind(kernel.redis)
    let other: unknown
    let steps = 0
    kernel.redis.evalsha = async (...args: unknown[]) => {
      const isStep = args.some((arg) => String(arg).endsWith(`operations:op:${id}`)) && args.includes('offset')
      if (isStep && other === undefined && ++steps === 2) {
        other = null
        await clock.advance(LEASE_MS)
        other = await runner.run(id, never)
      }
      return (advance as (...all: unknown[]) => Promise<unknown>)(...args)
    }
    expect(await runner.run(id, never)).toBe('nothing')
    expect(other).toBe('ended')
    expect((await operations.show(me, id)).progress).toMatchObject({ total: 500, done: 500, failed: 0, skipped: 0 })
    const lives = await Promise.all(ids.map((one) => kernel.redis.hget(bull.keys('mail').job(one), 'k1nLives')))
    expect(new Set(lives)).toEqual(new Set(['1']))
    expect((await bull.counts(['mail'])).get('mail')).toMatchObject({ failed: 0, waiting: 400 })
    const told = (await createEventLog(kernel).readAfter('0-0', 2_000)).map(({ name }) => name)
    expect(told.filter((name) => name === 'job.skipped')).toHaveLength(50)
    expect(told.filter((name) => name === 'invoice.paid')).toHaveLength(50)
  })

  test('does operations on one job one after the other, also in other slices', async ({
    batch,
    operations,
    runner,
    bull,
    kernel,
    me,
  }) => {
    const ids = await layMany({ kernel, bull }, 'mail', 300, T)
    const ops = [
      { op: 'retry', task_id: 'mail:d0', delay_ms: 60_000 },
      ...ids.slice(1).map((id) => ({ op: 'retry', task_id: `mail:${id}` })),
      { op: 'promote', task_id: 'mail:d0' },
      { op: 'skip', task_id: 'mail:d0' },
    ]
    const { id } = await batch.start(me, asked(ops), { hop: 0 })
    await runner.run(id, never)
    expect((await operations.show(me, id)).progress).toMatchObject({ done: 302, failed: 0 })
    expect(await bull.stateOf([{ queue: 'mail', id: 'd0' }])).toEqual(['missing'])
  })

  test('stops at the first that failed where it was asked to, also for later slices', async ({
    batch,
    operations,
    runner,
    bull,
    kernel,
    me,
  }) => {
    const ids = await layMany({ kernel, bull }, 'mail', 300, T)
    const ops = ids.map((id) => ({ op: 'retry', task_id: id === 'd3' ? 'mail:nobody' : `mail:${id}` }))
    const { id } = await batch.start(me, asked(ops, { mode: 'stop_on_error' }), { hop: 0 })
    await runner.run(id, never)
    expect((await operations.show(me, id)).progress).toMatchObject({ total: 300, done: 3, failed: 1, skipped: 296 })
    expect((await bull.counts(['mail'])).get('mail')).toMatchObject({ failed: 297, waiting: 3 })
  })

  test('knows what its asker may not do, and is one under one key', async ({
    batch,
    operations,
    runner,
    bull,
    kernel,
  }) => {
    await lay({ kernel, bull }, 'mail', 'a', T)
    const someone = person({ scopes: ['batch:write', 'operations:read'], queues: ['reports'] })
    const ops = [
      { op: 'retry', task_id: 'mail:a' },
      { op: 'resubmit', dlq_id: 'mail:a' },
    ]
    const first = await batch.start(someone, asked(ops), { hop: 0, idempotencyKey: 'k' })
    const second = await batch.start(someone, asked(ops), { hop: 0, idempotencyKey: 'k' })
    expect(second.id).toBe(first.id)
    await runner.run(first.id, never)
    const { data } = await operations.results(someone, first.id, page())
    expect(data.map(({ result }) => result?.status)).toEqual([403, 403])
    expect(await operations.show(someone, first.id)).toMatchObject({ status: 'failed', progress: { failed: 2 } })
  })
})
