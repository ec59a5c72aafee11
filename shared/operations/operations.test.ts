// What operations promise whoever asks for one: stored before it begins, told what came of each item, ended once.
import { isDeepStrictEqual } from 'node:util'
import { vi } from 'vitest'
import { fact } from '../kernel/event.ts'
import { QueueDrained } from '../queues/contract.ts'
import { createEventLog, eventLogKey } from '../stream/log.ts'
import { describe, expect, never, page, person, problemOf, test } from '../../test/support/operations.ts'
import { operations as rows } from './contract.ts'

describe('an operation', () => {
  test('is there at once, is run, and tells what came of each item', async ({
    operations,
    runner,
    began,
    me,
    counting,
  }) => {
    const { id, status, progress } = await began()
    expect({ status, progress }).toMatchObject({ status: 'queued', progress: { total: null, done: 0 } })
    expect(await runner.run(id, never)).toBe('ended')
    const shown = await operations.show(me, id)
    expect(shown).toMatchObject({
      status: 'partially_succeeded',
      progress: { total: 20, done: 16, failed: 2, skipped: 2, eta: null },
    })
    expect(await counting.counts()).toEqual(Object.fromEntries(Array.from({ length: 20 }, (_, item) => [item, '1'])))
    const results = await operations.results(me, id, page({ limit: 3 }))
    expect(results.data.map(({ item, outcome }) => `${item} ${outcome}`)).toEqual([
      '3 failed',
      '4 skipped',
      '13 failed',
    ])
    const rest = await operations.results(me, id, page({ limit: 3, cursor: results.page.next_cursor ?? '' }))
    expect(rest).toMatchObject({ data: [{ item: '14' }], page: { has_more: false } })
    expect(await runner.run(id, never)).toBe('nothing')
  })

  test('tells its end once, in the log', async ({ kernel, runner, began }) => {
    const { id } = await began()
    await runner.run(id, never)
    const told = (await createEventLog(kernel).readAfter('0-0', 100)).filter(
      ({ name }) => name === 'operation.finished',
    )
    expect(told.map(({ data }) => JSON.parse(data) as unknown)).toMatchObject([
      { operation_id: id, kind: 'test.count', status: 'partially_succeeded', progress: { done: 16 } },
    ])
  })

  test('writes the facts of one step into few entries of the log, in order', async ({ kernel, store, began }) => {
    const { id } = await began()
    const fence = (await store.take(id))?.fence ?? 0
    const facts = Array.from({ length: 60 }, (_, n) => fact(QueueDrained, n, { queue: `q${n}`, actor: null }))
    await store.advance(id, fence, { facts })
    const entries = await kernel.redis.xrange(eventLogKey(kernel), '-', '+')
    expect(entries.map(([, fields]) => fields.length / 2)).toEqual([25, 25, 10])
    const read = await createEventLog(kernel).readAfter('0-0', 100)
    expect(read.map(({ at, data }) => [at, data])).toEqual(facts.map(({ at, data }) => [at, JSON.stringify(data)]))
  })

  test('of nothing succeeds', async ({ operations, runner, began, me }) => {
    const { id } = await began({ items: 0 })
    await runner.run(id, never)
    expect(await operations.show(me, id)).toMatchObject({ status: 'succeeded', progress: { total: 0 } })
  })

  test('asked for twice with one key is one', async ({ operations, me }) => {
    const start = { kind: 'test.count', params: { items: 1 }, idempotencyKey: 'k' }
    const [one, two] = await Promise.all([operations.start(me, start), operations.start(me, start)])
    expect(two.id).toBe(one.id)
    expect((await operations.start(person({ id: 'key_2' }), start)).id).not.toBe(one.id)
  })

  test('is seen and steered by who asked and by who sees all queues', async ({ operations, began }) => {
    const { id } = await began()
    const narrow = person({ id: 'key_9', queues: ['mail'] })
    expect((await problemOf(operations.show(narrow, id))).code).toBe('operation-not-found')
    expect((await problemOf(operations.cancel(narrow, id))).code).toBe('operation-not-found')
    expect(await operations.show(person({ id: 'key_1', queues: ['mail'] }), id)).toMatchObject({ id })
    const listed = rows.list.query.parse({ status: 'queued' })
    expect((await operations.list(narrow, listed)).data).toEqual([])
  })

  test('is listed newest first, by status, page after page', async ({ operations, began, me, clock }) => {
    const ids: string[] = []
    for (let n = 0; n < 5; n++) {
      ids.unshift((await began()).id)
      await clock.advance(10)
    }
    await operations.cancel(me, ids[2] ?? '')
    const walked: string[] = []
    let cursor: string | null = null
    do {
      const asked = rows.list.query.parse({ limit: 2, status: 'queued', ...(cursor ? { cursor } : {}) })
      const listed: Awaited<ReturnType<typeof operations.list>> = await operations.list(me, asked)
      walked.push(...listed.data.map(({ id }) => id))
      cursor = listed.page.next_cursor
    } while (cursor)
    expect(walked).toEqual(ids.filter((_id, index) => index !== 2))
  })

  test('that ended long ago is gone, and its id says so', async ({ operations, me }) => {
    expect((await problemOf(operations.show(me, `op_${'0'.repeat(11)}17${'a'.repeat(19)}`))).code).toBe(
      'operation-expired',
    )
    expect((await problemOf(operations.show(me, `op_${'z'.repeat(32)}`))).code).toBe('operation-not-found')
  })
})

test('records are read back as they were written', async ({ store, began, me }) => {
  const { id } = await began()
  const record = await store.read(id)
  expect(isDeepStrictEqual(record?.asker, { id: me.id, name: me.name, queues: me.queues })).toBe(true)
})

test('many operations are read in two round trips by who reads that many', async ({
  operations,
  began,
  kernel,
  me,
}) => {
  for (let n = 0; n < 120; n++) await began()
  const reads = [vi.spyOn(kernel.redis, 'zrevrangebyscore'), vi.spyOn(kernel.redis, 'pipeline')]
  const listed = await operations.list(me, { limit: 600 })
  expect([listed.data.length, listed.page.has_more]).toEqual([120, false])
  expect(reads.map(({ mock }) => mock.calls.length)).toEqual([1, 1])
  for (const read of reads) read.mockRestore()
})
