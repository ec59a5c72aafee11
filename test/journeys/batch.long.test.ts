// A batch of 5,000 operations while the processes that take it and work on it are killed: each operation is done once, with a result.
import { Redis } from 'ioredis'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundles } from '../../scripts/setup/bundle.mjs'
import { childrenOf, run, startStack, until } from '../support/stack.ts'
import type { Stack } from '../support/stack.ts'

const COUNT = 5_000
/** A queue of another service whose workers are away. */
const QUEUE = 'outside'
/** From a kill until more is done, in ms. */
const RESUMED_MS = 15_000

let stack: Stack
let redis: Redis

beforeAll(async () => {
  stack = await startStack({ K1N_WORKERS: '2' })
  redis = new Redis(stack.redis.url, { maxRetriesPerRequest: null })
})
afterAll(async () => {
  redis.disconnect()
  await stack.stop()
})

/** Jobs that wait for tomorrow. */
const delay = async (count: number): Promise<string[]> => {
  const ids = Array.from({ length: count }, (_, n) => `late-${n}`)
  const at = Date.now() + 24 * 3_600_000
  const pipeline = redis.pipeline().hset(`bull:${QUEUE}:meta`, 'opts.maxLenEvents', 200_000)
  for (const id of ids)
    pipeline
      .hset(`bull:${QUEUE}:${id}`, { name: 'x', data: '{}', opts: '{}', timestamp: Date.now(), delay: 1, priority: 0 })
      .zadd(`bull:${QUEUE}:delayed`, at * 4_096, id)
  await pipeline.exec()
  return ids
}

const show = (id: string) => stack.client.operations.show({ params: { operation_id: id } })
/** As Redis has it, whether there is an API or not. */
const doneOf = async (id: string): Promise<number> => Number(await redis.hget(`{k1n}:operations:op:${id}`, 'done'))

/** Kills, and waits until more is done than was then. Answers how long that took. */
const kill = async (id: string, ...pids: number[]): Promise<number> => {
  const begun = performance.now()
  for (const pid of pids) process.kill(pid, 'SIGKILL')
  const before = await doneOf(id)
  await until(() => doneOf(id), (done) => done > before, 50) // prettier-ignore
  return performance.now() - begun
}

const killApi = async (id: string): Promise<number> => {
  const gone = once(stack.api.process, 'exit')
  const took = await kill(id, stack.api.process.pid ?? 0)
  await gone
  stack.api = await run(bundles.api.entry, { ...stack.env, PORT: new URL(stack.url).port })
  return took
}

test('kill -9 of workers and the API: each of 5,000 is done once, and tells its result', async () => {
  const ids = await delay(COUNT)
  const operations = ids.map((id) => ({ op: 'promote' as const, task_id: `${QUEUE}:${id}` }))
  const begun = await stack.client.batch.perform({ body: { operations }, headers: { prefer: 'respond-async' } })
  if (!('progress' in begun)) throw new Error('it was done at once')
  const { id } = begun
  await stack.client.operations.pace({ params: { operation_id: id }, body: { per_s: 400 } })
  await until(() => doneOf(id), (done) => done > 200, 20) // prettier-ignore
  const waits = [
    await kill(id, ...childrenOf(stack.workers.process.pid)),
    await killApi(id),
    await kill(id, ...childrenOf(stack.workers.process.pid)),
  ]
  const ended = await until(() => show(id), ({ finished_at }) => finished_at !== null, 200) // prettier-ignore
  process.stdout.write(`went on after ms: ${waits.map(Math.round).join(', ')}\n`)
  expect(ended).toMatchObject({ status: 'succeeded', progress: { total: COUNT, done: COUNT, failed: 0, skipped: 0 } })
  expect(Math.max(...waits)).toBeLessThan(RESUMED_MS)
  expect(await redis.zcard(`bull:${QUEUE}:delayed`)).toBe(0)
  const waiting = await redis.lrange(`bull:${QUEUE}:wait`, 0, -1)
  expect(waiting).toHaveLength(COUNT)
  expect(new Set(waiting).size).toBe(COUNT)
  expect(await resultsOf(id)).toEqual(Array.from({ length: COUNT }, (_, index) => index))
}, 180_000)

/** The places of all results, in the order in which they are told. */
const resultsOf = async (id: string): Promise<number[]> => {
  const places: number[] = []
  let cursor: string | undefined
  do {
    const query = { limit: 100, ...(cursor === undefined ? {} : { cursor }) }
    const { data, page } = await stack.client.operations.results({ params: { operation_id: id }, query })
    places.push(...data.map((one) => Number((one.result as { index?: number } | undefined)?.index ?? one.item)))
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined)
  return places.sort((a, b) => a - b)
}
