// A queue that hands out nothing, each way staged with real BullMQ on a real Redis: the one real reason must be named.
import { holdQueue } from '../services/held.ts'
import { saysOf } from '../../test/support/rooms.ts'
import { describe, expect, figure, inState, test, until } from '../../test/support/explain.ts'

describe('a queue that hands out nothing', () => {
  test('queue_paused: who paused it, why and since when', async ({ add, of, queues, me }) => {
    const id = await add('a')
    await queues.pause(me, 'mail', { reason: 'provider is down' })
    const explained = await of(id)
    expect(explained).toMatchObject({
      cause: 'queue_paused',
      is: 'waiting',
      estimate: { sure: 'unknown', at: null },
      remedy: 'Resume the queue.',
      further: [{ cause: 'no_worker' }],
    })
    expect(explained.says).toMatch(/^The queue mail is paused by Ada since 20.*: provider is down\.$/)
    expect([figure(explained, 'paused_by'), figure(explained, 'pause_reason')]).toEqual(['Ada', 'provider is down'])
  })

  test("queue_paused: by BullMQ's own means, with a worker there", async ({ causes, foreign, work }) => {
    const queue = foreign('theirs')
    await work('theirs', async () => 1).waitUntilReady()
    await queue.pause()
    const { id = '' } = await queue.add('x', {})
    expect(await causes(`theirs:${id}`)).toEqual(['queue_paused'])
  })

  test('no_worker', async ({ add, of }) => {
    expect(await of(await add('a'))).toMatchObject({
      cause: 'no_worker',
      says: 'No worker takes jobs from mail.',
      remedy: 'Start a worker for mail.',
      further: [],
    })
  })

  test('no_worker: they were there and have gone', async ({ add, causes, work }) => {
    const worker = work('mail', async () => 1)
    const first = saysOf(worker, 'completed', 't_a')
    await add('a')
    await first
    const b = async (): Promise<string> => add('b')
    await worker.close()
    expect(await causes(await b())).toEqual(['no_worker'])
  })

  test('no_worker_for_name: workers of k1n are there and none has a handler for it', async ({ of, own, bull, add }) => {
    const worker = await own(() => new Promise(() => undefined), { concurrency: 1 })
    await add('busy')
    await until(() => worker.fleet.running('mail') === 1)
    const { id = '' } = await bull.queue('mail').add('mail.recall', {}, { jobId: 'unknown' })
    const explained = await of(`mail:${id}`)
    expect(explained).toMatchObject({ cause: 'no_worker_for_name', further: [{ cause: 'slots_busy' }] })
    expect(explained.says).toContain('none has a handler for mail.recall')
  })

  test('no_worker_for_name is not said where another service works too', async ({ bull, causes, own, busy }) => {
    await busy('mail')
    const worker = await own(() => new Promise(() => undefined), { concurrency: 1 })
    await bull.queue('mail').add('mail.send', { to: 'x' })
    await until(() => worker.fleet.running('mail') === 1)
    const { id = '' } = await bull.queue('mail').add('mail.recall', {})
    expect(await causes(`mail:${id}`)).toEqual(['slots_busy'])
  })

  test('queue_concurrency: the queue runs no more at once, although slots are free', async ({ of, foreign, busy }) => {
    const queue = foreign('theirs')
    await queue.setGlobalConcurrency(1)
    await busy('theirs', { concurrency: 5 })
    const { id = '' } = await queue.add('x', {})
    const explained = await of(`theirs:${id}`)
    expect(explained.cause).toBe('queue_concurrency')
    expect([figure(explained, 'concurrency'), figure(explained, 'active')]).toEqual([1, 1])
  })

  test("rate_limit: the queue's own", async ({ of, foreign, work, bull }) => {
    const queue = foreign('theirs')
    await queue.setGlobalRateLimit(2, 60_000)
    work('theirs', async () => 1, { concurrency: 5 })
    const [first, second, third, fourth] = await queue.addBulk(
      Array.from({ length: 4 }, () => ({ name: 'x', data: {} })),
    )
    await inState(bull, 'theirs', [first?.id, second?.id], 'completed')
    const explained = await of(`theirs:${third?.id ?? ''}`)
    expect(explained).toMatchObject({ cause: 'rate_limit', estimate: { sure: 'exact' } })
    expect([figure(explained, 'started'), figure(explained, 'max')]).toEqual([2, 2])
    expect(explained.estimate?.in_ms).toBeGreaterThan(50_000)
    expect(explained.estimate?.in_ms).toBeLessThanOrEqual(60_000)
    expect(await of(`theirs:${fourth?.id ?? ''}`)).toMatchObject({
      cause: 'rate_limit',
      further: [{ cause: 'in_line' }],
    })
  })

  test("rate_limit: a worker's own, which is stored nowhere", async ({ of, foreign, work, bull }) => {
    const queue = foreign('theirs')
    work('theirs', async () => 1, { limiter: { max: 1, duration: 60_000 } })
    const [first, second] = await queue.addBulk(Array.from({ length: 2 }, () => ({ name: 'x', data: {} })))
    await inState(bull, 'theirs', [first?.id], 'completed')
    const explained = await of(`theirs:${second?.id ?? ''}`)
    expect(explained.cause).toBe('rate_limit')
    expect([figure(explained, 'started'), figure(explained, 'max')]).toEqual([1, undefined])
  })

  test('rate_limit: a queue that was told to rest', async ({ of, foreign, work }) => {
    const queue = foreign('theirs')
    await queue.rateLimit(60_000)
    await work('theirs', async () => 1, { limiter: { max: 1e6, duration: 1_000 } }).waitUntilReady()
    const { id = '' } = await queue.add('x', {})
    expect(await of(`theirs:${id}`)).toMatchObject({ cause: 'rate_limit', estimate: { sure: 'exact' } })
  })

  test('not_fetching: workers are connected and were told to pause, one by one', async ({ of, foreign, work }) => {
    const worker = work('theirs', async () => 1)
    await worker.waitUntilReady()
    await worker.pause()
    const { id = '' } = await foreign('theirs').add('x', {}, { timestamp: Date.now() - 60_000 })
    const explained = await of(`theirs:${id}`)
    expect(explained).toMatchObject({ cause: 'not_fetching', estimate: { sure: 'unknown' } })
    expect(figure(explained, 'workers')).toBe(1)
    expect(figure(explained, 'waited_ms')).toBeGreaterThanOrEqual(60_000)
  })

  test('parked: its workers stopped fetching for the service', async ({ add, of, kernel, clock, work }) => {
    const id = await add('a')
    const held = { service: 'smtp', cause: 'breaker', reason: 'breaker smtp open, probe in 18 s' } as const
    await work('other', async () => 1).waitUntilReady()
    await holdQueue(kernel, 'mail', { ...held, until: clock.now() + 18_000 })
    const explained = await of(id)
    expect(explained).toMatchObject({ cause: 'parked_breaker', state: 'parked', estimate: { sure: 'not_before' } })
    expect([figure(explained, 'service'), figure(explained, 'waiting')]).toEqual(['smtp', 1])
  })

  test('redis_full: Redis refuses every write', async ({ small: { bull, explain, fill }, me }) => {
    const { id = '' } = await bull.queue('mail').add('mail.send', { to: 'x' })
    await fill()
    const explained = await explain.show(me, `mail:${id}`)
    expect(explained).toMatchObject({ cause: 'redis_full', further: [{ cause: 'no_worker' }] })
    expect(figure(explained, 'max_bytes')).toBe(1_048_576)
  })
})
