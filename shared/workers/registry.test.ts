// The registry of worker processes.
import { expect, test } from '../../test/support/fixtures.ts'
import { createRegistry, workerId } from './registry.ts'
import type { WorkerInfo } from './registry.ts'

const info = (id: string, started: number): WorkerInfo => ({
  id,
  host: 'h',
  pid: 7,
  version: '1',
  slots: { mail: 50 },
  running: 0,
  started_at: started,
  last_seen_at: started,
  last_fetch_at: null,
  rss_bytes: 1,
  event_loop_lag_ms: 0,
  state: 'running',
  active: [],
})

test('a process that beats is listed, oldest first, until its end is told', async ({ kernel }) => {
  const registry = createRegistry(kernel)
  await registry.beat(info('w_b', 2_000))
  await registry.beat(info('w_a', 1_000))
  expect((await registry.list()).map(({ id }) => id)).toEqual(['w_a', 'w_b'])
  expect(await registry.howEnded('w_a')).toBeUndefined()

  const exit = { exit: 'signal SIGSEGV', by_itself: true, at: 3_000 }
  await registry.ended('w_a', exit)
  expect((await registry.list()).map(({ id }) => id)).toEqual(['w_b'])
  expect(await registry.howEnded('w_a')).toEqual(exit)
})

test('a process that went without a word leaves the list by itself', async ({ kernel }) => {
  const registry = createRegistry(kernel)
  await registry.beat(info('w_gone', 1_000))
  expect(await kernel.redis.pttl(kernel.key('workers', 'info', 'w_gone'))).toBeGreaterThan(10_000)
  await kernel.redis.del(kernel.key('workers', 'info', 'w_gone'))
  await registry.beat(info('w_new', 1_000_000))
  expect((await registry.list()).map(({ id }) => id)).toEqual(['w_new'])
  expect(await kernel.redis.zrange(kernel.key('workers', 'seen'), 0, -1)).toEqual(['w_new'])
})

test('of everyone, each is alive or silent and never both', async ({ kernel }) => {
  const registry = createRegistry(kernel)
  expect(await registry.everyone()).toEqual({ alive: [], silent: [] })
  await registry.beat(info('w_b', 2_000))
  await registry.beat(info('w_still', 1_500))
  await registry.beat(info('w_a', 1_000))
  await kernel.redis.del(kernel.key('workers', 'info', 'w_still'))
  const { alive, silent } = await registry.everyone()
  expect([alive.map(({ id }) => id), silent.map(({ id }) => id)]).toEqual([['w_a', 'w_b'], ['w_still']])
})

test('the name of a process holds no colon and stays short, whatever the host is called', () => {
  expect(workerId('büro:1/x', 12, 'ab')).toBe('w_b-ro-1-x-12-ab')
  expect(workerId('h'.repeat(500), 12, 'ab').length).toBeLessThan(90)
})
