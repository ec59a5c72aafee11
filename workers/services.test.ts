// Jobs whose service is down, from the outside: they wait, fail nothing, are probed one by one, and come back at a pace.
import { parkOf } from '../shared/jobs/state.ts'
import { heldKey } from '../shared/services/held.ts'
import { completed, expect, opens, states, test } from './testing/service-world.ts'

test.concurrent('a queue that calls one service stops fetching while that is down, and all its jobs complete when it is back', async ({
  world,
}) => {
  world.up = false
  const ids = await world.add('only', 80)
  await world.until('the breaker opens', opens(world))
  await world.until(
    'the queue is held',
    async () => (await world.kernel.redis.hexists(heldKey(world.kernel), 'only')) === 1,
  )
  // Two more open periods: each costs one call, of a job that has not failed by it.
  const before = world.calls.length
  const generation = () => world.services.breakers.stateOf('mailer').generation
  const from = generation()
  await world.until('it was probed twice', () => generation() >= from + 4)
  expect(world.calls.length - before).toBeLessThanOrEqual(3)
  const untouched = (await states(world, 'only', ids)).filter((state) => state === 'waiting').length
  expect(untouched).toBeGreaterThan(20)
  world.up = true
  await world.until('all have completed', completed(world, 'only', ids))
  const jobs = await world.bull.readRaw(ids.map((id) => ({ queue: 'only', id })))
  // Nothing was made of probes: only the calls that opened the breaker have cost an attempt.
  const extra = jobs.reduce((sum, each) => sum + (each?.attemptsMade ?? 0) - 1, 0)
  expect(extra).toBeLessThanOrEqual(60)
  expect(await world.kernel.redis.hexists(heldKey(world.kernel), 'only')).toBe(0)
})

test.concurrent('in a queue with other kinds jobs are parked with the reason, cost no attempt, and the others run', async ({
  world,
}) => {
  world.up = false
  await world.add('only', 8)
  await world.until('the breaker opens', opens(world))
  const [id = ''] = await world.add('mixed')
  const [free = ''] = await world.add('free')
  await world.until('the other kind has run', completed(world, 'mixed', [free]))
  await world.until('it is parked', async () => (await states(world, 'mixed', [id]))[0] === 'delayed')
  const [raw] = await world.bull.readRaw([{ queue: 'mixed', id }])
  expect(raw && parkOf(raw)).toMatchObject({ service: 'mailer', cause: 'breaker' })
  expect(raw?.attemptsMade).toBe(0)
  world.up = true
  await world.until('it has completed', completed(world, 'mixed', [id]))
  expect((await world.bull.readRaw([{ queue: 'mixed', id }]))[0]).toMatchObject({ attemptsMade: 1 })
})

test.concurrent('a call inside a handler that its budget refuses parks the job, which completes in its turn', async ({
  world,
}) => {
  const ids = await world.add('inside', 5)
  await world.until('all have completed', completed(world, 'inside', ids))
  expect(world.calls).toHaveLength(5)
  const inAnySecond = world.calls.map((at) => world.calls.filter((other) => other >= at && other < at + 950).length)
  expect(Math.max(...inAnySecond)).toBeLessThanOrEqual(2)
})
