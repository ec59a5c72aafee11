// A discarded dead letter is gone at once, comes back exactly as it was for ten minutes, and then is gone for good.
import { everythingOf, lay, layMany } from '../../test/support/dead-letters.ts'
import { describe, expect, person, problemOf, test } from '../../test/support/rooms.ts'
import { createEventLog } from '../stream/log.ts'
import { RESTORABLE_MS, emptyBin, note } from './bin.ts'
import { DlqQuery, ResubmitRequest } from './contract.ts'
import { dlqId } from './id.ts'
import { recheckKey } from '../triage/recheck.ts'
import { tidy } from './janitor.ts'

const T = 1_700_000_000_000
const never = new AbortController().signal
const query = DlqQuery.parse({})
const id = dlqId({ queue: 'mail', id: 'a' }, T)
const binned = (kernel: { redis: { zcard(key: string): Promise<number> }; key(...parts: string[]): string }) =>
  kernel.redis.zcard(kernel.key('dlq', 'bin'))

describe('discarding', () => {
  test('takes it out of the inbox and restoring brings back every byte', async ({ dlq, me, kernel, bull }) => {
    await lay({ kernel, bull }, 'mail', 'a', T, { k1nReason: 'poison', odd: 'field' })
    await lay({ kernel, bull }, 'mail', 'b', T + 1)
    const before = await everythingOf({ kernel, bull }, 'mail')
    await dlq.discard(me, id)
    expect((await dlq.list(me, query)).data.map(({ task_id }) => task_id)).toEqual(['mail:b'])
    expect(await dlq.restore(me, id)).toMatchObject({ id, reason: 'poison' })
    expect(await everythingOf({ kernel, bull }, 'mail')).toEqual(before)
    expect(await binned(kernel)).toBe(0)
    const told = (await createEventLog(kernel).readAfter('0-0', 10)).map(({ name, data }) => [
      name,
      JSON.parse(data) as unknown,
    ])
    const names = { dlq_id: id, task_id: 'mail:a', queue: 'mail', actor: 'Ada' }
    expect(told).toEqual([
      [
        'error_recovery.dlq_entry_discarded',
        { ...names, restorable_until: new Date(kernel.clock.now() + RESTORABLE_MS).toISOString() },
      ],
      ['error_recovery.dlq_entry_restored', names],
    ])
  })

  test('leaves nothing that could be resubmitted, shown or discarded again', async ({
    dlq,
    jobs,
    me,
    kernel,
    bull,
  }) => {
    await lay({ kernel, bull }, 'mail', 'a', T)
    await dlq.discard(me, id)
    expect((await problemOf(dlq.discard(me, id))).code).toBe('task-not-found')
    expect((await problemOf(dlq.show(me, id))).code).toBe('task-not-found')
    expect((await problemOf(dlq.resubmit(me, id, ResubmitRequest.parse({})))).code).toBe('task-not-found')
    expect((await jobs.show(me, { queue: 'mail', id: 'a' })).why).toContain('discarded')
  })

  test('of what is no dead letter is refused', async ({ dlq, me, kernel, bull }) => {
    await lay({ kernel, bull }, 'mail', 'a', T)
    expect((await problemOf(dlq.discard(person({ queues: ['x'] }), id))).code).toBe('task-not-found')
    expect((await problemOf(dlq.discard(me, 'mail:nobody'))).code).toBe('task-not-found')
    expect((await problemOf(dlq.restore(me, id))).code).toBe('task-not-found')
    expect((await problemOf(dlq.restore(me, 'mail:a'))).code).toBe('task-not-found')
    await dlq.resubmit(me, id, ResubmitRequest.parse({}))
    expect((await problemOf(dlq.discard(me, id))).code).toBe('already-resubmitted')
  })

  test('by many at once happens once', async ({ dlq, me, kernel, bull }) => {
    await lay({ kernel, bull }, 'mail', 'a', T)
    await Promise.allSettled(Array.from({ length: 10 }, () => dlq.discard(me, id)))
    expect(await createEventLog(kernel).readAfter('0-0', 20)).toHaveLength(1)
  })
})

describe('after ten minutes', () => {
  test('one that was brought back by a process that died before it could say so is looked at again', async ({
    dlq,
    me,
    kernel,
    bull,
    clock,
  }) => {
    await lay({ kernel, bull }, 'mail', 'a', T)
    await dlq.discard(me, id)
    await kernel.redis.del(recheckKey(kernel))
    expect(await bull.unbury('mail', [{ id: 'a', diedAt: T }])).toEqual(['unburied'])
    await clock.advance(RESTORABLE_MS + 60_000)
    expect(await emptyBin({ kernel, bull }, never)).toBe(0)
    const notes = await kernel.redis.xrange(recheckKey(kernel), '-', '+')
    expect(notes.map(([, fields]) => fields)).toEqual([['queue', 'mail', 'ids', '["a"]']])
    expect((await dlq.list(me, query)).data.map(({ task_id }) => task_id)).toEqual(['mail:a'])
  })

  test('it cannot be restored, and then every trace of it goes', async ({ dlq, me, kernel, bull, clock }) => {
    await lay({ kernel, bull }, 'mail', 'a', T, { deid: 'once' })
    await lay({ kernel, bull }, 'mail', 'b', T)
    const { prefix } = bull.keys('mail')
    await kernel.redis.set(`${prefix}de:once`, 'a')
    await kernel.redis.rpush(`${prefix}a:logs`, 'line')
    await dlq.discard(me, id)
    await clock.advance(RESTORABLE_MS - 1)
    expect(await emptyBin({ kernel, bull }, never)).toBe(0)
    await clock.advance(1)
    expect((await problemOf(dlq.restore(me, id))).code).toBe('task-not-found')
    await clock.advance(60_000)
    expect(await tidy(kernel, bull, never)).toBe(true)
    const left = await everythingOf({ kernel, bull }, 'mail')
    expect(Object.keys(left)).toEqual(['b', 'events', 'failed', 'meta'])
    expect(left['events']).toEqual([['event', 'removed', 'jobId', 'a', 'prev', 'failed']])
    expect(await binned(kernel)).toBe(0)
    // In a fleet one process tidies in each round.
    expect(await tidy(kernel, bull, never)).toBe(false)
  })

  test('what a crash left in the bin without being put away stays in the inbox', async ({
    dlq,
    me,
    kernel,
    bull,
    clock,
  }) => {
    await lay({ kernel, bull }, 'mail', 'a', T)
    await note({ kernel, bull }, [{ queue: 'mail', id: 'a', diedAt: T }], clock.now() + RESTORABLE_MS)
    await clock.advance(2 * RESTORABLE_MS)
    expect(await emptyBin({ kernel, bull }, never)).toBe(0)
    expect((await dlq.list(me, query)).data).toHaveLength(1)
    expect(await binned(kernel)).toBe(0)
  })

  test('a parent that waited for it goes on, as BullMQ lets it', async ({
    dlq,
    me,
    kernel,
    bull,
    clock,
    foreign,
    work,
  }) => {
    const flow = bull.flow()
    await foreign('parents').waitUntilReady()
    await flow.add({
      name: 'p',
      queueName: 'parents',
      opts: { jobId: 'p' },
      children: [{ name: 'c', queueName: 'mail', opts: { jobId: 'c' } }],
    })
    const worker = work('mail', () => Promise.reject(new Error('no')))
    await new Promise((resolve) => worker.on('failed', resolve))
    await worker.close()
    await dlq.discard(me, 'mail:c')
    expect(await bull.stateOf([{ queue: 'parents', id: 'p' }])).toEqual(['waiting_children'])
    await clock.advance(2 * RESTORABLE_MS)
    await emptyBin({ kernel, bull }, never)
    expect(
      await bull.stateOf([
        { queue: 'parents', id: 'p' },
        { queue: 'mail', id: 'c' },
      ]),
    ).toEqual(['waiting', 'missing'])
  })

  test('hundreds go in bounded steps', async ({ kernel, bull, clock }) => {
    const items = (await layMany({ kernel, bull }, 'mail', 1_100, T)).map((one, n) => ({
      queue: 'mail',
      id: one,
      diedAt: T + n,
    }))
    await note({ kernel, bull }, items, clock.now())
    await bull.bury('mail', items, 'x')
    await clock.advance(RESTORABLE_MS)
    expect(await emptyBin({ kernel, bull }, never)).toBe(1_100)
  })
})
