// What operations promise: stored before they begin, each item once, heard when told to stop, and gone on where they stood.
import { isDeepStrictEqual } from 'node:util'
import { vi } from 'vitest'
import { describe, expect, person, problemOf, test as base } from '../../test/support/rooms.ts'
import { permanent } from '../catalog/handler.ts'
import type { StoppedClock } from '../kernel/clock.ts'
import { createEventLog } from '../stream/log.ts'
import { operations as rows } from './contract.ts'
import { createCounting } from './fixtures/counting.ts'
import type { Counting } from './fixtures/counting.ts'
import { createOperations, createRunner } from './operations.ts'
import type { Operations, Runner } from './operations.ts'
import { APPLIED_MAX } from './kind.ts'
import { LEASE_MS, createOperationStore } from './store.ts'
import type { OperationStore } from './store.ts'
import { wakeOverdue } from './wake.ts'
import type { Operation } from './words.ts'

const never = new AbortController().signal

interface Given {
  counting: Counting
  store: OperationStore
  operations: Operations
  runner: Runner
  /** An operation that counts, not run yet. */
  began: (params?: object) => Promise<Operation>
}

const test = base.extend<Given>({
  counting: async ({ kernel }, use) => use(createCounting(kernel)),
  store: async ({ kernel }, use) => use(createOperationStore(kernel)),
  operations: async ({ kernel, bull, counting }, use) =>
    use(createOperations(kernel, { bull, kinds: [counting.kind] })),
  runner: async ({ kernel, counting }, use) => use(createRunner(kernel, [counting.kind])),
  began: async ({ operations, me }, use) =>
    use((params = {}) => operations.start(me, { kind: 'test.count', params: { items: 20, ...params } })),
})

const page = (asked: object = {}) => rows.results.query.parse(asked)

/** Moves the clock whenever the run waits for it. */
const whileTimePasses = async <T>(clock: StoppedClock, work: Promise<T>, step = 100): Promise<T> => {
  let over = false
  const done = work.finally(() => (over = true))
  done.catch(() => undefined)
  while (!over) {
    if (clock.sleepers > 0) await clock.advance(step)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return done
}

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

describe('whoever runs it', () => {
  test('is one at a time', async ({ runner, began, counting }) => {
    const { id } = await began()
    let other: unknown
    counting.before = async () => void (other ??= await runner.run(id, never))
    expect(await runner.run(id, never)).toBe('ended')
    expect(other).toBe('nothing')
  })

  test('and is killed in the middle of a slice is followed by another, and each item is done once', async ({
    runner,
    began,
    counting,
    clock,
    operations,
    me,
  }) => {
    const { id } = await began()
    const first = runner.run(id, never)
    // The first process does its second slice and is never heard of again: it stands still in it until the other is done.
    let slices = 0
    let other: unknown
    counting.after = async () => {
      if (++slices !== 2) return
      await clock.advance(LEASE_MS)
      other = await runner.run(id, never)
    }
    expect(await first).toBe('nothing')
    expect(other).toBe('ended')
    const counts = Object.values(await counting.counts())
    expect(counts).toHaveLength(20)
    expect(new Set(counts)).toEqual(new Set(['1']))
    expect((await operations.show(me, id)).progress).toMatchObject({ total: 20, done: 16, failed: 2, skipped: 2 })
    expect(counting.selections).toBe(1)
  })

  test('and stood still for long touches no item before it has looked', async ({
    runner,
    began,
    counting,
    clock,
    kernel,
  }) => {
    const { id } = await began()
    const read = kernel.redis.hget.bind(kernel.redis)
    kernel.redis.hget = async (...args: [string, string]) => {
      kernel.redis.hget = read
      await clock.advance(LEASE_MS)
      return read(...args)
    }
    expect(await runner.run(id, never)).toBe('nothing')
    expect(await counting.counts()).toEqual({})
    expect(await runner.run(id, never)).toBe('ended')
  })

  test('finds the selection unfinished and makes it anew', async ({ runner, began, counting, clock }) => {
    const { id } = await began()
    const select = counting.kind.select.bind(counting.kind)
    counting.kind.select = async function* (work) {
      for await (const slice of select(work)) {
        yield slice
        if (counting.selections === 1) throw new Error('the connection went')
      }
    }
    await expect(runner.run(id, never)).rejects.toThrow('the connection went')
    await clock.advance(LEASE_MS)
    expect(await runner.run(id, never)).toBe('ended')
    expect(Object.values(await counting.counts())).toHaveLength(20)
    expect(counting.selections).toBe(2)
  })

  test('gives up what no further try can mend, and what failed ten times', async ({
    runner,
    began,
    counting,
    clock,
    operations,
    me,
  }) => {
    counting.before = () => {
      throw permanent(new Error('never'))
    }
    const hopeless = await began()
    expect(await runner.run(hopeless.id, never)).toBe('ended')
    expect(await operations.show(me, hopeless.id)).toMatchObject({ status: 'failed', reason: 'never' })

    counting.before = () => Promise.reject(new Error('not now'))
    const { id } = await began()
    for (let n = 0; n < 9; n++) {
      await expect(runner.run(id, never)).rejects.toThrow('not now')
      await clock.advance(LEASE_MS)
    }
    expect(await runner.run(id, never)).toBe('ended')
    expect(await operations.show(me, id)).toMatchObject({ status: 'failed', reason: 'not now' })
  })

  test('counts one item that cannot be applied as failed, and does all others', async ({
    operations,
    runner,
    began,
    counting,
    clock,
    me,
  }) => {
    counting.chosenAtOnce = 500
    counting.before = (items) => (items.includes(7) ? Promise.reject(new Error('odd one')) : undefined)
    const { id } = await began({ items: 600 })
    for (let n = 0; n < 2; n++) {
      await expect(runner.run(id, never)).rejects.toThrow('odd one')
      await clock.advance(LEASE_MS)
    }
    expect(await runner.run(id, never)).toBe('ended')
    expect(await operations.show(me, id)).toMatchObject({ status: 'partially_succeeded', progress: { total: 600 } })
    const counts = await counting.counts()
    expect(counts['7']).toBeUndefined()
    expect(Object.values(counts)).toEqual(Array(599).fill('1'))
    const { data } = await operations.results(me, id, page())
    expect(data).toContainEqual(expect.objectContaining({ item: '7', outcome: 'failed', reason: 'odd one' }))
  })

  test('gets past one item that cannot be applied at a pace of one by one, too', async ({
    operations,
    runner,
    began,
    counting,
    clock,
    me,
  }) => {
    counting.before = (items) => (items.includes(0) ? Promise.reject(new Error('odd one')) : undefined)
    const { id } = await began({ items: 3 })
    await operations.pace(me, id, 1)
    for (let n = 0; n < 9; n++) {
      await expect(runner.run(id, never)).rejects.toThrow('odd one')
      await clock.advance(LEASE_MS)
    }
    expect(await whileTimePasses(clock, runner.run(id, never))).toBe('ended')
    expect(await operations.show(me, id)).toMatchObject({
      status: 'partially_succeeded',
      progress: { done: 2, failed: 1 },
    })
  })

  test('keeps others away while it goes item by item', async ({ operations, runner, began, counting, clock, me }) => {
    counting.chosenAtOnce = 500
    const others: Promise<string>[] = []
    let isSlow = false
    counting.before = async (items) => {
      if (items.includes(7)) throw new Error('odd one')
      if (isSlow) await clock.advance(LEASE_MS / 10)
      if (isSlow && items.includes(30) && others.length === 0) others.push(runner.run(id, never))
    }
    const { id } = await began({ items: 40 })
    for (let n = 0; n < 2; n++) {
      await expect(runner.run(id, never)).rejects.toThrow('odd one')
      await clock.advance(LEASE_MS)
    }
    isSlow = true
    expect(await runner.run(id, never)).toBe('ended')
    expect(await Promise.all(others)).toEqual(['nothing'])
    expect(await operations.show(me, id)).toMatchObject({ status: 'partially_succeeded' })
    expect(Object.values(await counting.counts())).toEqual(Array(39).fill('1'))
  })

  test('tells a failure when nothing is on its way any more', async ({ runner, began, counting }) => {
    counting.chosenAtOnce = 500
    const entered = Promise.withResolvers<undefined>()
    const gate = Promise.withResolvers<undefined>()
    counting.before = async (items) => {
      if (items.includes(APPLIED_MAX)) throw new Error('boom')
      if (items.includes(2 * APPLIED_MAX)) {
        entered.resolve(undefined)
        await gate.promise
      }
    }
    const { id } = await began({ items: 1_000 })
    const run = runner.run(id, never).then(
      () => 'ended',
      (error: unknown) => String(error),
    )
    await entered.promise
    // The first slice is counted by then, so the failure of the second has come.
    await vi.waitUntil(async () => (await counting.counts())[String(APPLIED_MAX - 1)] === '1')
    for (let n = 0; n < 50; n++) await new Promise((go) => setImmediate(go))
    expect(await Promise.race([run, Promise.resolve('still running')])).toBe('still running')
    gate.resolve(undefined)
    expect(await run).toContain('boom')
  })

  test('is not taken for ever by processes that die of it', async ({ store, runner, began, clock, operations, me }) => {
    const { id } = await began()
    for (let n = 0; n < 10; n++) {
      await store.take(id)
      await clock.advance(LEASE_MS)
    }
    expect(await runner.run(id, never)).toBe('ended')
    expect(await operations.show(me, id)).toMatchObject({
      status: 'failed',
      reason: '10 runs ended without getting on.',
    })
  })

  test('has as many turns as it needs, also when nothing moves meanwhile', async ({
    store,
    runner,
    began,
    counting,
    clock,
  }) => {
    const { id } = await began({ ladder: [1] })
    const waiting = new AbortController()
    counting.fate = () => {
      waiting.abort()
      return 'pending'
    }
    for (let n = 0; n < 15; n++) {
      expect(await runner.run(id, waiting.signal)).toBe('goes_on')
      await clock.advance(1)
    }
    expect(await store.read(id)).toMatchObject({ status: 'running', tries: 0 })
  })

  test('of an operation that has gone long since is no more listed', async ({
    store,
    began,
    kernel,
    operations,
    me,
    clock,
  }) => {
    const { id } = await began()
    await kernel.redis.del(kernel.key('operations', 'op', id))
    await clock.advance(8 * 86_400_000)
    const newer = await began()
    expect(await store.oldest(10)).toEqual([newer.id])
    expect((await operations.list(me, rows.list.query.parse({}))).data.map((one) => one.id)).toEqual([newer.id])
  })

  test('stops between two slices when its process does, and another goes on at once', async ({
    runner,
    began,
    counting,
  }) => {
    const { id } = await began()
    const stopping = new AbortController()
    counting.after = () => stopping.abort()
    expect(await runner.run(id, stopping.signal)).toBe('goes_on')
    expect(Object.keys(await counting.counts())).toHaveLength(7)
    delete counting.after
    expect(await runner.run(id, never)).toBe('ended')
    expect(Object.keys(await counting.counts())).toHaveLength(20)
  })

  test('is woken again when it was killed, and not while its job waits', async ({
    kernel,
    bull,
    store,
    began,
    clock,
    runner,
  }) => {
    const { id } = await began()
    const queue = bull.queue('k1n-operations')
    const job = await queue.getJob(`${id.replace('op_', 'op-')}-1`)
    expect(job).toMatchObject({ name: 'operation.run', data: { operation_id: id } })
    await clock.advance(LEASE_MS)
    expect(await wakeOverdue(kernel, bull, store)).toEqual([])
    await job?.remove()
    await clock.advance(LEASE_MS)
    expect(await wakeOverdue(kernel, bull, store)).toEqual([id])
    expect(await queue.getWaitingCount()).toBe(1)
    await runner.run(id, never)
    await clock.advance(LEASE_MS)
    expect(await wakeOverdue(kernel, bull, store)).toEqual([])
  })
})

describe('steering', () => {
  test('pauses, goes on where it stood, and is heard between two slices', async ({
    operations,
    runner,
    began,
    counting,
    me,
  }) => {
    const { id } = await began()
    counting.after = async () => {
      delete counting.after
      expect(await operations.pause(me, id)).toMatchObject({ status: 'running', requested: 'pause' })
    }
    expect(await runner.run(id, never)).toBe('ended')
    expect(await operations.show(me, id)).toMatchObject({ status: 'paused', requested: null, progress: { done: 5 } })
    expect(await runner.run(id, never)).toBe('nothing')
    expect(await operations.resume(me, id)).toMatchObject({ status: 'queued' })
    await runner.run(id, never)
    expect(await operations.show(me, id)).toMatchObject({ status: 'partially_succeeded', progress: { done: 16 } })
    expect(new Set(Object.values(await counting.counts()))).toEqual(new Set(['1']))
  })

  test('pauses and cancels at once what nobody runs', async ({ operations, began, me }) => {
    const { id } = await began()
    expect(await operations.pause(me, id)).toMatchObject({ status: 'paused' })
    expect(await operations.cancel(me, id)).toMatchObject({ status: 'cancelled', reason: 'It was cancelled.' })
    for (const verb of ['pause', 'resume', 'cancel'] as const)
      expect((await problemOf(operations[verb](me, id))).code).toBe('operation-finished')
    expect((await problemOf(operations.pace(me, id, 1))).code).toBe('operation-finished')
  })

  test('cancels what runs; what is done stays done', async ({ operations, runner, began, counting, me }) => {
    const { id } = await began()
    counting.after = async () => {
      await operations.cancel(me, id)
    }
    await runner.run(id, never)
    expect(await operations.show(me, id)).toMatchObject({ status: 'cancelled', progress: { total: 20, done: 5 } })
    expect(Object.keys(await counting.counts())).toHaveLength(7)
  })

  test('keeps the pace, and takes another while it runs', async ({
    operations,
    runner,
    began,
    clock,
    me,
    counting,
  }) => {
    const { id } = await began()
    await operations.pace(me, id, 2)
    const begun = clock.now()
    const times: number[] = []
    counting.after = async (items) => {
      times.push(...items.map(() => clock.now() - begun))
      if (times.length === 5) await operations.pace(me, id, 10)
    }
    await whileTimePasses(clock, runner.run(id, never), 50)
    expect(times).toHaveLength(20)
    const [at5 = 0, last = 0] = [times[4], times[19]]
    expect(at5).toBeGreaterThanOrEqual(2_000)
    expect(at5).toBeLessThan(2_300)
    expect(last - at5).toBeGreaterThanOrEqual(1_300)
    expect(last - at5).toBeLessThan(2_000)
  })

  test('hears a pause while it waits for its pace', async ({ operations, runner, began, clock, me }) => {
    const { id } = await began()
    await operations.pace(me, id, 0.1)
    const run = runner.run(id, never)
    while ((await operations.show(me, id)).progress.done === 0) await new Promise((resolve) => setImmediate(resolve))
    const asked = clock.now()
    await operations.pause(me, id)
    await whileTimePasses(clock, run, 50)
    expect(clock.now() - asked).toBeLessThan(1_000)
    expect(await operations.show(me, id)).toMatchObject({ status: 'paused', progress: { done: 1 } })
  })

  test('takes back what was done, once and in time', async ({ operations, runner, began, clock, me, counting }) => {
    const { id } = await began()
    expect((await problemOf(operations.undo(me, id))).code).toBe('operation-not-undoable')
    await runner.run(id, never)
    const undo = await operations.undo(me, id)
    expect(undo).toMatchObject({ undoes: id, status: 'queued', progress: { total: 20 } })
    expect((await operations.undo(me, id)).id).toBe(undo.id)
    await runner.run(undo.id, never)
    expect(new Set(Object.values(await counting.counts()))).toEqual(new Set(['0']))
    expect(await operations.show(me, undo.id)).toMatchObject({ status: 'succeeded', undo_until: null })
    await clock.advance(60_000)
    const late = await began()
    await runner.run(late.id, never)
    await clock.advance(60_000)
    expect((await problemOf(operations.undo(me, late.id))).code).toBe('operation-not-undoable')
  })
})

describe('a ladder', () => {
  test('tries one, then so many more, then does the rest', async ({ operations, runner, began, counting, me }) => {
    const { id } = await began({ ladder: [1, 5] })
    const sizes: number[] = []
    counting.after = (items) => void sizes.push(items.length)
    await runner.run(id, never)
    expect(sizes.slice(0, 2)).toEqual([1, 5])
    expect(await operations.show(me, id)).toMatchObject({
      progress: { total: 20 },
      watched: {
        ...{ ended: 6, failed_again: 0, failed_otherwise: 0 },
        steps: [
          { until: 1, ended: 1, failed_again: 0, failed_otherwise: 0 },
          { until: 6, ended: 5, failed_again: 0, failed_otherwise: 0 },
        ],
      },
    })
  })

  test('pauses when a step fails again, and goes on when it is told to', async ({
    operations,
    runner,
    began,
    counting,
    me,
  }) => {
    const { id } = await began({ ladder: [1, 5] })
    counting.fate = (item) => (item >= 1 && item <= 3 ? 'bad' : 'good')
    await runner.run(id, never)
    expect(await operations.show(me, id)).toMatchObject({
      status: 'paused',
      reason: '3 of the 5 looked at last failed again; above 50 % it stops.',
      watched: { ended: 6, failed_again: 3, failed_otherwise: 0, steps: [{}, { until: 6, ended: 5, failed_again: 3 }] },
    })
    expect(Object.keys(await counting.counts())).toHaveLength(6)
    await operations.resume(me, id)
    await runner.run(id, never)
    expect(await operations.show(me, id)).toMatchObject({ status: 'partially_succeeded', reason: null })
    expect(Object.keys(await counting.counts())).toHaveLength(20)
  })

  test('waits for results, not for ever', async ({ operations, runner, began, counting, clock, me }) => {
    const { id } = await began({ ladder: [1] })
    counting.fate = () => 'pending'
    const begun = clock.now()
    await whileTimePasses(clock, runner.run(id, never))
    expect(clock.now() - begun).toBeGreaterThanOrEqual(1_000)
    expect(await operations.show(me, id)).toMatchObject({
      status: 'paused',
      reason: '1 of the 1 tried last came to no result in time.',
    })
  })

  test('counts how one fared once, also those of a step', async ({ operations, runner, began, clock, me }) => {
    const { id } = await began({ ladder: [1, 5] })
    await operations.pace(me, id, 5)
    await whileTimePasses(clock, runner.run(id, never), 50)
    const { progress, watched } = await operations.show(me, id)
    expect(progress.total).toBe(20)
    expect(watched?.ended).toBeGreaterThan(6)
    expect(watched?.ended).toBeLessThanOrEqual(20)
  })

  test('keeps an eye on the rest', async ({ operations, runner, began, counting, clock, me }) => {
    const { id } = await began({ items: 500, ladder: [1] })
    await operations.pace(me, id, 50)
    counting.fate = (item) => (item > 100 ? 'bad' : 'good')
    await whileTimePasses(clock, runner.run(id, never), 50)
    const shown = await operations.show(me, id)
    expect(shown).toMatchObject({ status: 'paused', reason: expect.stringContaining('failed again') as string })
    expect(shown.progress.done).toBeLessThan(300)
  })
})

test('records are read back as they were written', async ({ store, began, me }) => {
  const { id } = await began()
  const record = await store.read(id)
  expect(isDeepStrictEqual(record?.asker, { id: me.id, name: me.name, queues: me.queues })).toBe(true)
})
