// The list of all queues costs what happened in them since it was last asked for, and whatever anybody did is in it at once.
import { Redis } from 'ioredis'
import { vi } from 'vitest'
import { expect, test as base } from '../../test/support/rooms.ts'

const QUEUES = 25

interface Given {
  /** Queues of another service, each with a job that waits. */
  others: string[]
  /** Lists the queues, and says how many commands that took. */
  list: () => Promise<{ commands: number; queues: Map<string, Record<string, unknown>> }>
}

const test = base.extend<Given>({
  others: async ({ foreign, bull }, use) => {
    const names = Array.from({ length: QUEUES }, (_, n) => `other-${n}`)
    for (const name of names) await foreign(name).add('x', {})
    await bull.discover()
    await use(names)
  },
  list: async ({ queues, me, others }, use) => {
    const sent = vi.spyOn(Redis.prototype, 'sendCommand')
    const list: Given['list'] = async () => {
      sent.mockClear()
      const told = await queues.list(me)
      return { commands: sent.mock.calls.length, queues: new Map(told.map((queue) => [queue.name, { ...queue }])) }
    }
    await vi.waitFor(async () => expect((await list()).commands).toBeLessThan(others.length))
    await use(list)
    sent.mockRestore()
  },
})

test('many queues cost less than a command each, and one that changed some more', async ({ list, others, foreign }) => {
  const { commands, queues } = await list()
  expect(commands).toBeLessThanOrEqual(20)
  expect(others.map((name) => queues.get(name)?.['counts'])).toMatchObject(others.map(() => ({ waiting: 1 })))
  await foreign('other-3').add('x', {})
  const after = await list()
  expect(after.queues.get('other-3')).toMatchObject({ counts: { waiting: 2 } })
  expect(after.commands).toBeLessThanOrEqual(25)
})

test('what others do without an event is seen at once', async ({ list, foreign, clock, kernel, bull }) => {
  const other = foreign('other-7')
  await other.drain()
  expect((await list()).queues.get('other-7')).toMatchObject({ counts: { waiting: 0 }, oldest_waiting_ms: null })
  await other.setGlobalConcurrency(3)
  expect((await list()).queues.get('other-7')).toMatchObject({ config: { global_concurrency: 3 } })
  await other.pause()
  await other.add('x', {}, { timestamp: clock.now() - 5_000 })
  expect((await list()).queues.get('other-7')).toMatchObject({ paused: true, oldest_waiting_ms: 5_000 })
  const [id = ''] = await kernel.redis.lrange(bull.keys('other-7').wait, 0, 0)
  await kernel.redis.hset(bull.keys('other-7').job(id), 'timestamp', clock.now() - 60_000)
  expect((await list()).queues.get('other-7')).toMatchObject({ oldest_waiting_ms: 60_000 })
})
