// Dead letters go when they are too old, too many or too large, the oldest first, and each time somebody is told.
import { lay, layMany } from '../../test/support/dead-letters.ts'
import { describe, expect, test } from '../../test/support/rooms.ts'
import { readSettings } from '../kernel/config.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createEventLog } from '../stream/log.ts'
import { expire } from './expire.ts'
import { limitsOf } from './janitor.ts'

const T = 1_700_000_000_000
const never = new AbortController().signal

const told = async (kernel: Kernel): Promise<unknown[]> =>
  (await createEventLog(kernel).readAfter('0-0', 100)).map(({ name, data }) => [name, JSON.parse(data) as unknown])
const expired = (queue: string, count: number, reason: string) => [
  'error_recovery.dlq_entries_expired',
  { queue, count, reason },
]

describe('dead letters go', () => {
  test('by age, also cancelled jobs and members without a job, which are not told', async ({
    kernel,
    bull,
    log,
    clock,
  }) => {
    const now = clock.now()
    await layMany({ kernel, bull }, 'mail', 3, now - 10_000)
    await lay({ kernel, bull }, 'mail', 'stopped', now - 9_000, { k1nCancelled: 'enough' })
    await kernel.redis.zadd(bull.keys('mail').failed, now - 8_000, 'no job')
    await lay({ kernel, bull }, 'reports', 'old', now - 10_000)
    await lay({ kernel, bull }, 'mail', 'young', now - 500)
    expect(await expire({ kernel, bull, log }, ['mail', 'reports'], { ageMs: 1_000 }, never)).toBe(6)
    expect(await kernel.redis.zrange(bull.keys('mail').failed, 0, -1)).toEqual(['young'])
    expect(
      await bull.stateOf([
        { queue: 'mail', id: 'd0' },
        { queue: 'mail', id: 'stopped' },
      ]),
    ).toEqual(['missing', 'missing'])
    expect(await told(kernel)).toEqual([expired('mail', 3, 'age'), expired('reports', 1, 'age')])
  })

  test('by number, over all queues together', async ({ kernel, bull, log }) => {
    await layMany({ kernel, bull }, 'mail', 700, T)
    await layMany({ kernel, bull }, 'reports', 10, T + 100_000)
    expect(await expire({ kernel, bull, log }, ['mail', 'reports'], { count: 60 }, never)).toBe(650)
    expect(await kernel.redis.zrange(bull.keys('mail').failed, 0, 0)).toEqual(['d650'])
    expect((await bull.counts(['reports'])).get('reports')).toMatchObject({ failed: 10 })
    expect(await told(kernel)).toEqual([expired('mail', 500, 'count'), expired('mail', 150, 'count')])
    expect(await expire({ kernel, bull, log }, ['mail', 'reports'], { count: 60 }, never)).toBe(0)
  })

  test('by what they take in memory', async ({ kernel, bull, log }) => {
    await layMany({ kernel, bull }, 'mail', 100, T)
    const one = Number(await kernel.redis.memory('USAGE', bull.keys('mail').job('d0'))) + 120
    await expire({ kernel, bull, log }, ['mail'], { bytes: 40 * one }, never)
    const left = await kernel.redis.zcard(bull.keys('mail').failed)
    expect(left).toBeGreaterThanOrEqual(38)
    expect(left).toBeLessThanOrEqual(41)
    expect(await expire({ kernel, bull, log }, ['mail'], { bytes: 1_000 * one }, never)).toBe(0)
  })

  test('and what cannot be removed does not keep it busy for ever', async ({ kernel, bull, log }) => {
    await kernel.redis.zadd(bull.keys('mail').failed, '-inf', 'odd')
    await kernel.redis.hset(bull.keys('mail').job('odd'), 'timestamp', 1)
    expect(await expire({ kernel, bull, log }, ['mail'], { ageMs: 1_000 }, never)).toBe(0)
  })
})

test('nothing goes unless a setting says so', () => {
  expect(limitsOf(readSettings({}))).toEqual({ ageMs: undefined, count: undefined, bytes: undefined })
  const settings = readSettings({ K1N_DLQ_MAX_AGE_DAYS: '30', K1N_DLQ_MAX_COUNT: '5', K1N_DLQ_MAX_BYTES: '7' })
  expect(limitsOf(settings)).toEqual({ ageMs: 30 * 86_400_000, count: 5, bytes: 7 })
})
