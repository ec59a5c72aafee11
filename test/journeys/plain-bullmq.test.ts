// A service with nothing but BullMQ shares the Redis: its queues, jobs, attempts and dead letters are simply there.
import { Queue, Worker } from 'bullmq'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startStack, until } from '../support/stack.ts'
import type { Stack } from '../support/stack.ts'

let stack: Stack
let queue: Queue
let worker: Worker

beforeAll(async () => {
  stack = await startStack()
  const connection = { url: stack.redis.url, maxRetriesPerRequest: null }
  queue = new Queue('invoices', { connection })
  worker = new Worker(
    'invoices',
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
  await stack.stop()
})

test('its queue appears with its workers and counts', async () => {
  await queue.add('print', { invoice: 7 })
  const { data } = await until(
    () => stack.client.queues.list(),
    ({ data: all }) => all.some(({ name, counts }) => name === 'invoices' && counts.completed === 1),
  )
  expect(data.find(({ name }) => name === 'invoices')).toMatchObject({ own: false, workers: 1, paused: false })
})

test('its failed attempts and its dead letter are told with their errors, and the letter can be given another life', async () => {
  const job = await queue.add('doomed', { page: 1 }, { attempts: 3, backoff: { type: 'fixed', delay: 50 } })
  const { data } = await until(
    () => stack.client.dlq.list({ query: { queue: ['invoices'] } }),
    (page) => page.data.length === 1,
  )
  expect(data[0]).toMatchObject({
    task_id: `invoices:${job.id}`,
    name: 'doomed',
    reason: 'exhausted',
    attempts_made: 3,
  })
  const state = await until(
    () => stack.client.retries.show({ params: { task_id: `invoices:${job.id}` } }),
    ({ history }) => history.length === 3,
  )
  expect(state.history.map(({ attempt, outcome, error }) => [attempt, outcome, error?.message])).toEqual([
    [1, 'retrying', 'cannot print page 1'],
    [2, 'retrying', 'cannot print page 2'],
    [3, 'failed', 'cannot print page 3'],
  ])
  const dlq_id = data[0]?.id ?? ''
  expect(await stack.client.dlq.resubmit({ params: { dlq_id }, body: { data_patch: { page: 2 } } })).toMatchObject({
    task_id: `invoices:${job.id}`,
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
  expect(told.data[0]).toMatchObject({ event: 'job:completed', data: { task_id: `invoices:${job.id}`, attempt: 1 } })
  const spans = await stack.client.timeline.spans({ query: { queue: ['invoices'] } })
  expect(spans.id).toContain(job.id)
})
