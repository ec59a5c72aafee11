// What the tests of jobs, queues, dead letters and retries share: rooms on a test's own prefix, people, and workers.
import { Queue, Worker } from 'bullmq'
import type { Job as BullJob, WorkerOptions } from 'bullmq'
import { once } from 'node:events'
import { z } from 'zod'
import { test as base } from './fixtures.ts'
import { SCOPES } from '../../shared/auth/contract.ts'
import type { Principal } from '../../shared/auth/contract.ts'
import { createHistory } from '../../shared/attempts/history.ts'
import { createBull } from '../../shared/bullmq/bullmq.ts'
import type { Bull } from '../../shared/bullmq/bullmq.ts'
import { catalogOf, kind } from '../../shared/catalog/catalog.ts'
import { createExplain } from '../../shared/explain/explain.ts'
import type { Explain } from '../../shared/explain/explain.ts'
import { createDlq } from '../../shared/dlq/dlq.ts'
import type { Dlq } from '../../shared/dlq/dlq.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { isProblem } from '../../shared/kernel/problem.ts'
import type { Problem } from '../../shared/kernel/problem.ts'
import { operationKinds } from '../../shared/operation-kinds.ts'
import { createOperations, createRunner } from '../../shared/operations/operations.ts'
import type { Operations, Runner } from '../../shared/operations/operations.ts'
import { createQueues } from '../../shared/queues/queues.ts'
import type { Queues } from '../../shared/queues/queues.ts'
import { createRetries } from '../../shared/retries/retries.ts'
import type { Retries } from '../../shared/retries/retries.ts'
import { createEventLog } from '../../shared/stream/log.ts'
import type { EventLog } from '../../shared/stream/log.ts'
import { createRegistry } from '../../shared/workers/registry.ts'
import type { Registry } from '../../shared/workers/registry.ts'
import { JobInput } from '../../shared/jobs/contract.ts'
import { createJobs } from '../../shared/jobs/jobs.ts'
import type { Jobs } from '../../shared/jobs/jobs.ts'

/** A catalog of its own, so that tests do not depend on what an installation knows. */
export const testCatalog = catalogOf(
  kind({
    name: 'mail.send',
    queue: 'mail',
    summary: 'Sends a mail.',
    payload: z.strictObject({
      to: z.string().min(1),
      cc: z.array(z.string().min(1)).optional(),
      n: z.number().optional(),
    }),
    result: z.object({}),
    retry: { attempts: 4, backoff: { type: 'fixed', delay_ms: 50, jitter: 'none' } },
    service: 'smtp',
    indexed: ['to', 'n'],
  }),
  kind({
    name: 'report.build',
    queue: 'reports',
    summary: 'Builds a report.',
    payload: z.object({}),
    result: z.object({}),
  }),
)

export const person = (more: Partial<Principal> = {}): Principal => ({
  kind: 'key',
  id: 'key_1',
  name: 'Ada',
  scopes: SCOPES,
  queues: ['*'],
  ...more,
})

/** A producer's input as the API hands it over. */
export const input = (job: z.input<typeof JobInput>): JobInput => JobInput.parse(job)

/** The problem some work fails with. */
export const problemOf = async (work: Promise<unknown>): Promise<Problem> => {
  const error = await work.then(
    (value) => new Error(`it succeeded with ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  )
  if (isProblem(error)) return error
  throw error
}

export interface RoomFixtures {
  bull: Bull
  jobs: Jobs
  queues: Queues
  dlq: Dlq
  explain: Explain
  operations: Operations
  /** Runs operations as a worker would. */
  runner: Runner
  retries: Retries
  registry: Registry
  log: EventLog
  me: Principal
  /** A queue as another service makes it. */
  foreign: (name: string) => Queue
  /** A stock BullMQ worker, closed with the test. */
  work: (queue: string, run: (job: BullJob) => Promise<unknown>, options?: Partial<WorkerOptions>) => Worker
}

export const test = base.extend<RoomFixtures>({
  bull: async ({ kernel }, use) => {
    const bull = createBull(kernel)
    await Promise.all([bull.claim('mail'), bull.claim('reports')])
    await use(bull)
    await bull.close()
  },
  jobs: async ({ kernel, bull }, use) => use(createJobs(kernel, { bull, catalog: testCatalog })),
  registry: async ({ kernel }, use) => use(createRegistry(kernel)),
  queues: async ({ kernel, bull, registry, operations }, use) =>
    use(createQueues(kernel, { bull, registry, operations })),
  explain: async ({ kernel, bull, registry, jobs }, use) => use(createExplain(kernel, { bull, registry, jobs })),
  operations: async ({ kernel, bull }, use) => {
    const operations = createOperations(kernel, { bull, kinds: operationKinds(kernel, bull, testCatalog) })
    await use(operations)
    await operations.close()
  },
  runner: async ({ kernel, bull }, use) => use(createRunner(kernel, operationKinds(kernel, bull, testCatalog))),
  dlq: async ({ kernel, bull, operations }, use) => use(createDlq(kernel, { bull, catalog: testCatalog, operations })),
  retries: async ({ kernel, bull, jobs }, use) =>
    use(createRetries(kernel, { bull, catalog: testCatalog, history: createHistory(kernel, bull), jobs })),
  log: async ({ kernel }, use) => use(createEventLog(kernel)),
  me: async ({}, use) => use(person()),
  foreign: async ({ kernel }, use) => {
    const opened: Queue[] = []
    await use((name) => {
      const queue = new Queue(name, { connection: kernel.redis, prefix: kernel.bullPrefix })
      queue.on('error', () => undefined)
      opened.push(queue)
      return queue
    })
    await Promise.all(opened.map((queue) => queue.close()))
  },
  work: async ({ kernel }, use) => {
    const workers: Worker[] = []
    await use((queue, run, options = {}) => {
      const worker = new Worker(queue, run, { connection: connectionOf(kernel), prefix: kernel.bullPrefix, ...options })
      worker.on('error', () => undefined)
      workers.push(worker)
      return worker
    })
    await Promise.all(workers.map((worker) => worker.close(true)))
  },
})

const connectionOf = (kernel: Kernel) => ({ url: kernel.settings.REDIS_URL, maxRetriesPerRequest: null })

/** The next time a worker says `event` about this job. */
export const saysOf = async (worker: Worker, event: 'completed' | 'failed' | 'active', id: string): Promise<void> => {
  for (;;) {
    const [job] = (await once(worker, event)) as [BullJob | undefined]
    if (job?.id === id) return
  }
}

/** Runs a job to its final failure, as another service's worker would. */
export const die = async (
  { work, bull }: Pick<RoomFixtures, 'work' | 'bull'>,
  queue: string,
  ids: readonly string[],
  error: () => Error = () => new Error('no such mailbox'),
): Promise<void> => {
  const worker = work(queue, () => Promise.reject(error()), { settings: { backoffStrategy: () => 0 } })
  const left = new Set(ids)
  const done = new Promise<void>((resolve) => {
    worker.on('failed', (job) => {
      void (async () => {
        if (!job?.id || !left.has(job.id)) return
        if ((await bull.stateOf([{ queue, id: job.id }]))[0] === 'failed') left.delete(job.id)
        if (left.size === 0) resolve()
      })()
    })
  })
  await done
  await worker.close()
}
export { describe, expect } from 'vitest'
