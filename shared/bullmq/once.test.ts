// Jobs that are made once for all: neither a command that comes late nor one that comes again makes a second.
import { expect, test } from '../../test/support/rooms.ts'
import { systemClock } from '../kernel/clock.ts'
import { createBull } from './bullmq.ts'
import type { NewJob } from './bullmq.ts'

const UNTIL_MS = 3_000
const address = { queue: 'q', id: 's_digest_1' }

const job = (timestamp: number, until?: number): NewJob => ({
  ...address,
  ...{ name: 'digest', data: '{}', opts: {}, timestamp, delay: 0, priority: 0, lifo: false },
  ...(until === undefined ? {} : { once: { until } }),
})

test('a command that comes again makes no second job, though the first has gone', async ({ bull, clock }) => {
  const sent = job(clock.now(), clock.now() + UNTIL_MS)
  expect(await bull.add(sent)).toBe('stored')
  expect(await bull.add(sent)).toBe('exists')
  await bull.queue('q').remove(address.id)
  expect(await bull.add(sent)).toBe('exists')
  expect(await bull.stateOf([address])).toEqual(['missing'])
})

test('a command that comes too late makes no job', async ({ bull, clock }) => {
  const sent = job(clock.now(), clock.now() + UNTIL_MS)
  await clock.advance(UNTIL_MS)
  expect(await bull.add(sent)).toBe('late')
  expect(await bull.stateOf([address])).toEqual(['missing'])
  expect(await bull.add(job(clock.now(), clock.now() + 1))).toBe('stored')
})

test('by the clock of Redis a command comes in time or late', async ({ kernel }) => {
  const bull = createBull({ ...kernel, clock: systemClock })
  const now = Date.now()
  expect(await bull.add(job(now, now - 1))).toBe('late')
  expect(await bull.add(job(now, now + 60_000))).toBe('stored')
})

test('jobs of one turn are judged one by one', async ({ bull, clock }) => {
  const now = clock.now()
  const jobs = [job(now, now), { ...job(now, now + 1), id: 's_digest_2' }, { ...job(now), id: 't_3' }, job(now, now)]
  expect(await Promise.all(jobs.map((one) => bull.add(one)))).toEqual(['late', 'stored', 'stored', 'late'])
})

test('the trace is kept for a day, and for a minute once it is told that nobody begins to make the job any more', async ({
  bull,
  clock,
  kernel,
}) => {
  const trace = bull.keys('q').made(address.id)
  await bull.add(job(clock.now(), clock.now() + UNTIL_MS))
  const untold = await kernel.redis.pttl(trace)
  await bull.forgetMade(address)
  const told = await kernel.redis.pttl(trace)
  expect([untold, told].map((ms) => Math.ceil(ms / 60_000))).toEqual([24 * 60, 1])
})

test('other jobs leave no trace', async ({ bull, clock, kernel }) => {
  await bull.add(job(clock.now()))
  await bull.forgetMade(address)
  expect(await kernel.redis.exists(bull.keys('q').made(address.id))).toBe(0)
})
