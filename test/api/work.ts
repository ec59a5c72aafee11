// Plays a worker for one step: takes the next job of a queue and lets it end as a test wants.
import { UnrecoverableError, Worker } from 'bullmq'
import type { Job } from 'bullmq'
import { operationKinds } from '../../shared/operation-kinds.ts'
import { createRunner } from '../../shared/operations/operations.ts'
import type { RunEnd } from '../../shared/operations/operations.ts'
import { testRedisUrl } from '../support/fixtures.ts'
import type { Door } from './fixtures.ts'

const TOKEN = 'test'

/** Takes the next job of the queue and does `work` with it; it is active meanwhile, and after if `work` does not end it. */
const taking = async ({ api }: Door, queue: string, work: (job: Job) => Promise<unknown>): Promise<void> => {
  const url = new URL(testRedisUrl())
  const connection = { host: url.hostname, port: Number(url.port), maxRetriesPerRequest: null }
  // The name is of the form our own workers have: they listen when a job is to be cancelled.
  const worker = new Worker(queue, undefined, {
    autorun: false,
    prefix: api.kernel.bullPrefix,
    connection,
    name: 'w_test-1-a',
  })
  try {
    const job = await worker.getNextJob(TOKEN, { block: false })
    if (!job) throw new Error(`${queue} has no job to take`)
    await work(job)
  } finally {
    await worker.close()
  }
}

/** Takes the next job of the queue; it stays active. */
export const take = (door: Door, queue: string): Promise<void> => taking(door, queue, async () => undefined)

export const complete = (door: Door, queue: string, result: unknown): Promise<void> =>
  taking(door, queue, (job) => job.moveToCompleted(result, TOKEN, false))

/** Lets the next job of the queue die. */
export const kill = (door: Door, queue: string, message = 'the mailbox is gone'): Promise<void> =>
  taking(door, queue, (job) => job.moveToFailed(new UnrecoverableError(message), TOKEN, false))

/** Makes so many dead letters, all of kind `http.request`; answers the addresses of their jobs. */
export const bury = async (door: Door, count: number): Promise<string[]> => {
  const ids: string[] = []
  for (let n = 0; n < count; n++) {
    const body = { name: 'http.request', data: { url: `http://example.com/${n}` } }
    ids.push((await door.client.jobs.create({ body })).id)
    await kill(door, 'http')
  }
  return ids
}

/** Runs an operation for its turn. */
export const runOperation = ({ api: { kernel, rooms } }: Door, id: string): Promise<RunEnd> =>
  createRunner(kernel, operationKinds(kernel, rooms.bull)).run(id, new AbortController().signal)
