// Retries that somebody forced, with the breaker of their service open: the one attempt that was forced is made, and no other.
import { Worker } from 'bullmq'
import { createBreakerStore } from '../shared/breakers/store.ts'
import { createBudgets } from '../shared/budgets/budgets.ts'
import { createJobs } from '../shared/jobs/jobs.ts'
import { parkOf } from '../shared/jobs/state.ts'
import { DEFAULT_CONFIG } from '../shared/services/declare.ts'
import { heldKey } from '../shared/services/held.ts'
import type { HoldCause } from '../shared/services/words.ts'
import { person } from '../test/support/rooms.ts'
import { catalog, expect, test } from './testing/service-world.ts'
import type { World } from './testing/service-world.ts'

const queue = 'remote'
const raw = async ({ bull }: World, id: string) => (await bull.readRaw([{ queue, id }]))[0]
const isParked = (world: World, id: string, cause: HoldCause) => async (): Promise<boolean> => {
  const job = await raw(world, id)
  return job !== undefined && parkOf(job)?.cause === cause
}
const hasMade = (world: World, id: string, attempts: number) => async (): Promise<boolean> =>
  (await raw(world, id))?.attemptsMade === attempts

/** Opens the breaker, and answers a job that has made one attempt and is parked. */
const parkedBehind = async (world: World): Promise<string> => {
  world.up = false
  const ids = await world.add('gone', 5)
  await world.until('all are parked', async () =>
    (await Promise.all(ids.map(async (id) => await isParked(world, id, 'breaker')()))).every(Boolean),
  )
  const tried = await Promise.all(ids.map((id) => raw(world, id)))
  expect(world.services.breakers.stateOf('remote').state).toBe('open')
  world.calls.length = 0
  return tried.find((job) => job?.attemptsMade === 1)?.id ?? ''
}
const force = async (world: World, id: string, resetAttempts = false): Promise<void> => {
  const terms = { from: 'delayed', resetAttempts, delayMs: 0, forced: true } as const
  expect(await world.bull.revive({ queue, id }, terms)).toBe('revived')
}

test.concurrent('it is made while the breaker is open, fails as attempts do, and the one after it is parked', async ({
  world,
}) => {
  const id = await parkedBehind(world)
  await force(world, id)
  await world.until('it has failed', hasMade(world, id, 2))
  await world.until('it is parked', isParked(world, id, 'breaker'))
  expect(world.calls).toHaveLength(1)
  expect(await raw(world, id)).toMatchObject({ attemptsMade: 2 })
})

test.concurrent('counting from the first attempt again, it is made all the same', async ({ world }) => {
  const id = await parkedBehind(world)
  await force(world, id, true)
  await world.until('it is called', () => world.calls.length === 1)
  await world.until('it is parked', isParked(world, id, 'breaker'))
  expect(await raw(world, id)).toMatchObject({ attemptsMade: 1 })
  expect(world.calls).toHaveLength(1)
})

test.concurrent('a job that has never started may be forced too', async ({ world }) => {
  await parkedBehind(world)
  await world.bull.queue(queue).add('gone', {}, { jobId: 't_new', attempts: 9, delay: 600_000 })
  await force(world, 't_new')
  await world.until('it has failed', hasMade(world, 't_new', 1))
  expect(world.calls).toHaveLength(1)
})

test.concurrent('a start that the budget of its service refuses does not use it up', async ({ world }) => {
  const id = await parkedBehind(world)
  await createBudgets(world.kernel).throttle('remote', Date.now() + 2_000)
  await world.until('the process has heard of it', () => isRefused(world))
  await force(world, id)
  await world.until('it waits for the budget', isParked(world, id, 'budget'))
  await world.until('it has failed', hasMade(world, id, 2))
  expect(world.calls).toHaveLength(1)
})

test.concurrent('a start that ends with its process, put back or not, does not use it up', async ({ world }) => {
  const id = await parkedBehind(world)
  world.takesMs = 5_000
  await force(world, id)
  await world.until('it is called', () => world.calls.length === 1)
  await world.stop()
  expect(await raw(world, id)).toMatchObject({ attemptsMade: 1 })
  await take(world, id)
  world.takesMs = 20
  await world.start()
  await world.until('it has failed', hasMade(world, id, 2))
  await world.until('it is parked', isParked(world, id, 'breaker'))
  expect(world.calls).toHaveLength(2)
  expect(await raw(world, id)).toMatchObject({ stalledCounter: 1 })
})

test.concurrent('once the attempt was made with the breaker closed, no later one is let past it', async ({ world }) => {
  const id = await parkedBehind(world)
  await world.stop()
  await force(world, id)
  const command = { op: 'reset', actor: 'Ada', note: '' } as const
  await createBreakerStore(world.kernel).decide('remote', DEFAULT_CONFIG.breaker, command)
  await world.start()
  await world.until('it has failed', hasMade(world, id, 2))
  await failCalls(world, 4)
  await world.until('it is parked', isParked(world, id, 'breaker'))
  expect(world.calls).toHaveLength(1)
  expect(await raw(world, id)).toMatchObject({ attemptsMade: 2 })
})

test.concurrent('another life begins without the force of the one before', async ({ world }) => {
  const id = await parkedBehind(world)
  await world.kernel.redis.hset(world.bull.keys(queue).job(id), 'k1nForced', '1')
  await world.bull.revive({ queue, id }, { from: 'delayed', resetAttempts: true, delayMs: 0 })
  await world.until('it is parked', isParked(world, id, 'breaker'))
  expect(world.calls).toHaveLength(0)
})

test.concurrent('it is made now, before all others, although no worker fetches from its queue', async ({ world }) => {
  const before = await heldWith(world, ['t_late'])
  await forceLone(world, 't_late')
  await world.until('it has failed', hasFailed(world, 't_late'))
  expect(world.calls).toHaveLength(1)
  // Those that come due meanwhile wait in place of being delayed, as nobody fetches them.
  expect(sumOf(await counts(world))).toBe(sumOf(before))
  expect(await isHeld(world)).toBe(true)
})

test.concurrent('several at the same time are all made now', async ({ world }) => {
  const ids = Array.from({ length: 6 }, (_, n) => `t_late-${n}`)
  await heldWith(world, ids)
  await Promise.all(ids.map((id) => forceLone(world, id)))
  for (const id of ids) await world.until(`${id} has failed`, hasFailed(world, id))
  expect(world.calls).toHaveLength(ids.length)
  expect(await isHeld(world)).toBe(true)
})

/** Holds the queue `lone`, with jobs that are not due; answers how many there are of each state, once nothing runs. */
const heldWith = async (world: World, ids: readonly string[]) => {
  world.up = false
  const later = { attempts: 9, delay: 600_000, priority: 7 }
  for (const id of ids) await world.bull.queue('lone').add('lone', {}, { jobId: id, ...later })
  await world.add('lone', 30)
  await world.until('the queue is held', () => isHeld(world))
  await world.until('nothing runs', async () => (await counts(world))['active'] === 0)
  world.calls.length = 0
  return counts(world)
}
const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)
const isHeld = async ({ kernel }: World): Promise<boolean> =>
  (await kernel.redis.hexists(heldKey(kernel), 'lone')) === 1
const forceLone = ({ kernel, bull }: World, id: string) =>
  createJobs(kernel, { bull, catalog }).retry(person(), { queue: 'lone', id }, { forced: true })
const hasFailed =
  ({ bull }: World, id: string) =>
  async (): Promise<boolean> =>
    (await bull.readRaw([{ queue: 'lone', id }]))[0]?.attemptsMade === 1
const counts = ({ bull }: World) => bull.queue('lone').getJobCounts('wait', 'prioritized', 'active', 'delayed')

/** A process that takes the job, and dies with it. */
const take = async ({ bull, kernel }: World, id: string): Promise<void> => {
  const worker = new Worker(queue, null, { connection: kernel.redis, prefix: kernel.bullPrefix, autorun: false })
  const job = await worker.getNextJob('token', { block: false })
  expect(job?.id).toBe(id)
  await kernel.redis.del(`${bull.keys(queue).job(id)}:lock`)
  await worker.close(true)
}

/** Whether even a call that is forced is held back. */
const isRefused = async ({ services }: World): Promise<boolean> => {
  const entry = await services.calls.enter('remote', { forced: true })
  if (entry.entered) entry.leave({ is: 'undecided' })
  return !entry.entered
}

const failCalls = async ({ services }: World, count: number): Promise<void> => {
  for (let n = 0; n < count; n++) {
    const entry = await services.calls.enter('remote', {})
    if (entry.entered) entry.leave({ is: 'failed', error: Object.assign(new Error('no'), { code: 'ECONNREFUSED' }) })
  }
  await services.breakers.flush()
}
