// What the tests of explanations share: jobs on a test's own queues, workers of k1n and of others, and the answer of the API.
import type { Job } from 'bullmq'
import { systemClock } from '../../shared/kernel/clock.ts'
import { createKernel } from '../../shared/kernel/kernel.ts'
import { readSettings } from '../../shared/kernel/config.ts'
import { createBull } from '../../shared/bullmq/bullmq.ts'
import type { Bull, BullState } from '../../shared/bullmq/bullmq.ts'
import { done } from '../../shared/catalog/handler.ts'
import type { Handlers } from '../../shared/catalog/handler.ts'
import { Explanation } from '../../shared/explain/contract.ts'
import { createExplain } from '../../shared/explain/explain.ts'
import type { Explain } from '../../shared/explain/explain.ts'
import type { Cause } from '../../shared/explain/words.ts'
import { createJobs } from '../../shared/jobs/jobs.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { createRegistry } from '../../shared/workers/registry.ts'
import { createWorkerProcess } from '../../workers/process.ts'
import type { WorkerProcess } from '../../workers/process.ts'
import { startTestRedis } from './redis-server.ts'
import { input, test as rooms, testCatalog } from './rooms.ts'

type Send = Handlers<typeof testCatalog>['mail.send']

export interface ExplainFixtures {
  /** Adds a job to `mail` and answers its address. */
  add: (id: string, options?: object) => Promise<string>
  /** The explanation as the API would answer it. */
  of: (address: string) => Promise<Explanation>
  /** Its cause and those behind it. */
  causes: (address: string) => Promise<Cause[]>
  /** A worker process of k1n within this one. */
  own: (send: Send, options?: { concurrency?: number; catalog?: typeof testCatalog }) => Promise<WorkerProcess>
  /** A Redis of its own that one may fill, and explanations of what is in it. */
  small: { kernel: Kernel; bull: Bull; explain: Explain; fill: () => Promise<unknown> }
  /** A job another service's worker runs until the test is over. */
  busy: (queue?: string, options?: object) => Promise<void>
}

export const test = rooms.extend<ExplainFixtures>({
  add: async ({ jobs, me }, use) =>
    use(async (id, options = {}) => {
      const job = { name: 'mail.send', data: { to: 'x' }, id, options }
      return (await jobs.enqueue(me, input(job))).job.id
    }),
  of: async ({ explain, clock, me }, use) =>
    use(async (address) => {
      // Who is connected is asked for every five seconds only.
      await clock.advance(5_000)
      return Explanation.parse(await explain.show(me, address))
    }),
  causes: async ({ of }, use) =>
    use(async (address) => {
      const { cause, further } = await of(address)
      return [cause, ...further.map((reason) => reason.cause)]
    }),
  own: async ({ kernel, prefix, dir }, use) => {
    const closing: (() => Promise<void>)[] = []
    await use(async (send, { concurrency = 2, catalog = testCatalog } = {}) => {
      const settings = readSettings({ REDIS_URL: kernel.settings.REDIS_URL, K1N_DATA_DIR: dir })
      const theirs = createKernel({
        settings,
        role: 'worker',
        clock: systemClock,
        log: kernel.log,
        tag: prefix,
        bullPrefix: `bull-${prefix}`,
      })
      const handlers: Handlers<typeof testCatalog> = { 'mail.send': send, 'report.build': () => done({}) }
      const options = { workerId: `w_test-${prefix}`, catalog, handlers, concurrency, onHang: () => undefined }
      const worker = createWorkerProcess(theirs, options)
      closing.push(async () => {
        await worker.stop(0)
        await theirs.close()
      })
      await worker.start()
      return worker
    })
    for (const close of closing) await close()
  },
  small: async ({ dir }, use) => {
    const redis = await startTestRedis({ appendonly: false })
    const settings = readSettings({ REDIS_URL: redis.url, K1N_DATA_DIR: dir })
    const kernel = createKernel({ settings, role: 'worker', tag: 'small', bullPrefix: 'bull' })
    const bull = createBull(kernel)
    const jobs = createJobs(kernel, { bull, catalog: testCatalog })
    const explain = createExplain(kernel, { bull, registry: createRegistry(kernel), jobs })
    await use({ kernel, bull, explain, fill: () => kernel.redis.config('SET', 'maxmemory', '1mb') })
    await bull.close()
    await kernel.close()
    await redis.stop()
  },
  busy: async ({ bull, foreign, work }, use) => {
    let release = (): void => undefined
    const over = new Promise<void>((resolve) => (release = resolve))
    await use(async (queue = 'mail', options = {}) => {
      work(queue, () => over, options)
      const job = await (bull.isOwn(queue) ? bull.queue(queue) : foreign(queue)).add('long', {})
      await inState(bull, queue, [job.id], 'active')
    })
    release()
  },
})

/** Looks again and again until it is so; each look is a round trip, nothing sleeps. */
export const until = async (isSo: () => Promise<boolean> | boolean): Promise<void> => {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve))
}
/** Waits until BullMQ has jobs of a queue in this state. */
export const inState = (
  bull: Bull,
  queue: string,
  ids: readonly (string | undefined)[],
  state: BullState,
): Promise<void> =>
  until(async () => {
    const states = await bull.stateOf(ids.map((id) => ({ queue, id: id ?? '' })))
    return states.every((one) => one === state)
  })
/** Lets a worker take a job, and nothing more. */
export const take = async (worker: {
  getNextJob: (token: string, how: object) => Promise<Job | undefined>
}): Promise<void> => {
  const job = await worker.getNextJob('token', { block: false })
  if (!job) throw new Error('there was no job to take')
}
/** The value of one figure; undefined where it is not told. */
export const figure = ({ evidence }: Pick<Explanation, 'evidence'>, name: string) =>
  evidence.find((one) => one.name === name)?.value

export { describe, expect } from 'vitest'
