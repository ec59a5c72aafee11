// Explanations of jobs that are over or gone, and what one costs.
import { done, permanent } from '../catalog/handler.ts'
import { recentJobsKey } from '../jobs/recent.ts'
import { problemOf } from '../../test/support/rooms.ts'
import { describe, expect, inState, test, until } from '../../test/support/explain.ts'

describe('a job that is over', () => {
  test('completed and failed', async ({ add, of, own, bull }) => {
    await own(({ payload }) => {
      if (payload.n === undefined) return done({})
      throw permanent(new Error('no such mailbox'))
    })
    const id = await add('a')
    const { id: dead = '' } = await bull.queue('mail').add('mail.send', { to: 'x', n: 1 }, { jobId: 'dead' })
    const a = { queue: 'mail', id: 't_a' }
    await until(async () => (await bull.stateOf([a, { queue: 'mail', id: dead }])).join() === 'completed,failed')
    expect(await of(id)).toMatchObject({ cause: 'completed', is: 'ended', estimate: null, further: [] })
    const failed = await of(`mail:${dead}`)
    expect(failed).toMatchObject({ cause: 'failed', is: 'ended', state: 'failed' })
    expect(failed.says).toContain('with an error no further try can mend: no such mailbox')
  })

  test('cancelled before it started, of which only the record is left', async ({ add, of, jobs, me }) => {
    const id = await add('a')
    await jobs.cancel(me, { queue: 'mail', id: 't_a' }, 'sold out')
    expect(await of(id)).toMatchObject({
      cause: 'cancelled',
      says: 'Was cancelled by Ada: sold out',
      state: 'cancelled',
    })
  })

  test('skipped, of which only the record is left', async ({ add, of, jobs, me }) => {
    const id = await add('a')
    await jobs.skip(me, { queue: 'mail', id: 't_a' }, 'paid by hand')
    expect(await of(id)).toMatchObject({
      cause: 'skipped',
      is: 'ended',
      says: 'Was skipped by Ada: paid by hand',
      state: 'skipped',
    })
  })

  test('removed by retention, without a word', async ({ of, explain, me, foreign, work, kernel, bull }) => {
    work('theirs', async () => 1)
    const { id = '' } = await foreign('theirs').add('x', {}, { removeOnComplete: true })
    await inState(bull, 'theirs', [id], 'missing')
    await kernel.redis.zadd(recentJobsKey(kernel), Date.now(), `theirs:${id}`)
    expect(await of(`theirs:${id}`)).toMatchObject({ cause: 'removed', is: 'ended', name: null, state: 'unknown' })
    const others = { ...me, queues: ['other'] }
    expect((await problemOf(explain.show(others, `theirs:${id}`))).code).toBe('task-not-found')
  })

  test('never heard of', async ({ explain, me }) => {
    expect((await problemOf(explain.show(me, 'mail:t_nobody'))).code).toBe('task-not-found')
    expect((await problemOf(explain.show({ ...me, queues: ['other'] }, 'mail:t_nobody'))).code).toBe('task-not-found')
  })

  test('in_no_list: a broken operation left its data', async ({ add, of, kernel, bull }) => {
    const id = await add('a')
    await kernel.redis.lrem(bull.keys('mail').wait, 1, 't_a')
    expect(await of(id)).toMatchObject({ cause: 'in_no_list', state: 'unknown', is: 'waiting' })
  })

  test('discarded: a dead letter that was put away', async ({ add, of, kernel, bull }) => {
    const id = await add('a')
    await kernel.redis.lrem(bull.keys('mail').wait, 1, 't_a')
    await kernel.redis.hset(bull.keys('mail').job(id.slice(id.indexOf(':') + 1)), 'k1nBuried', '{}')
    expect(await of(id)).toMatchObject({ cause: 'discarded', state: 'unknown', is: 'ended' })
  })
})

test('asks Redis for as much, however many jobs wait', async ({ kernel, bull, explain, me, clock }) => {
  let sent = 0
  const send = kernel.redis.sendCommand.bind(kernel.redis)
  kernel.redis.sendCommand = (...command: Parameters<typeof send>) => {
    sent++
    return send(...command)
  }
  const costOf = async (id: string): Promise<number> => {
    await clock.advance(5_000)
    sent = 0
    await explain.show(me, `mail:${id}`)
    return sent
  }
  const { id = '' } = await bull.queue('mail').add('mail.send', {})
  await costOf(id)
  const few = await costOf(id)
  await bull.queue('mail').addBulk(Array.from({ length: 1_000 }, () => ({ name: 'mail.send', data: {} })))
  expect(await costOf(id)).toBe(few)
  expect(few).toBeLessThanOrEqual(45)
})
