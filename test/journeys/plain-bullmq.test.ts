// A service with nothing but BullMQ shares the Redis: its queues, jobs, attempts and dead letters are simply there.
import * as bullmq6 from 'bullmq'
import * as bullmq5 from 'bullmq5'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startStack, until } from '../support/stack.ts'
import type { Stack } from '../support/stack.ts'

let stack: Stack

beforeAll(async () => {
  stack = await startStack()
})
afterAll(() => stack.stop())

interface Library {
  Queue: typeof bullmq6.Queue
  Worker: typeof bullmq6.Worker
}
const libraries: [version: number, library: Library][] = [
  [5, bullmq5 as unknown as Library],
  [6, bullmq6],
]

describe.each(libraries)('with BullMQ %i and its default options', (version, { Queue, Worker }) => {
  const name = `invoices-${version}`
  let queue: bullmq6.Queue
  let worker: bullmq6.Worker

  beforeAll(() => {
    const connection = { url: stack.redis.url, maxRetriesPerRequest: null }
    queue = new Queue(name, { connection })
    worker = new Worker(
      name,
      async (job) => {
        if (job.name === 'doomed') throw new TypeError(`cannot print page ${job.attemptsMade + 1}`)
        return { printed: true }
      },
      { connection },
    )
  })
  afterAll(async () => {
    await worker.close()
    await queue.close()
  })

  test('its queue appears with its workers and counts', async () => {
    await queue.add('print', { invoice: 7 })
    const { data } = await until(
      () => stack.client.queues.list(),
      ({ data: all }) => all.some(({ name: found, counts }) => found === name && counts.completed === 1),
    )
    expect(data.find(({ name: found }) => found === name)).toMatchObject({ own: false, workers: 1, paused: false })
  })

  test('its failed attempts and its dead letter are told with their errors, and the letter can be given another life', async () => {
    const job = await queue.add('doomed', { page: 1 }, { attempts: 3, backoff: { type: 'fixed', delay: 50 } })
    const { data } = await until(
      () => stack.client.dlq.list({ query: { queue: [name] } }),
      (page) => page.data.length === 1,
    )
    expect(data[0]).toMatchObject({
      task_id: `${name}:${job.id}`,
      name: 'doomed',
      reason: 'exhausted',
      attempts_made: 3,
    })
    const state = await until(
      () => stack.client.retries.show({ params: { task_id: `${name}:${job.id}` } }),
      ({ history }) => history.length === 3,
    )
    expect(state.history.map(({ attempt, outcome, error }) => [attempt, outcome, error?.message])).toEqual([
      [1, 'retrying', 'cannot print page 1'],
      [2, 'retrying', 'cannot print page 2'],
      [3, 'failed', 'cannot print page 3'],
    ])
    const dlq_id = data[0]?.id ?? ''
    expect(await stack.client.dlq.resubmit({ params: { dlq_id }, body: { data_patch: { page: 2 } } })).toMatchObject({
      task_id: `${name}:${job.id}`,
    })
    await until(
      async () => (await queue.getJob(job.id ?? ''))?.finishedOn,
      (finishedOn) => finishedOn !== undefined,
    )
    expect((await queue.getJob(job.id ?? ''))?.data).toEqual({ page: 2 })
  })

  test('its facts are in the stream, and its jobs on the timeline', async () => {
    const { cursor } = await stack.client.stream.poll({ query: { topics: ['job:*'] } })
    const job = await queue.add('print', { invoice: 8 })
    const told = await until(
      () => stack.client.stream.poll({ query: { topics: ['job:completed'], after: cursor, wait: 5 } }),
      ({ data }) => data.length > 0,
    )
    expect(told.data[0]).toMatchObject({ event: 'job:completed', data: { task_id: `${name}:${job.id}`, attempt: 1 } })
    const spans = await stack.client.timeline.spans({ query: { queue: [name] } })
    expect(spans.id).toContain(job.id)
  })
})
