// What the recorder looks at between reads: queues that told something, and all of them only once in a while.
import { createBull } from '../bullmq/bullmq.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { minuteOf, totalsKey } from '../metrics/buckets.ts'
import { backlogKey } from '../metrics/levels.ts'
import { FINE_MS, MINUTE_MS, WIDTHS_MS, slotNo } from '../metrics/slots.ts'
import type { WidthMs } from '../metrics/slots.ts'
import { describe, expect, test as base } from '../../test/support/fixtures.ts'
import { SPANS_MAX_BYTES, spansKey } from '../timeline/spans.ts'
import { eventLogKey } from '../stream/log.ts'
import { LOG_AGE_MS, createHousekeeping } from './housekeeping.ts'

const test = base.extend<{ bull: Bull }>({
  bull: async ({ kernel }, use) => {
    const bull = createBull(kernel)
    await use(bull)
    await bull.close()
  },
})

const waiting = ({ redis, ...kernel }: Kernel): Promise<string | null> =>
  redis.hget(totalsKey({ redis, ...kernel }, minuteOf(kernel.clock.now())), 'waiting')

/** Counts which queues are asked about. */
const watched = (bull: Bull): { bull: Bull; asked: string[][] } => {
  const asked: string[][] = []
  return {
    asked,
    bull: {
      ...bull,
      counts: (queues) => {
        asked.push([...queues])
        return bull.counts(queues)
      },
    },
  }
}

/** One round of its housekeeping. */
const roundsOf = (...args: Parameters<typeof createHousekeeping>) => {
  const housekeeping = createHousekeeping(...args)
  return (queues: readonly string[], round: number): Promise<void> => housekeeping.round(queues, round)
}

test('a queue is counted again when its events moved, and its last count stays in the gauge', async ({
  kernel,
  bull,
}) => {
  const { bull: seen, asked } = watched(bull)
  const cursors = new Map<string, string>()
  const tidy = roundsOf(kernel, seen, cursors)
  await Promise.all(['a', 'b'].map((queue) => bull.queue(queue).add('welcome', {})))
  await tidy(['a', 'b'], 0)
  expect(await waiting(kernel)).toBe('2')
  await bull.queue('b').add('welcome', {})
  cursors.set(bull.keys('b').events, '1-0')
  await tidy(['a', 'b'], 1)
  await tidy(['a', 'b'], 2)
  expect(asked).toEqual([['a', 'b'], ['b'], []])
  expect(await waiting(kernel)).toBe('3')
})

test('how many wait is told of the minute and of what it is in, and none of that stays for ever', async ({
  kernel,
  bull,
}) => {
  await bull.queue('a').add('welcome', {})
  await createHousekeeping(kernel, bull, new Map()).round(['a'], 0)
  for (const width of WIDTHS_MS) {
    const key = totalsKey(kernel, slotNo(kernel.clock.now(), width), width)
    expect(await kernel.redis.hget(key, 'waiting')).toBe('1')
    expect(await kernel.redis.ttl(key)).toBeGreaterThan(width === FINE_MS ? 2 * 60 * 60 : 90 * 24 * 60 * 60)
  }
})

test('lines are told as the last look found them: the longest by name, others in one number, and none once nothing waits', async ({
  kernel,
  bull,
}) => {
  const names = Array.from({ length: 22 }, (_, n) => `q${String(n).padStart(2, '0')}`)
  const cursors = new Map<string, string>()
  const tidy = roundsOf(kernel, bull, cursors)
  const told = (width: WidthMs) => kernel.redis.hgetall(backlogKey(kernel, slotNo(kernel.clock.now(), width), width))
  for (const name of names) await bull.queue(name).add('welcome', {})
  await bull.queue('q00').add('welcome', {})
  await tidy(names, 0)
  expect(await told(MINUTE_MS)).toMatchObject({ 'n|q00': '2', 'n|q19': '1', r: '2' })
  for (const name of names) {
    await bull.queue(name).drain()
    cursors.set(bull.keys(name).events, '1-0')
  }
  await tidy(names, 1)
  for (const width of WIDTHS_MS) expect(await told(width)).toEqual({ r: '0' })
})

test('queues where nothing happens are looked at all the same, some minutes later', async ({ kernel, bull }) => {
  const { bull: seen, asked } = watched(bull)
  const tidy = roundsOf(kernel, seen, new Map())
  await tidy(['a'], 0)
  await tidy(['a'], 89)
  await tidy(['a'], 90)
  expect(asked).toEqual([['a'], [], ['a']])
})

test('the oldest spans of a queue go when all of them are too large', async ({ kernel, bull }) => {
  const key = spansKey(kernel, 'a')
  const text = 'x'.repeat(SPANS_MAX_BYTES / 16)
  for (let n = 1; n <= 20; n++) await kernel.redis.xadd(key, `${kernel.clock.now()}-${n}`, 's', text)
  await createHousekeeping(kernel, bull, new Map()).round(['a'], 0)
  expect(Number(await kernel.redis.call('MEMORY', 'USAGE', key))).toBeLessThanOrEqual(SPANS_MAX_BYTES)
  const kept = (await kernel.redis.xrange(key, '-', '+')).map(([id]) => Number(id.split('-')[1]))
  expect(kept.at(-1)).toBe(20)
  expect(kept.length).toBeGreaterThan(10)
})

describe('the log of facts', () => {
  const DAY_MS = LOG_AGE_MS
  /** A hundred facts of each of the last three days: Redis removes them by the node, which holds as many. */
  const threeDays = async (kernel: Kernel): Promise<string[]> => {
    const days = [3, 2, 1].map((day) => kernel.clock.now() - day * DAY_MS)
    for (const at of days)
      for (let n = 0; n < 100; n++) await kernel.redis.xadd(eventLogKey(kernel), `${at}-${n}`, 'queue.drained@5', '{}')
    return days.map((at) => `${at}-99`)
  }
  const count = (kernel: Kernel): Promise<number> => kernel.redis.xlen(eventLogKey(kernel))
  const stand = (kernel: Kernel, name: string, at: string): Promise<number> =>
    kernel.redis.hset(kernel.key('stream', 'consumers'), name, at)

  test('is trimmed by age, but for its newest fact and what a durable consumer has not read', async ({
    kernel,
    bull,
  }) => {
    const [old = '', middle = ''] = await threeDays(kernel)
    const tidy = roundsOf(kernel, bull, new Map())
    await stand(kernel, 'fast', middle)
    await stand(kernel, 'slow', old)
    await tidy([], 0)
    expect(await kernel.redis.xrange(eventLogKey(kernel), old, old)).toHaveLength(1)
    await stand(kernel, 'slow', middle)
    await tidy([], 0)
    expect(await count(kernel)).toBe(200)
    await stand(kernel, 'slow', '99999999999999-0')
    await stand(kernel, 'fast', '99999999999999-0')
    await tidy([], 0)
    expect(await count(kernel)).toBe(100)
  })

  test('that is over its cap loses the oldest facts even so, and says who had not read them', async ({
    kernel,
    bull,
    logged,
  }) => {
    const [old = ''] = await threeDays(kernel)
    await stand(kernel, 'slow', old)
    const small = { ...kernel, settings: { ...kernel.settings, K1N_EVENTS_MAX_BYTES: 4_000 } }
    await createHousekeeping(small, bull, new Map()).round([], 0)
    expect(await count(kernel)).toBeLessThan(300)
    expect(logged).toContainEqual(expect.objectContaining({ level: 'error', unreadBy: ['slow'] }))
  })
})
