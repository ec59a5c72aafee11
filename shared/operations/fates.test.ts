// What is told of how the items of an operation fare: of all, or of some spread over all, for as long as it is kept.
import { describe, expect, never, test } from '../../test/support/operations.ts'
import type { Fate } from './kind.ts'

const FATES: readonly Fate[] = ['good', 'bad', 'otherwise', 'failing', 'pending', 'cancelled', 'gone', 'none']

describe('how items fare', () => {
  test('is counted where nobody watches them, and those that fare badly are told by name', async ({
    operations,
    runner,
    began,
    counting,
    me,
  }) => {
    counting.fate = (item) => FATES[item % 8] ?? 'none'
    const { id, links } = await began({ items: 16 })
    expect(links['fates']).toBe(`/api/v2/operations/${id}/fates`)
    expect(await operations.fates(me, id)).toMatchObject({ fates: { looked: 0, of: 0, pending: 0, badly: [] } })
    await runner.run(id, never)
    expect(await operations.fates(me, id)).toEqual({
      operation_id: id,
      fates: {
        ...{ looked: 16, of: 16, came_through: 2, failed_again: 2, failed_otherwise: 2 },
        ...{ failing: 2, pending: 2, cancelled: 2, gone: 2, left: 2 },
        badly: [1, 2, 3, 9, 10, 11].map((item) => ({
          ...{ item: String(item), task_id: `test:${item}` },
          fate: ['failed_again', 'failed_otherwise', 'failing'][(item % 8) - 1],
        })),
      },
    })
    counting.fate = () => 'bad'
    expect((await operations.fates(me, id)).fates).toMatchObject({ failed_again: 16, came_through: 0 })
  })

  test('is told of those that were gone through, while others are left', async ({
    operations,
    runner,
    began,
    counting,
    me,
  }) => {
    const { id } = await began()
    counting.after = async () => {
      delete counting.after
      await operations.pause(me, id)
    }
    await runner.run(id, never)
    expect((await operations.fates(me, id)).fates).toMatchObject({ looked: 7, of: 7, came_through: 7 })
  })

  test('is looked at for some of many, spread over all; of those it tells the first twenty', async ({
    operations,
    store,
    counting,
    me,
  }) => {
    const items = Array.from({ length: 30_000 }, (_, item) => item)
    const { id } = await operations.start(me, { kind: 'test.count', params: { items: 0 }, items })
    const fence = (await store.take(id))?.fence ?? 0
    await store.advance(id, fence, { set: { chunk: 59, offset: 500 }, add: { done: 30_000 } })
    const looked: number[] = []
    counting.fate = (item) => {
      looked.push(item)
      return 'bad'
    }
    const { fates } = await operations.fates(me, id)
    expect(fates).toMatchObject({ looked: 500, of: 30_000, failed_again: 500 })
    expect(fates?.badly).toHaveLength(20)
    // Some from the middle of every tenth.
    expect(new Set(looked.map((item) => Math.floor(item / 500)))).toEqual(
      new Set([3, 9, 15, 21, 27, 33, 39, 45, 51, 57]),
    )
  })
})

const WEEK_MS = 7 * 24 * 60 * 60 * 1_000

describe('the items', () => {
  test.for([
    { chunk: 59, offset: 500, kept: [3, 9, 15, 21, 27, 33, 39, 45, 51, 57] },
    { chunk: 12, offset: 1, kept: [0, 1, 3, 4, 5, 7, 8, 9, 11, 12] },
    { chunk: 4, offset: 0, kept: [0, 1, 2, 3] },
    { chunk: 0, offset: 0, kept: [] },
  ])(
    'of one that ended at $chunk, $offset and cannot be taken back are kept in part, as long as it is',
    async ({ chunk, offset, kept }, { operations, store, kernel, clock, me }) => {
      const items = Array.from({ length: 30_000 }, (_, item) => item)
      const { id } = await operations.start(me, { kind: 'test.count', params: { items: 0 }, items })
      const fence = (await store.take(id))?.fence ?? 0
      await store.advance(id, fence, { set: { chunk, offset } })
      const ended = { status: 'cancelled', reason: '', undoUntil: null, keepsItems: true, facts: [] } as const
      await store.settle(id, fence, ended)
      expect(await store.slices(id)).toEqual(kept)
      const key = kernel.key('operations', 'items', id)
      expect(await kernel.redis.pexpiretime(key)).toBe(kept.length === 0 ? -2 : clock.now() + WEEK_MS)
    },
  )

  test('of one that was cancelled before anything was done are not told of', async ({ operations, began, me }) => {
    const { id } = await began()
    const { links } = await operations.cancel(me, id)
    expect(links['fates']).toBeUndefined()
    expect(await operations.fates(me, id)).toMatchObject({ fates: null })
  })

  test('are all kept while it can be taken back, and then gone: how they fare is not known any more', async ({
    operations,
    runner,
    began,
    store,
    kernel,
    clock,
    me,
  }) => {
    const { id } = await began()
    await runner.run(id, never)
    const key = kernel.key('operations', 'items', id)
    expect(await kernel.redis.pexpiretime(key)).toBeLessThanOrEqual(clock.now() + 2 * 60_000)
    expect((await store.slices(id)).length).toBeGreaterThan(0)
    await kernel.redis.del(key)
    expect(await operations.fates(me, id)).toEqual({ operation_id: id, fates: null })
  })

  test('that were taken back are not told of', async ({ operations, runner, began, me }) => {
    const { id } = await began()
    await runner.run(id, never)
    const undo = await operations.undo(me, id)
    await runner.run(undo.id, never)
    expect(undo.links['fates']).toBeUndefined()
    expect(await operations.fates(me, undo.id)).toEqual({ operation_id: undo.id, fates: null })
  })
})
