// A worker process on a test's own prefix, whose jobs call services that are up or down as the test says.
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { catalogOf, kind } from '../../shared/catalog/catalog.ts'
import { done } from '../../shared/catalog/handler.ts'
import { createBull } from '../../shared/bullmq/bullmq.ts'
import type { Bull } from '../../shared/bullmq/bullmq.ts'
import { readSettings } from '../../shared/kernel/config.ts'
import { createKernel } from '../../shared/kernel/kernel.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { service, servicesOf } from '../../shared/services/declare.ts'
import { test as base, testRedisUrl } from '../../test/support/fixtures.ts'
import { createServiceSide } from '../service-side.ts'
import type { ServiceSide } from '../service-side.ts'
import { createWorkerProcess } from '../process.ts'

export { expect } from '../../test/support/fixtures.ts'

const Nothing = z.strictObject({})
const job = <const Name extends string>(name: Name, queue: string, calls?: string, delay_ms = 50) =>
  kind({
    name,
    queue,
    summary: 'Calls a service that is up or down.',
    payload: Nothing,
    result: z.null(),
    retry: { attempts: 9, backoff: { type: 'fixed', delay_ms, jitter: 'none' } },
    ...(calls === undefined ? {} : { service: calls }),
  })
/** `only` and `lone` are alone in their queues; `mixed` shares one with a kind that calls nobody; `inside` calls within its
 *  handler; the service of `gone` and `lone` stays down for longer than a test. */
export const catalog = catalogOf(job('only', 'only', 'mailer'), job('mixed', 'mixed', 'mailer'), job('free', 'mixed'), job('inside', 'inside'), job('gone', 'remote', 'remote', 400), job('near', 'remote'), job('lone', 'lone', 'remote', 400)) // prettier-ignore

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

export interface World {
  up: boolean
  /** How long a call takes; one that is under way is not ended by what is said later. */
  takesMs: number
  calls: number[]
  bull: Bull
  kernel: Kernel
  services: ServiceSide
  add(name: keyof typeof catalog, count?: number): Promise<string[]>
  until(what: string, holds: () => boolean | Promise<boolean>): Promise<void>
  /** Ends the process at once; its jobs are put back. */
  stop(): Promise<void>
  /** Starts another one. */
  start(): Promise<void>
}

const until: World['until'] = async (what, holds) => {
  const end = Date.now() + 15_000
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`it never came that ${what}`)
    await wait(15)
  }
}

export const test = base.extend<{ world: World }>({
  world: async ({ prefix, dir, kernel: { log } }, use) => {
    const settings = readSettings({ REDIS_URL: testRedisUrl(), K1N_DATA_DIR: dir })
    const kernel = createKernel({ settings, role: 'worker', log, tag: prefix, bullPrefix: `bull-${prefix}` })
    const bull = createBull(kernel)
    const calls: number[] = []
    const act = async () => {
      calls.push(Date.now())
      // A call takes its time: what runs until the fleet has heard of the failures is bound by it.
      await wait(world.takesMs)
      if (!world.up) throw Object.assign(new Error('450 try again later'), { code: 'ECONNREFUSED' })
      return done(null)
    }
    const inside = async () => {
      await world.services.forHandlers.call('narrow', () => void calls.push(Date.now()))
      return done(null)
    }
    const nothing = () => done(null)
    const handlers = { only: act, mixed: act, free: nothing, inside, gone: act, near: nothing, lone: act }
    const make = (services: ServiceSide) =>
      createWorkerProcess(kernel, {
        ...{ workerId: 'w_one', catalog, handlers, services, concurrency: 4, onHang: () => undefined },
        // A job whose process died is soon found.
        bullmq: { stalledInterval: 100 },
      })
    const services = createServiceSide(kernel, declared)
    let worker = make(services)
    const world: World = {
      ...{ up: true, takesMs: 20, calls, bull, kernel, services, until },
      async add(name, count = 1) {
        const { queue } = catalog[name]
        const ids = Array.from({ length: count }, (_, n) => `t_${name}-${n}`)
        for (const id of ids) await bull.queue(queue).add(name, {}, { jobId: id, attempts: 9 })
        return ids
      },
      stop: () => worker.stop(0),
      async start() {
        world.services = createServiceSide(kernel, declared)
        worker = make(world.services)
        await worker.start()
      },
    }
    await worker.start()
    await use(world)
    await worker.stop(0)
    await bull.close()
    await kernel.close()
  },
})

export const states = async ({ bull }: World, queue: string, ids: readonly string[]) =>
  await bull.stateOf(ids.map((id) => ({ queue, id })))
export const completed = (world: World, queue: string, ids: readonly string[]) => async () =>
  (await states(world, queue, ids)).every((state) => state === 'completed')
export const opens = (world: World) => () => world.services.breakers.stateOf('mailer').state === 'open'
