// Jobs that wait for something of their own, staged with real BullMQ on a real Redis: their time, a service, their children.
import { FlowProducer } from 'bullmq'
import { snooze } from '../catalog/handler.ts'
import { createRecorder } from '../recorder/recorder.ts'
import { saysOf } from '../../test/support/rooms.ts'
import { describe, expect, figure, inState, test, until } from '../../test/support/explain.ts'

describe('a job that waits for its time', () => {
  test('delayed', async ({ add, of, busy }) => {
    await busy('mail')
    const explained = await of(await add('a', { delay_ms: 3_600_000 }))
    expect(explained).toMatchObject({ cause: 'delayed', estimate: { sure: 'exact' }, further: [] })
    expect(explained.estimate?.in_ms).toBeGreaterThan(3_590_000)
    expect(explained.says).toBe('Waits for its time; it may run in 1 h.')
  })

  test('delayed, and nobody is there to run it then', async ({ add, of }) => {
    expect(await of(await add('a', { delay_ms: 3_600_000 }))).toMatchObject({
      cause: 'delayed',
      estimate: { sure: 'not_before' },
      further: [{ cause: 'no_worker' }],
    })
  })

  test('a delayed job whose time has come waits for what all others wait for', async ({
    foreign,
    causes,
    queues,
    me,
  }) => {
    const queue = foreign('theirs')
    const { id = '' } = await queue.add('x', {}, { delay: 1 })
    await queues.pause(me, 'theirs')
    await until(async () => (await causes(`theirs:${id}`))[0] !== 'delayed')
    expect(await causes(`theirs:${id}`)).toEqual(['queue_paused', 'no_worker'])
  })

  test('backing_off: which attempt failed with what, and when it is tried next', async ({
    add,
    of,
    bull,
    own,
    kernel,
  }) => {
    await own(() => Promise.reject(new TypeError('no route')))
    const id = await add('a', { backoff: { type: 'fixed', delay_ms: 600_000, jitter: 'none' } })
    await inState(bull, 'mail', ['t_a'], 'delayed')
    await createRecorder(kernel, bull).catchUp()
    const explained = await of(id)
    expect(explained).toMatchObject({ cause: 'backing_off', estimate: { sure: 'exact' } })
    expect(explained.says).toBe('Attempt 1 of 4 failed with TypeError: no route; the next try is in 10 min.')
    expect(figure(explained, 'error')).toBe('TypeError')
    expect(figure(explained, 'failed_at')).toBeDefined()
  })

  test("backing_off: another service's worker", async ({ of, foreign, work, bull }) => {
    work('theirs', () => Promise.reject(new RangeError('too far')))
    const options = { attempts: 3, backoff: { type: 'fixed', delay: 600_000 } }
    const { id = '' } = await foreign('theirs').add('x', {}, options)
    await inState(bull, 'theirs', [id], 'delayed')
    expect(await of(`theirs:${id}`)).toMatchObject({
      cause: 'backing_off',
      says: 'Attempt 1 of 3 failed with RangeError: too far; the next try is in 10 min.',
    })
  })

  test('put_off: its handler said not now, also after an attempt that failed', async ({
    add,
    of,
    bull,
    own,
    kernel,
  }) => {
    let starts = 0
    await own(() => {
      if (++starts === 1) throw new Error('once')
      return snooze('1h', 'mailbox busy')
    })
    const id = await add('a', { backoff: { type: 'fixed', delay_ms: 0, jitter: 'none' } })
    await until(async () => starts === 2 && (await bull.stateOf([{ queue: 'mail', id: 't_a' }]))[0] === 'delayed')
    await createRecorder(kernel, bull).catchUp()
    const explained = await of(id)
    expect(explained).toMatchObject({ cause: 'put_off', estimate: { sure: 'exact' } })
    expect(explained.says).toContain('(mailbox busy)')
  })

  test.for(['breaker', 'budget', 'concurrency', 'retry_budget'] as const)(
    'parked: its service lets nobody in (%s)',
    async (cause, { add, of, bull, kernel }) => {
      const id = await add('a', { delay_ms: 60_000 })
      const park = { service: 'smtp', cause, until: Date.now() + 60_000, since: Date.now(), ats: 0, reason: 'not now' }
      await kernel.redis.hset(bull.keys('mail').job('t_a'), 'k1nPark', JSON.stringify(park))
      const explained = await of(id)
      expect(explained).toMatchObject({
        cause: `parked_${cause}`,
        state: 'parked',
        says: 'Waits for smtp, which costs no attempt: not now.',
        estimate: { sure: 'not_before' },
      })
      expect(figure(explained, 'service')).toBe('smtp')
    },
  )
})

describe('a job that waits for its children', () => {
  const flowOf = async (kernel: { bullPrefix: string; settings: { REDIS_URL: string } }, children: object[]) => {
    const flow = new FlowProducer({ connection: { url: kernel.settings.REDIS_URL }, prefix: kernel.bullPrefix })
    const tree = await flow.add({
      name: 'parent',
      queueName: 'parents',
      children: children.map((opts, n) => ({ name: 'child', queueName: 'children', data: { n }, opts })),
    })
    await flow.close()
    return tree
  }

  test('children: how many and which', async ({ kernel, of }) => {
    const { job, children = [] } = await flowOf(kernel, [{}, {}, {}])
    const explained = await of(`parents:${job.id ?? ''}`)
    expect(explained).toMatchObject({
      cause: 'children',
      state: 'waiting_children',
      further: [{ cause: 'no_worker' }],
    })
    expect(explained.says).toBe('Waits for 3 of its 3 child jobs.')
    const named = explained.evidence.filter(({ name }) => name === 'child').map(({ value }) => value)
    expect(named.sort()).toEqual(children.map((child) => `children:${child.job.id ?? ''}`).sort())
  })

  test('child_failed: the one it waits for in vain is named', async ({ kernel, of, work }) => {
    const { job, children = [] } = await flowOf(kernel, [{ jobId: 'dies' }, { jobId: 'lives', delay: 3_600_000 }])
    const worker = work('children', () => Promise.reject(new Error('no')))
    await saysOf(worker, 'failed', 'dies')
    const explained = await of(`parents:${job.id ?? ''}`)
    expect(children).toHaveLength(2)
    expect(explained).toMatchObject({ cause: 'child_failed', further: [{ cause: 'children' }, { cause: 'no_worker' }] })
    expect(explained.says).toContain('children:dies')
  })
})

test('children of a parent that has very many are looked at up to a bound, which is said', async ({ kernel, of }) => {
  const flow = new FlowProducer({ connection: { url: kernel.settings.REDIS_URL }, prefix: kernel.bullPrefix })
  const children = Array.from({ length: 1_200 }, (_, n) => ({ name: 'child', queueName: 'children', data: { n } }))
  const { job } = await flow.add({ name: 'parent', queueName: 'parents', children })
  await flow.close()
  const explained = await of(`parents:${job.id ?? ''}`)
  expect([figure(explained, 'awaited'), figure(explained, 'searched')]).toEqual([1_200, 1_000])
  expect(explained.evidence.filter(({ name }) => name === 'child')).toHaveLength(5)
})
