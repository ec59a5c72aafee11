// How retries went must be told as it was: by attempt, error, strategy and queue, for jobs of k1n and of other services.
import { createMetrics } from './metrics.ts'
import type { Metrics } from './metrics.ts'
import { minuteOf } from './buckets.ts'
import { retriesKey } from './retry-counts.ts'
import { done, permanent } from '../catalog/handler.ts'
import type { Handlers } from '../catalog/handler.ts'
import { createRecorder } from '../recorder/recorder.ts'
import { createTestKit } from '../testing/testing.ts'
import type { TestKit } from '../testing/testing.ts'
import { describe, expect, person, test as rooms, testCatalog } from '../../test/support/rooms.ts'

interface Given {
  kit: TestKit<typeof testCatalog>
  retry: Metrics['retry']
  record: () => Promise<number>
}

/** Fails as often as the payload's `n` says, for good when that is negative. */
const handlers: Handlers<typeof testCatalog> = {
  'mail.send': ({ payload: { n = 0 }, attempt }) => {
    if (n < 0) throw permanent(new Error('no such mailbox'))
    if (attempt <= n) throw Object.assign(new Error('busy'), { code: 'ECONNREFUSED' })
    return done({})
  },
  'report.build': () => done({}),
}

const test = rooms.extend<Given>({
  kit: async ({ kernel, bull }, use) => {
    const kit = createTestKit(kernel, { catalog: testCatalog, handlers, bull })
    await use(kit)
    await kit.close()
  },
  retry: async ({ kernel, queues }, use) => {
    const metrics = createMetrics(kernel, {
      queues,
      breakers: { troubled: () => Promise.resolve([]), timeline: () => Promise.resolve({ services: [] }) },
      dead: { series: () => Promise.resolve([]) },
      alerts: { glance: () => Promise.resolve({ firing: [], fired: [] }) },
      durability: () => 'disk',
    })
    await use((principal, query) => metrics.retry(principal, query))
  },
  record: async ({ kernel, bull }, use) => use(() => createRecorder(kernel, bull).catchUp()),
})

const window = '5m'
const ends = (figures: Awaited<ReturnType<Metrics['retry']>>) =>
  figures.distribution.map(({ succeeded, died, trying }) => [succeeded, died, trying])

describe('retries of our own workers', () => {
  test('of a window that has ended are told without what came after it', async ({ kit, retry, record, me, clock }) => {
    await kit.perform('mail.send', { to: 'x', n: 1 })
    await kit.drain()
    await record()
    const then = new Date(clock.now()).toISOString()
    await clock.advance(600_000)
    expect(await retry(me, { window })).toMatchObject({ attempts: 0 })
    expect(await retry(me, { window, to: then })).toMatchObject({ attempts: 1, successes: 1 })
    expect(await retry(me, { window, to: new Date(clock.now() - 900_000).toISOString() })).toMatchObject({
      attempts: 0,
    })
  })

  test('are told by attempt, strategy and error', async ({ kit, retry, record, me }) => {
    for (const n of [0, 1, 2, -1, 9]) await kit.perform('mail.send', { to: 'x', n })
    await kit.drain()
    // Failed once, and not tried again yet.
    await kit.perform('mail.send', { to: 'x', n: 9 })
    await record()
    const figures = await retry(me, { window })
    expect(figures).toMatchObject({
      window_s: 300,
      attempts: 6,
      successes: 2,
      failures: 4,
      success_rate: 2 / 6,
      by_strategy: [{ strategy: 'fixed', retries: 7, avg_delay_ms: 50 }],
      by_error_class: [
        { error_class: 'transient', failures: 8, died: 1 },
        { error_class: 'permanent', failures: 1, died: 1 },
      ],
      by_queue: [{ queue: 'mail', attempts: 6, successes: 2, failures: 4 }],
      avg_delay_ms: 50,
    })
    expect(Math.abs((figures.p95_delay_ms ?? 0) - 50)).toBeLessThanOrEqual(10)
    expect(ends(figures).slice(0, 5)).toEqual([
      [1, 1, 1],
      [1, 0, 0],
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 0],
    ])
    expect(figures.distribution.map(({ attempt }) => attempt)).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
      '7',
      '8',
      '9',
      '10',
      '>10',
    ])
  })

  test('above ten are told as one, those that go on too', async ({ kit, retry, record, me }) => {
    await kit.perform('mail.send', { to: 'x', n: 13 }, { attempts: 20 })
    await kit.drain()
    await kit.perform('mail.send', { to: 'x', n: 12 }, { attempts: 13, id: 'b' })
    await kit.drain()
    await record()
    expect(ends(await retry(me, { window })).at(-1)).toEqual([2, 0, 0])
  })

  test('are counted once, however often the recorder begins anew', async ({ kit, retry, record, me, clock }) => {
    await kit.perform('mail.send', { to: 'x', n: 1 })
    await record()
    await kit.drain()
    await record()
    await record()
    // What was read of a minute is believed for a while.
    await clock.advance(60_000)
    expect(await retry(me, { window })).toMatchObject({ attempts: 1, successes: 1, by_strategy: [{ retries: 1 }] })
  })

  test('cost a job that succeeds at once nothing', async ({ kit, record, kernel }) => {
    await kit.perform('mail.send', { to: 'x' })
    await record()
    const now = minuteOf(Date.now())
    expect(await kernel.redis.exists(retriesKey(kernel, now), retriesKey(kernel, now - 1))).toBe(0)
  })
})

describe("retries of other services' workers", () => {
  test('are told as far as BullMQ keeps them', async ({ foreign, work, bull, retry, record, me }) => {
    const options = { attempts: 3, backoff: { type: 'fixed', delay: 1 } }
    const { id = '' } = await foreign('theirs').add('x', {}, options)
    work('theirs', async ({ attemptsMade }) => {
      if (attemptsMade < 2) throw new Error('not yet')
    })
    while ((await bull.stateOf([{ queue: 'theirs', id }]))[0] !== 'completed') await record()
    await record()
    expect(await retry(me, { window })).toMatchObject({
      attempts: 2,
      successes: 1,
      failures: 1,
      by_strategy: [{ strategy: 'unknown', retries: 2 }],
      by_error_class: [{ error_class: 'unknown', failures: 2, died: 0 }],
      by_queue: [{ queue: 'theirs', success_rate: 0.5 }],
    })
  })
})

test('a window ends, and a queue is told alone or not at all', async ({ kit, retry, record, me, clock }) => {
  await kit.perform('mail.send', { to: 'x', n: 1 })
  await kit.drain()
  await record()
  expect(await retry(me, { window, queue: 'mail' })).toMatchObject({ attempts: 1 })
  for (const nothing of [
    await retry(me, { window, queue: 'reports' }),
    await retry(person({ queues: ['reports'] }), { window }),
    await clock.advance(6 * 60_000).then(() => retry(me, { window })),
  ])
    expect(nothing).toMatchObject({
      attempts: 0,
      success_rate: null,
      p95_delay_ms: null,
      by_queue: [],
      by_strategy: [],
    })
  expect(await retry(me, { window: '1h' })).toMatchObject({ window_s: 3_600, attempts: 1 })
})
