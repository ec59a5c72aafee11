// k1n's own test kit: runs jobs through the real pipeline on the test's own prefix, with no worker running and no waiting.
import { isDeepStrictEqual } from 'node:util'
import { createAttempts } from '../attempts/attempts.ts'
import type { Gate } from '../attempts/attempts.ts'
import { createBull } from '../bullmq/bullmq.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import type { AnyHandlers } from '../catalog/handler.ts'
import { queuesOf } from '../catalog/kind.ts'
import type { Catalog } from '../catalog/kind.ts'
import type { EventKind } from '../kernel/event.ts'
import { makeId } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createEventLog } from '../stream/log.ts'
import { createDrainers } from './drainers.ts'
import type { Ran } from './drainers.ts'
import { nextEvent } from './events.ts'
import type { z } from 'zod'

export type { Ran } from './drainers.ts'

export interface TestKitOptions<C extends Catalog> {
  catalog: C
  handlers: AnyHandlers
  bull?: Bull
  gate?: Gate
}

type PayloadIn<C extends Catalog, Name extends keyof C> = z.input<C[Name]['payload']>

export interface TestKit<C extends Catalog> {
  readonly bull: Bull
  /** Enqueues a job and runs one attempt of it, whatever else waits. The payload goes through JSON, as it would. */
  perform<Name extends keyof C & string>(
    name: Name,
    payload: PayloadIn<C, Name>,
    options?: PerformOptions,
  ): Promise<Ran>
  /** Runs everything that waits or is delayed, of one queue or of all, until nothing is left; answers what ran, in
   *  order. Throws after 1,000 attempts. */
  drain(queue?: string): Promise<Ran[]>
  /** The next fact of a kind that the predicate takes, beginning with those that were appended since the kit was made
   *  and not yet given. Throws after 10 s. */
  next<Kind extends EventKind>(
    kind: Kind,
    takes?: (data: z.output<Kind['data']>) => boolean,
  ): Promise<z.output<Kind['data']>>
  /** Finds a job that has not ended, of this name and with these members in its payload. Throws telling what there is. */
  expectEnqueued(name: keyof C & string, partial?: Record<string, unknown>): Promise<Enqueued>
  close(): Promise<void>
}

export interface PerformOptions {
  attempts?: number
  id?: string
}

export interface Enqueued {
  id: string
  queue: string
  payload: unknown
}

export const createTestKit = <C extends Catalog>(kernel: Kernel, options: TestKitOptions<C>): TestKit<C> => {
  const { catalog, handlers, gate } = options
  const bull = options.bull ?? createBull(kernel)
  const workerId = 'w_test'
  const attempts = createAttempts(kernel, {
    bull,
    catalog,
    handlers,
    workerId,
    ...(gate === undefined ? {} : { gate }),
  })
  const drainers = createDrainers(kernel, { bull, attempts, workerId })
  const next = nextEvent(createEventLog(kernel))

  return {
    bull,
    next,
    drain: (queue) => drainers.drain(queue === undefined ? queuesOf(catalog) : [queue]),
    async perform(name, payload, { attempts: allowed, id } = {}) {
      const kind = kindOf(catalog, name)
      const data: unknown = JSON.parse(JSON.stringify(payload))
      const jobId = id ?? makeId('t', kernel.clock.now())
      // Last in, first out: it is the next one, whatever waits.
      await bull.queue(kind.queue).add(name, data, { jobId, attempts: allowed ?? kind.retry.attempts, backoff: { type: 'k1n' }, lifo: true }) // prettier-ignore
      const ran = await drainers.one(kind.queue)
      if (ran?.id !== jobId) throw new Error(`${name} was not the next job of ${kind.queue}`)
      return ran
    },
    async expectEnqueued(name, partial = {}) {
      const { queue } = kindOf(catalog, name)
      const there = await unfinished(bull, queue)
      const found = there.find((job) => job.name === name && includes(job.payload, partial))
      if (found) return { id: found.id, queue, payload: found.payload }
      const list = there.map((job) => `  ${job.name} ${JSON.stringify(job.payload)}`).join('\n')
      throw new Error(
        `no ${name} with ${JSON.stringify(partial)} is enqueued; in ${queue} there is:\n${list || '  nothing'}`,
      )
    },
    async close() {
      await drainers.close()
      if (options.bull === undefined) await bull.close()
    },
  }
}

const kindOf = (catalog: Catalog, name: string) => {
  const kind = catalog[name]
  if (kind === undefined) throw new Error(`no kind is called ${name}`)
  return kind
}

const unfinished = async (bull: Bull, queue: string) => {
  const jobs = await bull.queue(queue).getJobs(['wait', 'prioritized', 'delayed', 'active', 'waiting-children'], 0, 999)
  return jobs.map(({ name, id = '', data }) => ({ name, id, payload: data as unknown }))
}

const includes = (whole: unknown, part: Record<string, unknown>): boolean =>
  Object.entries(part).every(([name, value]) =>
    isDeepStrictEqual((whole as Record<string, unknown> | null | undefined)?.[name], value),
  )
