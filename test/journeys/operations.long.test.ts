// Operations as real processes run them: killed in the middle, and paced while they run.
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fill } from '../../scripts/bench/fill.ts'
import { factsOf } from '../../shared/stream/log.ts'
import { startStack, until } from '../support/stack.ts'
import type { Stack } from '../support/stack.ts'

/** A queue of another service whose workers are away: what lives again waits. */
const QUEUE = 'outside'

let stack: Stack
let redis: Redis

beforeAll(async () => {
  stack = await startStack({ K1N_DEMO: 'off' })
  redis = new Redis(stack.redis.url, { maxRetriesPerRequest: null })
})
afterAll(async () => {
  redis.disconnect()
  await stack.stop()
})

const bury = async (count: number): Promise<void> => {
  await redis.hset(`bull:${QUEUE}:meta`, 'opts.maxLenEvents', 200_000)
  await fill(redis, 'bull', QUEUE, 'failed', { count })
}

const resubmit = async (rate_per_s: number): Promise<string> => {
  const asked = await stack.client.dlq.resubmitMany({ body: { filter: { queue: [QUEUE] }, ladder: null, rate_per_s } })
  if (!('id' in asked)) throw new Error('it was a dry run')
  return asked.id
}

const show = (id: string) => stack.client.operations.show({ params: { operation_id: id } })
const doneOf = async (id: string): Promise<number> => (await show(id)).progress.done

/** The process ids of the worker processes, as they tell them themselves. */
const workerPids = async (): Promise<number[]> => {
  const keys = await redis.keys('{k1n}:workers:info:*')
  const infos = await Promise.all(keys.map((key) => redis.get(key)))
  return infos.flatMap((info) => (info === null ? [] : (JSON.parse(info) as { pid: number }).pid))
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('kill -9 of the process that runs it, again and again: each of 20,000 lives again exactly once', async () => {
  const count = 20_000
  await bury(count)
  const id = await resubmit(2_500)
  for (const mark of [3_000, 9_000, 15_000]) {
    await until(
      () => doneOf(id),
      (done) => done >= mark,
      20,
    )
    for (const pid of (await workerPids()).filter(isAlive)) process.kill(pid, 'SIGKILL')
  }
  const ended = await until(
    () => show(id),
    ({ status }) => status !== 'running' && status !== 'queued',
    200,
  )
  expect(ended).toMatchObject({ status: 'succeeded', progress: { total: count, done: count, failed: 0, skipped: 0 } })
  const counts = await redis.multi().llen(`bull:${QUEUE}:wait`).zcard(`bull:${QUEUE}:failed`).exec()
  expect(counts).toEqual([
    [null, count],
    [null, 0],
  ])
  const waiting = new Set(await redis.lrange(`bull:${QUEUE}:wait`, 0, -1))
  expect(waiting.size).toBe(count)
  expect(await livesOf([...waiting])).toEqual(new Set(['1']))
  const told = await toldBy('error_recovery.dlq_entry_resubmitted')
  expect(told).toHaveLength(count)
  expect(new Set(told).size).toBe(count)
}, 180_000)

const livesOf = async (ids: readonly string[]): Promise<Set<string | null>> => {
  const pipeline = redis.pipeline()
  for (const id of ids) pipeline.hget(`bull:${QUEUE}:${id}`, 'k1nLives')
  return new Set(((await pipeline.exec()) ?? []).map(([, lives]) => lives as string | null))
}

/** The dead letters that facts of this name tell of. */
const toldBy = async (name: string): Promise<string[]> =>
  (await redis.xrange('{k1n}:events', '-', '+'))
    .flatMap(factsOf)
    .filter((fact) => fact.name === name)
    .map(({ data }) => (JSON.parse(data) as { dlq_id: string }).dlq_id)

test('a pace is kept to 5 %, also after it was changed, and a pause is heard within a second', async () => {
  await redis.unlink(`bull:${QUEUE}:wait`)
  await bury(30_000)
  const id = await resubmit(500)
  const measure = async (seconds: number): Promise<number> => {
    const [from, begun] = [await doneOf(id), performance.now()]
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
    return ((await doneOf(id)) - from) / ((performance.now() - begun) / 1_000)
  }
  await until(
    () => doneOf(id),
    (done) => done > 0,
    20,
  )
  expect(Math.abs((await measure(10)) - 500) / 500).toBeLessThan(0.05)
  await stack.client.operations.pace({ params: { operation_id: id }, body: { per_s: 2_000 } })
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  expect(Math.abs((await measure(8)) - 2_000) / 2_000).toBeLessThan(0.05)
  const asked = performance.now()
  await stack.client.operations.pause({ params: { operation_id: id } })
  await until(
    () => show(id),
    ({ status }) => status === 'paused',
    20,
  )
  expect(performance.now() - asked).toBeLessThan(1_000)
  const still = await doneOf(id)
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(await doneOf(id)).toBe(still)
  await stack.client.operations.cancel({ params: { operation_id: id } })
}, 120_000)
