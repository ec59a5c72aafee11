// Once a minute it is kept how everything stands, by whoever records and by nobody else.
import { createBull } from '../bullmq/bullmq.ts'
import { leaseKey } from '../metrics/progress.ts'
import type { createMoments } from '../rewind/store.ts'
import { createTake } from '../rewind/take.ts'
import { createServices } from '../services/services.ts'
import { expect, test as base } from '../../test/support/fixtures.ts'
import { createMomentKeeper } from './moments.ts'
import { createRecorderStore } from './store.ts'

const MINUTE = 60_000
/** Counts are what the recorder knows already. */
const atRest = {
  ...{ waiting: 0, prioritized: 0, delayed: 0, active: 0, waiting_children: 0, completed: 0, failed: 0 },
  paused: false,
}
const test = base.extend<{ keeper: (fails?: () => boolean) => (queues: readonly string[]) => Promise<void> }>({
  keeper: async ({ kernel, clock }, use) => {
    const bull = createBull(kernel)
    await clock.advance(MINUTE - (clock.now() % MINUTE))
    const take = createTake(kernel, { bull, services: createServices(kernel, { declared: new Map() }), own: [] })
    await use((fails = () => false) => {
      const store = createRecorderStore(kernel, 10_000)
      const keep = createMomentKeeper(kernel, store, (queues, count) =>
        fails() ? Promise.reject(new Error('Redis is slow')) : take(queues, count),
      )
      return async (queues) => {
        await store.acquire()
        await keep(queues, (names) => Promise.resolve(new Map(names.map((name) => [name, atRest]))))
      }
    })
    await bull.close()
  },
})
const kept = async (kernel: Parameters<typeof createMoments>[0]) =>
  (await kernel.redis.xrange(kernel.key('rewind', 'moments'), '-', '+')).map(([id]) => Number(id.split('-')[0]))

test('each minute is kept in its first round', async ({ kernel, keeper, clock }) => {
  const begun = clock.now()
  const keep = keeper()
  for (let round = 0; round < 24; round++) {
    await keep(['mail'])
    await clock.advance(5_000)
  }
  expect(await kept(kernel)).toEqual([begun, begun + MINUTE])
})

test('who takes over within a minute keeps it no second time, and who lost the lease not at all', async ({
  kernel,
  keeper,
  clock,
}) => {
  const [one, other] = [keeper(), keeper()]
  await one([])
  await other([])
  await clock.advance(MINUTE)
  await other([])
  expect(await kept(kernel)).toHaveLength(1)
  await kernel.redis.del(leaseKey(kernel))
  await keeper()([])
  expect(await kept(kernel)).toHaveLength(2)
})

test('a look that fails is tried again, and keeps nobody from recording', async ({ kernel, keeper, logged }) => {
  let broken = true
  const keep = keeper(() => broken)
  await keep([])
  expect(await kept(kernel)).toEqual([])
  expect(logged.some(({ msg, message }) => String(msg ?? message).includes('could not be kept'))).toBe(true)
  broken = false
  await keep([])
  expect(await kept(kernel)).toHaveLength(1)
})

test('a moment of a hundred queues at rest takes 25 commands at most', async ({ kernel, keeper, clock }) => {
  const keep = keeper()
  const queues = Array.from({ length: 100 }, (_, n) => `q${n}`)
  await keep(queues)
  await clock.advance(MINUTE)
  let commands = 0
  const send = kernel.redis.sendCommand.bind(kernel.redis)
  kernel.redis.sendCommand = (...args) => {
    commands++
    return send(...args)
  }
  await keep(queues)
  expect(await kept(kernel)).toHaveLength(2)
  expect(commands).toBeGreaterThan(0)
  expect(commands).toBeLessThanOrEqual(25)
})
