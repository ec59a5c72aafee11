// Whoever runs an operation: one at a time, each item once, gone on where it stood, and around what cannot be done.
import { vi } from 'vitest'
import { permanent } from '../catalog/handler.ts'
import { describe, expect, never, page, test, whileTimePasses } from '../../test/support/operations.ts'
import { operations as rows } from './contract.ts'
import { APPLIED_MAX } from './kind.ts'
import { LEASE_MS } from './store.ts'
import { untilNextLook, wakeOverdue } from './wake.ts'

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

  test('and looks for items for long is not taken for dead', async ({ runner, began, counting, clock }) => {
    const { id } = await began()
    let other: unknown
    counting.looking = async function* () {
      for (let n = 0; n < 3; n++) {
        await clock.advance(LEASE_MS / 2)
        yield []
      }
      other = await runner.run(id, never)
    }
    expect(await runner.run(id, never)).toBe('ended')
    expect(other).toBe('nothing')
    expect(counting.selections).toBe(1)
  })

  test('and looks for items for longer than a turn has chosen them once', async ({
    runner,
    began,
    counting,
    clock,
  }) => {
    const { id } = await began()
    counting.looking = async function* () {
      for (let passed = 0; passed < 200_000; passed += LEASE_MS / 2) {
        await clock.advance(LEASE_MS / 2)
        yield []
      }
    }
    expect(await runner.run(id, never)).toBe('ended')
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
    // Whoever wakes looks again as the lease runs out, and not some seconds later.
    await clock.advance(LEASE_MS - 2_000)
    expect(await untilNextLook(kernel, store)).toBe(2_000)
    await clock.advance(2_000)
    expect(await untilNextLook(kernel, store)).toBe(250)
    expect(await wakeOverdue(kernel, bull, store)).toEqual([])
    expect(await untilNextLook(kernel, store)).toBe(5_000)
    await job?.remove()
    await clock.advance(LEASE_MS)
    expect(await wakeOverdue(kernel, bull, store)).toEqual([id])
    expect(await queue.getWaitingCount()).toBe(1)
    await runner.run(id, never)
    await clock.advance(LEASE_MS)
    expect(await wakeOverdue(kernel, bull, store)).toEqual([])
  })
})
