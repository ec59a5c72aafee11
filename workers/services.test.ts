// Jobs whose service is down, from the outside: they wait, fail nothing, are probed one by one, and come back at a pace.
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { catalogOf, kind } from '../shared/catalog/catalog.ts'
import { done } from '../shared/catalog/handler.ts'
import { createBull } from '../shared/bullmq/bullmq.ts'
import type { Bull } from '../shared/bullmq/bullmq.ts'
import { readSettings } from '../shared/kernel/config.ts'
import { createKernel } from '../shared/kernel/kernel.ts'
import type { Kernel } from '../shared/kernel/kernel.ts'
import { parkOf } from '../shared/jobs/state.ts'
import { FORCED } from '../shared/retries/force.ts'
import { heldKey } from '../shared/services/held.ts'
import { service, servicesOf } from '../shared/services/declare.ts'
import { expect, test as base, testRedisUrl } from '../test/support/fixtures.ts'
import { createServiceSide } from './service-side.ts'
import type { ServiceSide } from './service-side.ts'
import { createWorkerProcess } from './process.ts'

const Nothing = z.strictObject({})
const job = <const Name extends string>(name: Name, queue: string, calls?: string) =>
  kind({
    name,
    queue,
    summary: 'Calls a service that is up or down.',
    payload: Nothing,
    result: z.null(),
    retry: { attempts: 9, backoff: { type: 'fixed', delay_ms: 50, jitter: 'none' } },
    ...(calls === undefined ? {} : { service: calls }),
  })
/** `only` is alone in its queue; `mixed` shares one with a kind that calls nobody; `inside` calls within its handler. */
const catalog = catalogOf(job('only', 'only', 'mailer'), job('mixed', 'mixed', 'mailer'), job('free', 'mixed'), job('inside', 'inside'), job('gone', 'remote', 'remote'), job('near', 'remote')) // prettier-ignore

const declared = servicesOf(
  service({
    name: 'mailer',
    summary: 'Up or down.',
    breaker: { window: { min_calls: 4 }, open_ms: 400, open_max_ms: 400, jitter: 0, half_open_max: 1 },
  }),
  service({
    name: 'remote',
    summary: 'Down for longer than a test.',
    breaker: { window: { min_calls: 4 }, open_ms: 60_000, open_max_ms: 60_000, jitter: 0 },
  }),
  service({ name: 'narrow', summary: 'Takes two calls a second.', budget: '2/1s' }),
)

interface World {
  up: boolean
  calls: number[]
  bull: Bull
  kernel: Kernel
  services: ServiceSide
  add(name: keyof typeof catalog, count?: number): Promise<string[]>
  until(what: string, holds: () => boolean | Promise<boolean>): Promise<void>
}

const test = base.extend<{ world: World }>({
  world: async ({ prefix, dir, kernel: { log } }, use) => {
    const settings = readSettings({ REDIS_URL: testRedisUrl(), K1N_DATA_DIR: dir })
    const kernel = createKernel({ settings, role: 'worker', log, tag: prefix, bullPrefix: `bull-${prefix}` })
    const bull = createBull(kernel)
    const services = createServiceSide(kernel, declared)
    const world: World = {
      up: true,
      calls: [],
      bull,
      kernel,
      services,
      async add(name, count = 1) {
        const { queue } = catalog[name]
        const ids = Array.from({ length: count }, (_, n) => `t_${name}-${n}`)
        for (const id of ids) await bull.queue(queue).add(name, {}, { jobId: id, attempts: 9 })
        return ids
      },
      async until(what, holds) {
        const end = Date.now() + 15_000
        while (!(await holds())) {
          if (Date.now() > end) throw new Error(`it never came that ${what}`)
          await wait(15)
        }
      },
    }
    const act = async () => {
      world.calls.push(Date.now())
      // A call takes its time: what runs until the fleet has heard of the failures is bound by it.
      await wait(20)
      if (!world.up) throw Object.assign(new Error('450 try again later'), { code: 'ECONNREFUSED' })
      return done(null)
    }
    const inside = async () => {
      await services.forHandlers.call('narrow', () => void world.calls.push(Date.now()))
      return done(null)
    }
    const worker = createWorkerProcess(kernel, {
      workerId: 'w_one',
      catalog,
      handlers: { only: act, mixed: act, free: () => done(null), inside, gone: act, near: () => done(null) },
      services,
      concurrency: 4,
      onHang: () => undefined,
    })
    await worker.start()
    await use(world)
    await worker.stop(0)
    await bull.close()
    await kernel.close()
  },
})

const states = async ({ bull }: World, queue: string, ids: readonly string[]) =>
  await bull.stateOf(ids.map((id) => ({ queue, id })))
const completed = (world: World, queue: string, ids: readonly string[]) => async () =>
  (await states(world, queue, ids)).every((state) => state === 'completed')
const opens = (world: World) => () => world.services.breakers.stateOf('mailer').state === 'open'

test('a queue that calls one service stops fetching while that is down, and all its jobs complete when it is back', async ({
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

test('in a queue with other kinds jobs are parked with the reason, cost no attempt, and the others run', async ({
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

test('a retry that somebody forced is let through once while the breaker is open, and fails as attempts do', async ({
  world,
}) => {
  const { bull, kernel, services } = world
  world.up = false
  const ids = await world.add('gone', 6)
  await world.until('the breaker opens', () => services.breakers.stateOf('remote').state === 'open')
  const parked = async (id: string): Promise<boolean> => {
    const [raw] = await bull.readRaw([{ queue: 'remote', id }])
    return raw !== undefined && parkOf(raw)?.cause === 'breaker'
  }
  await world.until('all are parked', async () => (await Promise.all(ids.map(parked))).every(Boolean))
  const [id = ''] = ids
  const hash = bull.keys('remote').job(id)
  const made = Number(await kernel.redis.hget(hash, 'atm'))
  await kernel.redis.hset(hash, FORCED, '1')
  await bull.queue('remote').getBackend().promote(id)
  await world.until('it has failed', async () => Number(await kernel.redis.hget(hash, 'atm')) === made + 1)
  await world.until('it is parked again', () => parked(id))
  expect(await kernel.redis.hexists(hash, FORCED)).toBe(0)
  expect(await kernel.redis.hget(hash, 'atm')).toBe(String(made + 1))
})

test('a call inside a handler that its budget refuses parks the job, which completes in its turn', async ({
  world,
}) => {
  const ids = await world.add('inside', 5)
  await world.until('all have completed', completed(world, 'inside', ids))
  expect(world.calls).toHaveLength(5)
  const inAnySecond = world.calls.map((at) => world.calls.filter((other) => other >= at && other < at + 950).length)
  expect(Math.max(...inAnySecond)).toBeLessThanOrEqual(2)
})
