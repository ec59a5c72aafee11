// Several things at once, as an operator meets them: the one named is the one to end first, and what merely follows is not said.
import { FlowProducer } from 'bullmq'
import type { Kernel } from '../kernel/kernel.ts'
import { holdQueue } from '../services/held.ts'
import { describe, expect, take, test, until } from '../../test/support/explain.ts'

const held = { service: 'smtp', cause: 'breaker', reason: 'breaker smtp open, probe in 18 s' } as const
const hold = (kernel: Kernel, queue: string) => holdQueue(kernel, queue, { ...held, until: Date.now() + 18_000 })
/** A job that has waited for a minute. */
const old = { timestamp: Date.now() - 60_000 }

describe('a queue whose workers do as they were told', () => {
  test('is paused, and nothing is said of workers that hang', async ({ causes, foreign, work }) => {
    const queue = foreign('theirs')
    await work('theirs', async () => 1).waitUntilReady()
    await queue.pause()
    const { id = '' } = await queue.add('x', {}, old)
    expect(await causes(`theirs:${id}`)).toEqual(['queue_paused'])
  })

  test('waits for its service, and nothing is said of workers that hang', async ({ causes, bull, kernel, work }) => {
    const worker = work('mail', async () => 1)
    await worker.waitUntilReady()
    await worker.pause()
    await hold(kernel, 'mail')
    const { id = '' } = await bull.queue('mail').add('mail.send', {}, old)
    expect(await causes(`mail:${id}`)).toEqual(['parked_breaker'])
  })

  test('is paused while a breaker is open: both are named, and the pause first', async ({
    causes,
    queues,
    kernel,
    add,
    me,
    work,
  }) => {
    const id = await add('a')
    await work('mail', async () => 1, { autorun: false }).waitUntilReady()
    await queues.pause(me, 'mail')
    await hold(kernel, 'mail')
    expect((await causes(id)).slice(0, 2)).toEqual(['queue_paused', 'parked_breaker'])
  })
})

describe('a parked job', () => {
  const park = (until: number) => JSON.stringify({ ...held, until, since: Date.now() - 60_000, ats: 0 })
  const parkUntil = async (kernel: Kernel, keys: { job: (id: string) => string; delayed: string }, at: number) => {
    await kernel.redis.hset(keys.job('t_a'), 'k1nPark', park(at))
    await kernel.redis.zadd(keys.delayed, at * 0x1000, 't_a')
  }

  test('whose workers are gone when its time has come waits for a worker, not for the service', async ({
    add,
    of,
    bull,
    kernel,
  }) => {
    const id = await add('a', { delay_ms: 60_000 })
    await parkUntil(kernel, bull.keys('mail'), Date.now() - 1_000)
    expect(await of(id)).toMatchObject({ cause: 'no_worker', state: 'parked', estimate: { sure: 'unknown' } })
  })

  test('in a queue that is paused will find it paused', async ({ add, of, bull, kernel, queues, me }) => {
    const id = await add('a', { delay_ms: 60_000 })
    await parkUntil(kernel, bull.keys('mail'), Date.now() + 30_000)
    await queues.pause(me, 'mail')
    const explained = await of(id)
    expect(explained).toMatchObject({ cause: 'parked_breaker', estimate: { sure: 'not_before' } })
    expect(explained.further.map(({ cause }) => cause)).toEqual(['queue_paused', 'no_worker'])
  })
})

describe('a job whose worker died', () => {
  test('in a queue that was paused meanwhile goes back into a paused queue', async ({
    causes,
    foreign,
    work,
    bull,
    kernel,
  }) => {
    const queue = foreign('theirs')
    const { id = '' } = await queue.add('x', {})
    await take(work('theirs', async () => 1, { autorun: false, lockDuration: 20, skipLockRenewal: true }))
    await queue.pause()
    await until(async () => (await kernel.redis.exists(bull.keys('theirs').lock(id))) === 0)
    expect(await causes(`theirs:${id}`)).toEqual(['lock_lost', 'queue_paused'])
  })

  test('while Redis is full is put back by nobody until Redis has room', async ({ small, me }) => {
    const { kernel, bull, explain } = small
    const { id = '' } = await bull.queue('mail').add('mail.send', { to: 'x' })
    await kernel.redis.lmove(bull.keys('mail').wait, bull.keys('mail').active, 'LEFT', 'RIGHT')
    await small.fill()
    const explained = await explain.show(me, `mail:${id}`)
    expect(explained).toMatchObject({ cause: 'redis_full', is: 'waiting', estimate: { sure: 'unknown' } })
    expect(explained.further.map(({ cause }) => cause)).toEqual(['lock_lost', 'no_worker'])
    await kernel.redis.config('SET', 'maxmemory-policy', 'volatile-ttl')
    expect(await explain.show(me, `mail:${id}`)).toMatchObject({ cause: 'lock_lost' })
  })
})

test('a job that waits for its children will find its queue paused', async ({ kernel, causes, foreign, work }) => {
  const flow = new FlowProducer({ connection: { url: kernel.settings.REDIS_URL }, prefix: kernel.bullPrefix })
  const { job } = await flow.add({ name: 'p', queueName: 'parents', children: [{ name: 'c', queueName: 'children' }] })
  await flow.close()
  await work('parents', async () => 1, { autorun: false }).waitUntilReady()
  await foreign('parents').pause()
  expect((await causes(`parents:${job.id ?? ''}`)).slice(0, 2)).toEqual(['children', 'queue_paused'])
})
