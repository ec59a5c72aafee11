// What every other room relies on from the BullMQ room: found queues, true counts, true states, tolerant reading.
import { Queue } from 'bullmq'
import { vi } from 'vitest'
import { describe, expect, test as base } from '../../test/support/fixtures.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createBull } from './bullmq.ts'
import type { Bull } from './bullmq.ts'
import { EVENTS_MAX_LENGTH } from './settings.ts'

const test = base.extend<{ bull: Bull }>({
  bull: async ({ kernel }, use) => {
    const bull = createBull(kernel)
    await use(bull)
    await bull.close()
  },
})

/** A queue as another service makes it: its own object, default options. */
const foreign = (kernel: Kernel, name: string): Queue =>
  new Queue(name, { connection: kernel.redis, prefix: kernel.bullPrefix })

describe('discovery', () => {
  test('finds queues that other services made, and only those', async ({ kernel, bull }) => {
    await foreign(kernel, 'mail').add('send', {})
    await foreign(kernel, 'a b/c').add('x', {})
    await kernel.redis.hset(`${kernel.bullPrefix}:mail:1:meta`, 'not', 'a queue')
    await kernel.redis.set(`${kernel.bullPrefix}:text:meta`, 'not a queue either')
    expect(await bull.discover()).toEqual(['a b/c', 'mail'])
    expect(bull.known()).toEqual(['a b/c', 'mail'])
  })

  test('keeps to K1N_QUEUES, with our own queues always among them', async ({ kernel }) => {
    await foreign(kernel, 'mail').add('send', {})
    await foreign(kernel, 'billing-eu').add('x', {})
    const bull = createBull({ ...kernel, settings: { ...kernel.settings, K1N_QUEUES: ['billing-*'] } })
    await bull.claim('imports')
    expect(await bull.discover()).toEqual(['billing-eu', 'imports'])
    expect(await bull.exists('mail')).toBe(false)
    expect(await bull.exists('billing-eu')).toBe(true)
  })

  test('forgets a queue that is gone', async ({ kernel, bull }) => {
    await foreign(kernel, 'mail').add('send', {})
    await bull.discover()
    await kernel.redis.del(`${kernel.bullPrefix}:mail:meta`)
    expect(await bull.discover()).toEqual([])
  })

  test('waits for a walk that is due, and walks no more often', async ({ kernel, bull, clock }) => {
    expect(await bull.fresh()).toEqual([])
    await foreign(kernel, 'late').add('x', {})
    expect(await bull.fresh()).toEqual([])
    await clock.advance(5_000)
    expect(await bull.fresh()).toEqual(['late'])
  })

  test('is one walk for many processes, each of which keeps to its own queues', async ({ kernel, clock }) => {
    await foreign(kernel, 'mail').add('send', {})
    await foreign(kernel, 'billing-eu').add('x', {})
    const walks = vi.spyOn(kernel.redis, 'scan')
    const own = { ...kernel, settings: { ...kernel.settings, K1N_QUEUES: ['billing-*'] } }
    const [first, second, third] = [kernel, kernel, own].map(createBull)
    expect(await first?.current()).toEqual(['billing-eu', 'mail'])
    const steps = walks.mock.calls.length
    expect([await second?.current(), await third?.fresh()]).toEqual([['billing-eu', 'mail'], ['billing-eu']])
    await foreign(kernel, 'late').add('x', {})
    await clock.advance(5_000)
    expect(await second?.fresh()).toEqual(['billing-eu', 'late', 'mail'])
    expect(await first?.fresh()).toEqual(['billing-eu', 'late', 'mail'])
    expect(walks.mock.calls.length).toBe(2 * steps)
  })

  test('does not hang on a process that died on its walk, nor on a clock that is wrong', async ({ kernel, clock }) => {
    const [first, second] = [createBull(kernel), createBull(kernel)]
    await foreign(kernel, 'mail').add('send', {})
    await first.current()
    await foreign(kernel, 'late').add('x', {})
    await clock.advance(5_000)
    const walking = kernel.key('found', kernel.bullPrefix, 'walking')
    await kernel.redis.set(walking, '1', 'PX', 10_000)
    expect([await first.fresh(), await second.fresh()]).toEqual([['mail'], ['late', 'mail']])
    await kernel.redis.del(walking)
    const found = JSON.stringify({ at: clock.now() + 60_000, restMs: 5_000, names: ['nowhere'] })
    await kernel.redis.set(kernel.key('found', kernel.bullPrefix), found)
    await clock.advance(5_000)
    expect(await first.fresh()).toEqual(['late', 'mail'])
    for (const odd of ['no JSON', JSON.stringify({ at: clock.now(), restMs: 1e15, names: [] })]) {
      await kernel.redis.set(kernel.key('found', kernel.bullPrefix), odd)
      await clock.advance(5_000)
      expect(await first.fresh()).toEqual(['late', 'mail'])
    }
  })

  test('is not of our own queues alone while another process walks, nor without a Redis that takes writes', async ({
    kernel,
    clock,
  }) => {
    await foreign(kernel, 'mail').add('send', {})
    const bull = createBull(kernel)
    await bull.claim('own')
    await kernel.redis.set(kernel.key('found', kernel.bullPrefix, 'walking'), 'another', 'PX', 10_000)
    expect(await bull.current()).toEqual(['mail', 'own'])
    await foreign(kernel, 'late').add('x', {})
    await clock.advance(5_000)
    const refused = vi.spyOn(kernel.redis, 'set').mockRejectedValue(new Error('OOM command not allowed'))
    expect(await bull.fresh()).toEqual(['late', 'mail', 'own'])
    refused.mockRestore()
  })

  test('keeps a queue that was met while what others found was told', async ({ kernel, clock }) => {
    const [first, second] = [createBull(kernel), createBull(kernel)]
    await first.current()
    await clock.advance(1)
    await foreign(kernel, 'late').add('x', {})
    expect(await second.exists('late')).toBe(true)
    expect(await second.current()).toEqual(['late'])
  })

  test('knows a queue made since the last walk as soon as it is asked for', async ({ kernel, bull }) => {
    await bull.discover()
    await foreign(kernel, 'late').add('x', {})
    expect(await bull.exists('late')).toBe(true)
    expect(bull.known()).toEqual(['late'])
  })
})

describe('the event stream', () => {
  test('of an own queue is long, and a foreign one is raised when it is short', async ({ kernel, bull }) => {
    await bull.claim('own')
    expect(await kernel.redis.hget(bull.keys('own').meta, 'opts.maxLenEvents')).toBe(String(EVENTS_MAX_LENGTH))
    await foreign(kernel, 'own').waitUntilReady()
    await foreign(kernel, 'other').add('x', {})
    expect(await bull.assertEventLength('other')).toBe(EVENTS_MAX_LENGTH)
    expect(await kernel.redis.hget(bull.keys('other').meta, 'opts.maxLenEvents')).toBe(String(EVENTS_MAX_LENGTH))
  })

  test('of a foreign queue is left alone when k1n may only observe', async ({ kernel }) => {
    await foreign(kernel, 'other').add('x', {})
    const bull = createBull({ ...kernel, settings: { ...kernel.settings, K1N_ATTACH: 'observe' } })
    expect(await bull.assertEventLength('other')).toBe(10_000)
    expect(await kernel.redis.hget(bull.keys('other').meta, 'opts.maxLenEvents')).toBe('10000')
  })

  test("is not shortened by k1n's own queue objects", async ({ kernel, bull }) => {
    await bull.claim('own')
    await bull.queue('own').add('x', {})
    await bull.queue('own').waitUntilReady()
    expect(await kernel.redis.hget(bull.keys('own').meta, 'opts.maxLenEvents')).toBe(String(EVENTS_MAX_LENGTH))
  })
})

test('counts say what is in a queue, the paused list of BullMQ 5 included', async ({ kernel, bull }) => {
  const queue = foreign(kernel, 'mail')
  await queue.add('a', {})
  await queue.add('b', {}, { priority: 3 })
  await queue.add('c', {}, { delay: 60_000 })
  await queue.pause()
  await kernel.redis.lpush(bull.keys('mail').legacyPaused, 'old-1', 'old-2')
  await kernel.redis.set(bull.keys('broken').completed, 'not a set')
  const counts = await bull.counts(['mail', 'broken', 'nowhere'])
  expect(counts.get('mail')).toMatchObject({
    waiting: 3,
    prioritized: 1,
    delayed: 1,
    active: 0,
    failed: 0,
    paused: true,
  })
  expect(counts.get('broken')).toMatchObject({ completed: 0, paused: false })
  expect(counts.get('nowhere')).toMatchObject({ waiting: 0, paused: false })
})

describe('reading jobs', () => {
  test('knows many that run, wait or lie in no list apart, and a list that is none', async ({ kernel, bull }) => {
    const keys = bull.keys('mail')
    const ids = (what: string): string[] => Array.from({ length: 200 }, (_, n) => `${what}${n}`)
    const [run, wait, lost] = [ids('run'), ids('wait'), ids('lost')]
    for (const id of [...run, ...wait, ...lost]) await kernel.redis.hset(keys.job(id), { name: 'x', timestamp: '1' })
    await kernel.redis.lpush(keys.active, ...run)
    await kernel.redis.lpush(keys.wait, ...wait)
    const read = async (some: string[]) => {
      const jobs = await bull.readStated(some.map((id) => ({ queue: 'mail', id })))
      return new Set(jobs.map((job) => job?.state))
    }
    expect([await read(run), await read(wait), await read(lost)]).toEqual([new Set(['active']), new Set(['waiting']), new Set(['unknown'])]) // prettier-ignore
    await kernel.redis.multi().del(keys.active).set(keys.active, 'no list').exec()
    expect(await read(run)).toEqual(new Set(['unknown']))
  })

  test('tells each state BullMQ has', async ({ kernel, bull }) => {
    const queue = foreign(kernel, 'mail')
    await queue.add('a', {}, { jobId: 'waits' })
    await queue.add('a', {}, { jobId: 'first', priority: 1 })
    const delayed = await queue.add('a', {}, { jobId: 'later', delay: 60_000 })
    await kernel.redis.hset(bull.keys('mail').job('lost'), { name: 'x', timestamp: '1' })
    const ids = ['waits', 'first', 'later', 'lost', 'nobody', 'wait']
    const addresses = ids.map((id) => ({ queue: 'mail', id }))
    expect(await bull.stateOf(addresses)).toEqual([
      'waiting',
      'prioritized',
      'delayed',
      'unknown',
      'missing',
      'missing',
    ])
    const [later] = await bull.readStated([{ queue: 'mail', id: 'later' }])
    expect(later?.score).toBe(delayed.timestamp + 60_000)
  })

  test('finds a waiting job in the middle of a long list when it is the only one asked for', async ({
    kernel,
    bull,
  }) => {
    const queue = foreign(kernel, 'mail')
    await queue.addBulk(
      Array.from({ length: 3_001 }, (_, index) => ({ name: 'a', data: {}, opts: { jobId: `j${index}` } })),
    )
    await kernel.redis.hset(bull.keys('mail').job('lost'), { name: 'x', timestamp: '1' })
    expect(await bull.stateOf([{ queue: 'mail', id: 'j1500' }])).toEqual(['waiting'])
    expect(await bull.stateOf([{ queue: 'mail', id: 'lost' }])).toEqual(['unknown'])
    expect(
      await bull.stateOf([
        { queue: 'mail', id: 'j0' },
        { queue: 'mail', id: 'j1500' },
      ]),
    ).toEqual(['waiting', 'waiting'])
  })

  test('survives every kind of garbage in a hash', async ({ kernel, bull }) => {
    const keys = bull.keys('mail')
    await kernel.redis.hset(keys.job('bad'), {
      name: 'x',
      opts: '{"attempts":',
      atm: 'many',
      ats: '-3',
      timestamp: '1e300',
      processedOn: 'NaN',
      finishedOn: '99999999999999999999',
      stacktrace: '{"a":1}',
      progress: '{',
      data: 'x'.repeat(5_000_000),
      priority: '4.5',
    })
    await kernel.redis.set(keys.job('text'), 'no hash')
    await kernel.redis.hset(keys.job('other'), 'unrelated', '1')
    const [bad, text, other, gone] = await bull.readRaw(
      ['bad', 'text', 'other', 'gone'].map((id) => ({ queue: 'mail', id })),
    )
    expect(bad).toMatchObject({
      name: 'x',
      opts: {},
      attemptsMade: 0,
      attemptsStarted: 0,
      timestamp: 0,
      priority: 4,
      attemptsMax: 1,
      stacktrace: [],
      progress: null,
    })
    expect([bad?.processedOn, bad?.finishedOn]).toEqual([undefined, undefined])
    expect([text, other, gone]).toEqual([undefined, undefined, undefined])
  })
})

test('names of queues that clients only ask for are not remembered for ever', ({ bull }) => {
  const first = bull.keys('asked')
  expect(bull.keys('asked')).toBe(first)
  for (let n = 0; n < 10_000; n++) bull.keys(`asked-${n}`)
  expect(bull.keys('asked')).not.toBe(first)
  expect(bull.keys('asked').wait).toBe(first.wait)
})
