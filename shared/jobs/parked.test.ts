// Parked is a state of its own: a delayed job with a mark that still holds, or a waiting one whose queue is held.
import { describe, expect, input, problemOf, test } from '../../test/support/rooms.ts'
import { HELD_MS, holdQueue, releaseQueue } from '../services/held.ts'
import { JobsQuery } from './contract.ts'

const smtp = { service: 'smtp', cause: 'breaker', reason: 'breaker smtp open, probe in 18 s' } as const
const a = { queue: 'mail', id: 't_a' }
const query = (asked: object) => JobsQuery.parse(asked)

describe('a delayed job with a mark', () => {
  test('is parked until it has started again', async ({ jobs, bull, kernel, me }) => {
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a', options: { delay_ms: 60_000 } }))
    const until = kernel.clock.now() + 18_000
    const park = { ...smtp, until, since: until - 1_000, ats: 0 }
    const hash = bull.keys('mail').job('t_a')
    await kernel.redis.hset(hash, 'k1nPark', JSON.stringify(park))
    expect(await jobs.show(me, a)).toMatchObject({
      state: 'parked',
      parked: { ...smtp, until: new Date(until).toISOString() },
      why: 'Waits for smtp, which costs no attempt: breaker smtp open, probe in 18 s.',
    })
    await kernel.redis.hset(hash, 'ats', 1)
    expect(await jobs.show(me, a)).toMatchObject({ state: 'delayed', parked: null })
    await kernel.redis.hset(hash, 'k1nPark', 'no mark of ours', 'ats', 0)
    expect(await jobs.show(me, a)).toMatchObject({ state: 'delayed', parked: null })
  })

  test('is listed as parked and not as delayed', async ({ jobs, bull, kernel, me }) => {
    for (const id of ['a', 'b', 'c'])
      await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id, options: { delay_ms: 60_000 } }))
    const park = { ...smtp, until: 1, since: 1, ats: 0 }
    await kernel.redis.hset(bull.keys('mail').job('t_b'), 'k1nPark', JSON.stringify(park))
    const idsOf = async (state: string[]): Promise<string[]> =>
      (await jobs.list(me, query({ state }))).data.map(({ id }) => id).sort()
    expect(await idsOf(['parked'])).toEqual(['mail:t_b'])
    expect(await idsOf(['delayed'])).toEqual(['mail:t_a', 'mail:t_c'])
    expect(await idsOf(['parked', 'delayed'])).toEqual(['mail:t_a', 'mail:t_b', 'mail:t_c'])
    // What is not asked for takes no place on a page.
    const page = async (state: string, limit: number) => (await jobs.list(me, query({ state: [state], limit }))).data
    expect(await page('parked', 1)).toMatchObject([{ id: 'mail:t_b' }])
    expect(await page('delayed', 2)).toHaveLength(2)
  })
})

describe('a queue that is held', () => {
  test('parks all that waits in it, for as long as its workers say so', async ({ jobs, queues, kernel, clock, me }) => {
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a' }))
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'b', options: { priority: 5 } }))
    await jobs.enqueue(me, input({ name: 'report.build', data: {}, id: 'c' }))
    await holdQueue(kernel, 'mail', { ...smtp, until: clock.now() + 18_000 })
    expect(await jobs.show(me, a)).toMatchObject({ state: 'parked', run_at: null, parked: smtp })
    expect(await queues.show(me, 'mail')).toMatchObject({ held: smtp, paused: false })
    const list = async (state: string) => (await jobs.list(me, query({ state }))).data.map(({ id }) => id).sort()
    expect(await list('parked')).toEqual(['mail:t_a', 'mail:t_b'])
    expect(await list('waiting')).toEqual(['reports:t_c'])
    await clock.advance(HELD_MS)
    expect(await jobs.show(me, a)).toMatchObject({ state: 'waiting', parked: null })
  })

  test.for([
    ['mail', 'reports:t_b'],
    ['reports', 'mail:t_a'],
  ] as const)('takes no place on a page of waiting jobs (%s)', async ([held, other], { jobs, kernel, clock, me }) => {
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a' }))
    await jobs.enqueue(me, input({ name: 'report.build', data: {}, id: 'b' }))
    await holdQueue(kernel, held, { ...smtp, until: clock.now() + 18_000 })
    const { data } = await jobs.list(me, query({ state: ['waiting'], limit: 1 }))
    expect(data).toMatchObject([{ id: other }])
  })

  test('is what a long look for a result, and who steers a job in it, are told of', async ({
    jobs,
    kernel,
    clock,
    me,
  }) => {
    for (const id of ['a', 'b']) await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id }))
    await holdQueue(kernel, 'mail', { ...smtp, until: clock.now() + 18_000 })
    expect(await jobs.result(a, 0)).toEqual({ done: false, body: { state: 'parked' } })
    const refused = { code: 'job-not-in-state', message: expect.stringContaining('mail:t_a is parked') as string }
    expect(await problemOf(jobs.promote(me, a))).toMatchObject(refused)
    expect(await problemOf(jobs.retry(me, a))).toMatchObject(refused)
    expect(await jobs.cancel(me, a)).toMatchObject({ settled: true, job: { state: 'cancelled', parked: null } })
    expect(await jobs.result({ queue: 'mail', id: 't_b' }, 0)).toMatchObject({ body: { state: 'parked' } })
  })

  test('parks nothing once it is released', async ({ jobs, queues, kernel, clock, me }) => {
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id: 'a' }))
    await holdQueue(kernel, 'mail', { ...smtp, until: clock.now() + 18_000 })
    await releaseQueue(kernel, 'mail')
    expect(await jobs.show(me, a)).toMatchObject({ state: 'waiting', parked: null })
    expect(await queues.show(me, 'mail')).toMatchObject({ held: null })
  })
})
