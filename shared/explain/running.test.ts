// Jobs a worker took, staged with real BullMQ on a real Redis: whether it still has them.
import { expireAll } from '../jobs/expirer.ts'
import { describe, expect, figure, take, test, until } from '../../test/support/explain.ts'
import { input } from '../../test/support/rooms.ts'

describe('a job a worker took', () => {
  test('running', async ({ add, of, own }) => {
    const worker = await own(() => new Promise(() => undefined))
    const id = await add('a')
    await until(() => worker.fleet.running('mail') === 1)
    expect(await of(id)).toMatchObject({ cause: 'running', is: 'running', state: 'active', estimate: null })
  })

  test('running: at another service', async ({ of, busy, bull }) => {
    await busy('theirs')
    const [id = ''] = await bull
      .queue('theirs')
      .getBackend()
      .client.then(async (redis) => redis.lrange(bull.keys('theirs').active, 0, 0))
    expect(await of(`theirs:${id}`)).toMatchObject({ cause: 'running' })
  })

  test('stalled: the process of k1n that has it ended, as its supervisor saw', async ({ add, of, work, registry }) => {
    const id = await add('a')
    await take(work('mail', async () => 1, { autorun: false, name: 'w_gone-1-a' }))
    await registry.ended('w_gone-1-a', { exit: 'signal SIGKILL', by_itself: false, at: Date.now() })
    const explained = await of(id)
    expect(explained).toMatchObject({ cause: 'stalled', is: 'waiting', estimate: { sure: 'not_before' } })
    expect(explained.says).toContain('ended (signal SIGKILL) but still holds it')
    expect(explained.estimate?.in_ms).toBeGreaterThan(20_000)
  })

  test('stalled: the process of k1n that has it is silent', async ({ add, of, work, kernel }) => {
    const id = await add('a')
    await take(work('mail', async () => 1, { autorun: false, name: 'w_frozen-1-a' }))
    await kernel.redis.zadd(kernel.key('workers', 'seen'), Date.now() - 20_000, 'w_frozen-1-a')
    expect((await of(id)).says).toContain('has been silent for 20 s')
  })

  test('stalled: the worker of another service that has it is gone', async ({ of, foreign, work, causes }) => {
    const { id = '' } = await foreign('theirs').add('x', {})
    const worker = work('theirs', async () => 1, { autorun: false, name: 'one' })
    await worker.waitUntilReady()
    await take(worker)
    expect(await causes(`theirs:${id}`)).toEqual(['running'])
    await work('theirs', async () => 1, { autorun: false, name: 'two' }).waitUntilReady()
    await worker.close(true)
    const explained = await of(`theirs:${id}`)
    expect(explained).toMatchObject({ cause: 'stalled', remedy: null })
    expect(explained.says).toContain('worker one is gone but still holds it')
  })

  test('lock_lost: nobody holds it, and workers will put it back', async ({ of, foreign, work, bull, kernel }) => {
    const { id = '' } = await foreign('theirs').add('x', {})
    await take(work('theirs', async () => 1, { autorun: false, lockDuration: 20, skipLockRenewal: true }))
    await until(async () => (await kernel.redis.exists(bull.keys('theirs').lock(id))) === 0)
    const explained = await of(`theirs:${id}`)
    expect(explained).toMatchObject({ cause: 'lock_lost', is: 'waiting', remedy: null })
    expect(explained.says).toContain('when they next look for stalled jobs')
  })

  test('lock_lost: nobody holds it, and nobody is there to put it back', async ({
    of,
    foreign,
    work,
    bull,
    kernel,
  }) => {
    const { id = '' } = await foreign('theirs').add('x', {})
    const worker = work('theirs', async () => 1, { autorun: false, lockDuration: 20, skipLockRenewal: true })
    await take(worker)
    await worker.close(true)
    await until(async () => (await kernel.redis.exists(bull.keys('theirs').lock(id))) === 0)
    expect(await of(`theirs:${id}`)).toMatchObject({
      cause: 'lock_lost',
      remedy: 'Start a worker for theirs.',
      estimate: { sure: 'unknown' },
    })
  })
})

test('expired: by when it had to start, and what to do', async ({ jobs, kernel, bull, clock, explain, me }) => {
  const { job } = await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, options: { ttl_ms: 1_000 } }))
  await clock.advance(1_000)
  await expireAll(kernel, bull, ['mail'], new AbortController().signal)
  const explained = await explain.show(me, job.id)
  expect(explained).toMatchObject({ cause: 'expired', is: 'ended', estimate: null })
  expect(figure(explained, 'expires_at')).toBe(job.expires_at)
})
