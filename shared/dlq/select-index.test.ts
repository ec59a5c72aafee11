// Choosing by the index: none that had died is missing, whatever the recorder has heard by then.
import { vi } from 'vitest'
import { layDead, tellDead, test as base } from '../../test/support/dead.ts'
import { describe, expect } from '../../test/support/rooms.ts'
import { cursorsKey } from '../metrics/progress.ts'
import { createRecorderStore } from '../recorder/store.ts'
import type { RecorderStore } from '../recorder/store.ts'
import { readAllBuilt, wanted } from '../triage/built.ts'
import { builtKey } from '../triage/keys.ts'
import { recheck } from '../triage/recheck.ts'
import { BulkDiscardRequest } from './contract.ts'
import { dlqId } from './id.ts'
import { createSelect } from './select.ts'

const T = Date.UTC(2026, 0, 1)
const never = new AbortController().signal

interface Choosing {
  /** The ids of those of one name. */
  choose(): Promise<string[]>
  /** Another recorder, which holds the lease and reads nothing. */
  other: RecorderStore
  /** Whether the failed set was gone through. */
  walked(): boolean
}

/** An index that holds `a`, ready to be asked. */
const test = base.extend<Choosing>({
  choose: async ({ kernel, bull, recorder }, use) => {
    await tellDead(kernel, bull, { id: 'a', at: T })
    await recorder.catchUp()
    expect((await readAllBuilt(kernel)).get('mail')).toMatchObject({ phase: 'ready' })
    const select = createSelect(kernel, bull)
    await use(async () => {
      const found: string[] = []
      for await (const slice of select({ name: ['mail.send'] }, { limit: 100 }))
        found.push(...slice.map(({ id }) => id))
      return found
    })
  },
  other: async ({ kernel, choose: _ready }, use) => use(createRecorderStore(kernel, 10_000)),
  walked: async ({ kernel, bull }, use) => {
    const read = vi.spyOn(kernel.redis, 'zrangebyscore')
    await use(() => read.mock.calls.some(([key]) => key === bull.keys('mail').failed))
  },
})

describe('choosing by an index', () => {
  test('asks it where it has heard everything', async ({ choose, walked }) => {
    expect(await choose()).toEqual(['a'])
    expect(walked()).toBe(false)
  })

  test('finds what died while nobody recorded, without waiting for anybody', async ({ choose, kernel, bull }) => {
    await tellDead(kernel, bull, { id: 'b', at: T + 1 })
    expect(await choose()).toEqual(['a', 'b'])
  })

  test('finds what died untold because the stream was trimmed', async ({ choose, kernel, bull }) => {
    await tellDead(kernel, bull, { id: 'b', at: T + 1 })
    await kernel.redis.xtrim(bull.keys('mail').events, 'MAXLEN', 0)
    expect(await choose()).toEqual(['a', 'b'])
    await kernel.redis.del(bull.keys('mail').events)
    expect(await choose()).toEqual(['a', 'b'])
  })

  test('finds what was put there without a word', async ({ choose, kernel, bull }) => {
    await layDead(kernel, bull, { id: 'b', at: T + 1 })
    expect(await choose()).toEqual(['a', 'b'])
  })

  test('asks it also while somebody waits to be heard about another queue', async ({ choose, walked, kernel }) => {
    await recheck(kernel, [{ queue: 'other', id: 'x' }])
    expect(await choose()).toEqual(['a'])
    expect(walked()).toBe(false)
    await recheck(kernel, [{ queue: 'mail', id: 'x' }])
    expect(await choose()).toEqual(['a'])
    expect(walked()).toBe(true)
  })

  test('gives a recorder that lags behind a moment, and then trusts its index', async ({
    choose,
    walked,
    other,
    recorder,
    kernel,
    bull,
    clock,
  }) => {
    await other.acquire()
    await tellDead(kernel, bull, { id: 'b', at: T + 1 })
    const chosen = choose()
    await expect.poll(() => clock.sleepers).toBe(1)
    await other.release()
    await recorder.catchUp()
    await clock.advance(50)
    expect(await chosen).toEqual(['a', 'b'])
    expect(walked()).toBe(false)
  })

  test('trusts it also while further deaths come that the index does not hold yet', async ({
    choose,
    walked,
    other,
    recorder,
    kernel,
    bull,
    clock,
  }) => {
    await other.acquire()
    await tellDead(kernel, bull, { id: 'b', at: T + 1 })
    const chosen = choose()
    await expect.poll(() => clock.sleepers).toBe(1)
    await kernel.redis.xadd(bull.keys('mail').events, '*', 'event', 'drained')
    await other.release()
    await recorder.catchUp()
    await tellDead(kernel, bull, { id: 'late', at: clock.now() + 9 })
    await clock.advance(50)
    expect(await chosen).toEqual(['a', 'b'])
    expect(walked()).toBe(false)
  })

  test('trusts it no more where the recorder missed something on its way', async ({
    choose,
    other,
    kernel,
    bull,
    clock,
  }) => {
    await other.acquire()
    await tellDead(kernel, bull, { id: 'b', at: T + 1 })
    const chosen = choose()
    await expect.poll(() => clock.sleepers).toBe(1)
    await kernel.redis.hset(builtKey(kernel), 'mail', JSON.stringify({ ...wanted, usable: true, phase: 'adding' }))
    await kernel.redis.hset(cursorsKey(kernel), bull.keys('mail').events, `${clock.now() * 2}-0`)
    await clock.advance(50)
    expect(await chosen).toEqual(['a', 'b'])
  })

  test('does not wait longer than that', async ({ choose, other, kernel, bull, clock }) => {
    await other.acquire()
    await tellDead(kernel, bull, { id: 'b', at: T + 1 })
    const chosen = choose()
    await expect.poll(() => clock.sleepers).toBe(1)
    await clock.advance(2_000)
    expect(await chosen).toEqual(['a', 'b'])
  })

  test('waits also for what was brought back to be looked at again', async ({
    choose,
    other,
    recorder,
    clock,
    dlq,
    me,
  }) => {
    await dlq.discard(me, 'mail:a')
    await recorder.catchUp()
    expect(await choose()).toEqual([])
    await dlq.restore(me, dlqId({ queue: 'mail', id: 'a' }, T))
    await other.acquire()
    const chosen = choose()
    await expect.poll(() => clock.sleepers).toBe(1)
    await clock.advance(2_000)
    expect(await chosen).toEqual(['a'])
  })
})

test('what work on many would be about is counted so too, and waits no longer than a person does', async ({
  choose: _ready,
  other,
  kernel,
  bull,
  clock,
  dlq,
  me,
}) => {
  await other.acquire()
  await tellDead(kernel, bull, { id: 'b', at: T + 1 })
  const preview = dlq.preview(me, BulkDiscardRequest.parse({ filter: { name: ['mail.send'] } }))
  await expect.poll(() => clock.sleepers).toBe(1)
  await clock.advance(500)
  expect(await preview).toMatchObject({ matched: 2, complete: true })
})

test('work on all that match touches those the recorder has not heard of', async ({
  choose: _ready,
  kernel,
  bull,
  dlq,
  me,
  operations,
  runner,
}) => {
  await tellDead(kernel, bull, { id: 'b', at: T + 1 }, { id: 'c', at: T + 2 })
  const { id } = await dlq.discardMany(me, BulkDiscardRequest.parse({ filter: { name: ['mail.send'] } }))
  await runner.run(id, never)
  expect(await operations.show(me, id)).toMatchObject({ progress: { total: 3, done: 3 } })
})
