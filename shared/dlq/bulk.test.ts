// What work on many dead letters promises: exactly those that were meant, each once, as one at a time would do it.
import { everythingOf, lay, layMany } from '../../test/support/dead-letters.ts'
import { describe, expect, person, test, testCatalog } from '../../test/support/rooms.ts'
import type { RoomFixtures } from '../../test/support/rooms.ts'
import { operationKinds } from '../operation-kinds.ts'
import { operations as operationRows } from '../operations/contract.ts'
import type { AnyItemsKind, Work } from '../operations/operations.ts'
import type { StoppedClock } from '../kernel/clock.ts'
import { createEventLog } from '../stream/log.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { BulkDiscardRequest, BulkResubmitRequest } from './contract.ts'
import { dlqId } from './id.ts'

const T = 1_700_000_000_000
const never = new AbortController().signal
const resubmit = (asked: object) => BulkResubmitRequest.parse({ ladder: null, ...asked })
const discard = (asked: object) => BulkDiscardRequest.parse(asked)

const factsOf = async (kernel: Kernel, name: string): Promise<Record<string, unknown>[]> =>
  (await createEventLog(kernel).readAfter('0-0', 10_000))
    .filter((entry) => entry.name === name)
    .map(({ data }) => JSON.parse(data) as Record<string, unknown>)

const resultsOf = async ({ operations, me }: Pick<RoomFixtures, 'operations' | 'me'>, id: string) =>
  (await operations.results(me, id, operationRows.results.query.parse({ limit: 200 }))).data

describe('a request', () => {
  test('that would mean everything by mistake is refused', () => {
    expect(BulkResubmitRequest.safeParse({ filter: {} }).success).toBe(false)
    expect(BulkDiscardRequest.safeParse({ filter: {} }).success).toBe(false)
    expect(BulkResubmitRequest.safeParse({ filter: {}, all: true }).success).toBe(true)
    expect(BulkResubmitRequest.safeParse({ filter: { queue: ['mail'] } }).success).toBe(true)
    expect(BulkResubmitRequest.safeParse({ filter: { queues: ['mail'] }, all: true }).success).toBe(false)
  })

  test('tells beforehand what it is about', async ({ dlq, me, kernel, bull }) => {
    await layMany({ kernel, bull }, 'mail', 12, T)
    await lay({ kernel, bull }, 'reports', 'other', T)
    const preview = await dlq.preview(me, resubmit({ filter: { queue: ['mail'] } }))
    expect(preview).toMatchObject({ matched: 12, complete: true })
    expect(preview.sample.map(({ task_id }) => task_id)).toEqual(Array.from({ length: 10 }, (_, n) => `mail:d${n}`))
    expect(await dlq.preview(me, resubmit({ filter: { queue: ['mail'] }, limit: 5 }))).toMatchObject({
      matched: 5,
      complete: false,
    })
    expect(await dlq.preview(person({ queues: ['reports'] }), resubmit({ filter: {}, all: true }))).toMatchObject({
      matched: 1,
    })
    expect(await bull.counts(['mail'])).toEqual(
      new Map([['mail', expect.objectContaining({ failed: 12, waiting: 0 })]]),
    )
  })
})

/** Each page of a failed set takes so long to read. */
const letReadsTake = ({ redis }: Kernel, clock: StoppedClock, ms: number): void => {
  const read = redis.zrangebyscore.bind(redis) as (...args: unknown[]) => Promise<string[]>
  redis.zrangebyscore = async (...args: unknown[]) => {
    await clock.advance(ms)
    return read(...args)
  }
}

test('a preview ends in time also where it goes through many that do not fit, and says that there may be more', async ({
  dlq,
  me,
  kernel,
  bull,
  clock,
}) => {
  await layMany({ kernel, bull }, 'mail', 1_100, T)
  letReadsTake(kernel, clock, 1_500)
  const preview = await dlq.preview(me, resubmit({ filter: { name: ['nobody'] } }))
  expect(preview).toMatchObject({ matched: 0, complete: false })
})

test('a preview that ends before everything was looked at tells what it has found', async ({
  dlq,
  me,
  kernel,
  bull,
  clock,
}) => {
  for (const id of ['a', 'b', 'c']) await lay({ kernel, bull }, 'mail', id, T, { name: 'rare' })
  await layMany({ kernel, bull }, 'mail', 2_500, T + 1)
  letReadsTake(kernel, clock, 1_100)
  const preview = await dlq.preview(me, resubmit({ filter: { name: ['rare'] } }))
  expect(preview).toMatchObject({ matched: 3, complete: false })
  expect(preview.sample.map(({ task_id }) => task_id)).toEqual(['mail:a', 'mail:b', 'mail:c'])
})

test('it tells beforehand which services the jobs call: as they were told, or as their kind does', async ({
  dlq,
  me,
  kernel,
  bull,
}) => {
  await layMany({ kernel, bull }, 'mail', 30, T)
  await lay({ kernel, bull }, 'mail', 'told', T + 99, { name: 'other', opts: '{"k1n":{"service":"spotify"}}' })
  await lay({ kernel, bull }, 'reports', 'none', T, { name: 'report.build' })
  const services = async (queue: string) => (await dlq.preview(me, resubmit({ filter: { queue: [queue] } }))).services
  expect(await services('mail')).toEqual(['smtp', 'spotify'])
  expect(await services('reports')).toEqual([])
})

describe('resubmitting all that match', () => {
  test('wakes the oldest so many of them, each told once, and nothing else', async ({
    dlq,
    operations,
    runner,
    me,
    kernel,
    bull,
  }) => {
    await layMany({ kernel, bull }, 'mail', 8, T)
    await layMany({ kernel, bull }, 'reports', 3, T)
    const { id, ...asked } = await dlq.resubmitMany(
      me,
      resubmit({ filter: { queue: ['mail'] }, limit: 6, reason: 'fixed' }),
    )
    expect(asked).toMatchObject({ kind: 'dlq.resubmit', status: 'queued', params: { reason: 'fixed' } })
    await lay({ kernel, bull }, 'mail', 'late', kernel.clock.now() + 50)
    expect(await runner.run(id, never)).toBe('ended')
    expect(await operations.show(me, id)).toMatchObject({ status: 'succeeded', progress: { total: 6, done: 6 } })
    expect(await kernel.redis.lrange(bull.keys('mail').wait, 0, -1)).toEqual(['d5', 'd4', 'd3', 'd2', 'd1', 'd0'])
    expect((await bull.counts(['mail', 'reports'])).get('reports')).toMatchObject({ failed: 3, waiting: 0 })
    const facts = await factsOf(kernel, 'error_recovery.dlq_entry_resubmitted')
    expect(facts.map(({ task_id }) => task_id)).toEqual([
      'mail:d0',
      'mail:d1',
      'mail:d2',
      'mail:d3',
      'mail:d4',
      'mail:d5',
    ])
    expect(facts[0]).toEqual({
      dlq_id: dlqId({ queue: 'mail', id: 'd0' }, T),
      task_id: 'mail:d0',
      new_task_id: null,
      queue: 'mail',
      actor: 'Ada',
    })
  })

  test('touches only queues that whoever asked may see', async ({ dlq, operations, runner, me, kernel, bull }) => {
    await layMany({ kernel, bull }, 'mail', 2, T)
    await layMany({ kernel, bull }, 'reports', 2, T - 50)
    await bull.discover()
    for (const queues of [['mail'], ['m*']]) {
      const { id } = await dlq.resubmitMany(person({ queues }), resubmit({ filter: {}, all: true, limit: 1 }))
      await runner.run(id, never)
      expect((await operations.show(me, id)).progress).toMatchObject({ total: 1, done: 1 })
    }
    expect((await bull.counts(['reports'])).get('reports')).toMatchObject({ failed: 2 })
    expect((await bull.counts(['mail'])).get('mail')).toMatchObject({ failed: 0, waiting: 2 })
  })

  test('leaves alone what somebody else woke, moved or removed meanwhile, and says so', async ({
    dlq,
    operations,
    runner,
    me,
    kernel,
    bull,
  }) => {
    await layMany({ kernel, bull }, 'mail', 5, T)
    await kernel.redis.set(kernel.key('dlq', 'moved', dlqId({ queue: 'mail', id: 'd3' }, T + 3)), 'orders:t_x')
    await kernel.redis.set(kernel.key('dlq', 'moving'), '1')
    const asked = await dlq.resubmitMany(me, resubmit({ filter: { queue: ['mail'] }, rate_per_s: 1 }))
    const run = runner.run(asked.id, never)
    while ((await operations.show(me, asked.id)).progress.done === 0) await new Promise((go) => setImmediate(go))
    await bull.revive({ queue: 'mail', id: 'd1' }, { from: 'failed', resetAttempts: true, delayMs: 0 })
    await bull.queue('mail').remove('d2')
    await lay({ kernel, bull }, 'mail', 'd4', T + 99)
    await operations.pace(me, asked.id, null)
    await (kernel.clock as unknown as { advance(ms: number): Promise<void> }).advance(1_000)
    await run
    const reasons = (await resultsOf({ operations, me }, asked.id)).map(({ item, reason }) => [
      item.slice(5, 7),
      reason,
    ])
    expect(reasons).toEqual([
      ['d1', 'It was given another life, or discarded, by somebody else.'],
      ['d2', 'It is not there any more.'],
      ['d3', 'It was given another life, or discarded, by somebody else.'],
      ['d4', 'It was given another life by somebody else and died again.'],
    ])
  })

  test('patches payloads and tells which would not fit their kind', async ({
    dlq,
    operations,
    runner,
    me,
    kernel,
    bull,
  }) => {
    await lay({ kernel, bull }, 'mail', 'good', T)
    await lay({ kernel, bull }, 'mail', 'free', T + 1, { name: 'unknown', data: '{"n":1}' })
    await lay({ kernel, bull }, 'mail', 'bad', T + 2, { data: '{"nonsense":1}' })
    const request = resubmit({ filter: { queue: ['mail'] }, data_patch: { cc: ['y'] } })
    const { id } = await dlq.resubmitMany(me, request)
    await runner.run(id, never)
    const unseeing = person({ scopes: ['operations:read'] })
    expect((await operations.show(me, id)).params).toMatchObject({ data_patch: { cc: ['y'] } })
    expect((await operations.show(unseeing, id)).params).toMatchObject({ data_patch: { redacted: true } })
    const dataOf = (job: string) => kernel.redis.hget(bull.keys('mail').job(job), 'data')
    expect(await dataOf('good')).toBe('{"to":"x","cc":["y"]}')
    expect(await dataOf('free')).toBe('{"n":1,"cc":["y"]}')
    expect(await bull.stateOf([{ queue: 'mail', id: 'bad' }])).toEqual(['failed'])
    const [result] = await resultsOf({ operations, me }, id)
    expect(result).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('#/data_patch/to') as string })
  })

  test('stops after one when that fails again, and after ten', async ({
    dlq,
    operations,
    runner,
    me,
    kernel,
    bull,
    clock,
  }) => {
    await layMany({ kernel, bull }, 'mail', 40, T)
    const { id } = await dlq.resubmitMany(me, BulkResubmitRequest.parse({ filter: { queue: ['mail'] } }))
    const died = async (from: number, to: number) => {
      for (let n = from; n < to; n++) {
        await kernel.redis.lrem(bull.keys('mail').wait, 0, `d${n}`)
        await lay({ kernel, bull }, 'mail', `d${n}`, clock.now())
      }
    }
    const runUntilIt = async (done: number, then: () => Promise<void>) => {
      const run = runner.run(id, never)
      while ((await operations.show(me, id)).progress.done < done) await new Promise((go) => setImmediate(go))
      await then()
      let isOver = false
      void run.finally(() => (isOver = true))
      // Between two sleeps it works, for a moment in which nobody sleeps.
      while (!isOver) {
        if (clock.sleepers > 0) await clock.advance(300)
        else await new Promise((go) => setImmediate(go))
      }
      await run
    }
    await runUntilIt(1, () => died(0, 1))
    expect(await operations.show(me, id)).toMatchObject({
      status: 'paused',
      progress: { done: 1 },
      watched: { failed_again: 1 },
    })
    await operations.resume(me, id)
    await runUntilIt(11, () => died(1, 11))
    expect(await operations.show(me, id)).toMatchObject({
      status: 'paused',
      reason: '10 of the 10 looked at last failed again; above 50 % it stops.',
      progress: { done: 11 },
    })
    await operations.resume(me, id)
    await runner.run(id, never)
    expect(await operations.show(me, id)).toMatchObject({ status: 'succeeded', progress: { done: 40 } })
  })

  test('to another queue moves each to one place, also when it is done again', async ({
    dlq,
    runner,
    operations,
    me,
    kernel,
    bull,
    foreign,
  }) => {
    await foreign('orders').waitUntilReady()
    await layMany({ kernel, bull }, 'mail', 3, T)
    const { id } = await dlq.resubmitMany(me, resubmit({ filter: { queue: ['mail'] }, queue: 'orders' }))
    await runner.run(id, never)
    expect(await operations.show(me, id)).toMatchObject({ status: 'succeeded', progress: { done: 3 } })
    expect((await bull.counts(['mail', 'orders'])).get('orders')).toMatchObject({ waiting: 3 })
    const facts = await factsOf(kernel, 'error_recovery.dlq_entry_resubmitted')
    expect(facts.map(({ new_task_id }) => String(new_task_id).slice(0, 11))).toEqual(Array(3).fill('orders:t_r-'))
  })
})

const workOf = (params: object): Work<unknown> => ({
  id: 'op_1',
  params,
  asker: { id: 'a', name: 'Ada', queues: ['*'] },
  createdAt: T,
  undoes: 'op_1',
  failed: () => 0,
  signal: never,
})

/** What a run does that never wrote down how far it was: the slice is applied again by the next one. */
describe('a slice that is applied twice', () => {
  const kindOf = (kernel: Kernel, bull: RoomFixtures['bull'], name: string): AnyItemsKind =>
    operationKinds(kernel, bull, testCatalog).find((kind) => kind.name === name) as AnyItemsKind
  test.for([
    ['in place', {}],
    ['with a patch', { data_patch: { n: 1 } }],
    ['elsewhere', { queue: 'orders' }],
  ] as const)('is resubmitted once, %s', async ([, more], { kernel, bull, foreign }) => {
    await foreign('orders').waitUntilReady()
    const items = (await layMany({ kernel, bull }, 'mail', 5, T)).map((id, n) => ({ queue: 'mail', id, diedAt: T + n }))
    const kind = kindOf(kernel, bull, 'dlq.resubmit')
    const work = workOf(resubmit({ filter: {}, all: true, ...more }))
    const first = await kind.apply(items.slice(0, 3), work)
    const again = await kind.apply(items, work)
    expect(again.outcomes).toEqual(items.map(() => ({ is: 'done' })))
    expect(again.facts.slice(0, 3)).toEqual(first.facts)
    const counts = await bull.counts(['mail', 'orders'])
    const waiting = (counts.get('mail')?.waiting ?? 0) + (counts.get('orders')?.waiting ?? 0)
    expect(waiting).toBe(5)
  })

  test('is discarded once, and brought back once', async ({ kernel, bull }) => {
    const items = (await layMany({ kernel, bull }, 'mail', 5, T)).map((id, n) => ({ queue: 'mail', id, diedAt: T + n }))
    const before = await everythingOf({ kernel, bull }, 'mail')
    const kind = kindOf(kernel, bull, 'dlq.purge')
    await kind.apply(items.slice(0, 3), workOf({}))
    const again = await kind.apply(items, workOf({}))
    expect(again.outcomes).toEqual(items.map(() => ({ is: 'done' })))
    expect((await bull.counts(['mail'])).get('mail')).toMatchObject({ failed: 0 })
    await kind.undo?.apply(items, workOf({}))
    expect(await everythingOf({ kernel, bull }, 'mail')).toEqual(before)
  })
})

describe('discarding all that match', () => {
  test('is taken back whole, without what others had discarded before', async ({
    dlq,
    operations,
    runner,
    me,
    kernel,
    bull,
    clock,
  }) => {
    await layMany({ kernel, bull }, 'mail', 5, T)
    await dlq.discard(me, 'mail:d4')
    const before = await everythingOf({ kernel, bull }, 'mail')
    const { id } = await dlq.discardMany(me, discard({ filter: { queue: ['mail'] } }))
    await runner.run(id, never)
    expect(await operations.show(me, id)).toMatchObject({ status: 'succeeded', progress: { total: 4, done: 4 } })
    expect((await dlq.list(me, { limit: 10 })).data).toEqual([])
    await clock.advance(60_000)
    const undo = await operations.undo(me, id)
    await runner.run(undo.id, never)
    expect(await operations.show(me, undo.id)).toMatchObject({ status: 'succeeded', progress: { done: 4 } })
    expect(await everythingOf({ kernel, bull }, 'mail')).toEqual(before)
    expect(await factsOf(kernel, 'error_recovery.dlq_entry_restored')).toHaveLength(4)
  })
})
