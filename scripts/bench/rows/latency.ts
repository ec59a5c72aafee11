// Row 4: how long from handing a job over until it has completed, at a calm pace: BullMQ alone, k1n, and k1n over HTTP.
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { nodeFlags } from '../../../shared/kernel/flags.ts'
import { workerFlags } from '../../../workers/flags.ts'
import { generateKey } from '../../../shared/kernel/api-key.ts'
import { readSettings } from '../../../shared/kernel/config.ts'
import { createKernel } from '../../../shared/kernel/kernel.ts'
import type { Principal } from '../../../shared/auth/contract.ts'
import { SCOPES } from '../../../shared/auth/contract.ts'
import { assemble } from '../../../shared/rooms.ts'
import { Pool } from 'undici'
import { benchCatalog, payloadOf, QUEUE } from '../catalog.ts'
import type { BenchRedis } from '../redis.ts'
import type { Bench, Row } from '../row.ts'
import { percentile, ratios } from '../stats.ts'

const SECONDS = 30
const EACH_PER_SECOND = 100
/** p99 of fewer is the luck of a few; so many make one value. */
const BLOCK = 500
const WARM_UP = 100

const sides = ['floor', 'k1n', 'http'] as const
type SideName = (typeof sides)[number]

/** Hands one job over; answers the id it completes under. */
type Hand = (n: number) => Promise<string>

const producer: Principal = { kind: 'key', id: 'key_bench', name: 'bench', scopes: SCOPES, queues: ['*'] }

const floorHand = (bench: Bench, redis: BenchRedis): Hand => {
  const queue = new Queue(QUEUE, { connection: { url: redis.url, maxRetriesPerRequest: null }, prefix: 'raw' })
  bench.after(() => queue.close())
  return async (n) => `raw:${(await queue.add('noop', payloadOf(n), { attempts: 5 })).id ?? ''}`
}

const k1nHand = (bench: Bench, redis: BenchRedis): Hand => {
  const settings = readSettings({ REDIS_URL: redis.url, K1N_LOG_LEVEL: 'error' })
  const kernel = createKernel({ settings, role: 'producer' })
  const rooms = assemble(kernel, benchCatalog())
  bench.after(() => rooms.close().then(() => kernel.close()))
  return async (n) => {
    const { job } = await rooms.jobs.enqueue(producer, { name: 'noop', data: payloadOf(n) })
    return `bull:${job.id.slice(job.id.indexOf(':') + 1)}`
  }
}

const httpHand = async (bench: Bench, redis: BenchRedis): Promise<Hand> => {
  const key = generateKey('sk')
  const env = { REDIS_URL: redis.url, PORT: '0', K1N_ADMIN_KEY: key, K1N_LOG_LEVEL: 'error' }
  const api = await bench.side('scripts/bench/sides/api.ts', env, [], nodeFlags)
  const pool = new Pool(String(api.ready['url']), { connections: 8 })
  bench.after(() => pool.close())
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  return async (n) => {
    const body = JSON.stringify({ name: 'noop', data: payloadOf(n) })
    const reply = await pool.request({ method: 'POST', path: '/api/v2/jobs', headers, body })
    const { id } = (await reply.body.json()) as { id: string }
    return `bull:${id.slice(id.indexOf(':') + 1)}`
  }
}

/** Hears of completions on both sides' event streams, by one connection: what it adds is the same for all. */
const createEnds = (bench: Bench, redis: BenchRedis) => {
  const reader = new Redis(redis.url, { maxRetriesPerRequest: null })
  const ended = new Map<string, number>()
  const waiting = new Map<string, (at: number) => void>()
  let open = true
  const keys = [`raw:${QUEUE}:events`, `bull:${QUEUE}:events`]
  const read = async (): Promise<void> => {
    const cursors = ['0-0', '0-0']
    while (open) {
      const reply = await reader.xread('BLOCK', 1_000, 'STREAMS', ...keys, ...cursors).catch(() => null)
      const at = performance.now()
      for (const [key, entries] of reply ?? []) {
        cursors[keys.indexOf(key)] = entries.at(-1)?.[0] ?? '0-0'
        for (const [, fields] of entries)
          if (fields[1] === 'completed') tell(`${key.slice(0, key.indexOf(':'))}:${fields[3] ?? ''}`, at)
      }
    }
  }
  const tell = (id: string, at: number): void => {
    const wake = waiting.get(id)
    waiting.delete(id)
    if (wake) wake(at)
    else ended.set(id, at)
  }
  void read()
  bench.after(() => {
    open = false
    reader.disconnect()
  })
  return (id: string): Promise<number> => {
    const at = ended.get(id)
    ended.delete(id)
    return at === undefined ? new Promise((resolve) => waiting.set(id, resolve)) : Promise.resolve(at)
  }
}

const blocksOf = (values: readonly number[]): number[][] =>
  Array.from({ length: Math.floor(values.length / BLOCK) }, (_, n) => values.slice(n * BLOCK, (n + 1) * BLOCK))

export const latency: Row = {
  id: '4',
  title: `enqueue until complete at ${EACH_PER_SECOND}/s, job by job in turn`,
  floor: "BullMQ's Queue.add and Worker",
  async run(bench) {
    const redis = await bench.redis()
    const env = { REDIS_URL: redis.url, K1N_LOG_LEVEL: 'error' }
    await bench.side('scripts/bench/sides/raw-worker.ts', env, ['1', '50'])
    await bench.side('scripts/bench/sides/worker.ts', env, ['1', '50'], workerFlags(2))
    const hands: Record<SideName, Hand> = {
      floor: floorHand(bench, redis),
      k1n: k1nHand(bench, redis),
      http: await httpHand(bench, redis),
    }
    const endOf = createEnds(bench, redis)
    const times: Record<SideName, number[]> = { floor: [], k1n: [], http: [] }
    const one = async (side: SideName, n: number): Promise<void> => {
      const begun = performance.now()
      const took = (await endOf(await hands[side](n))) - begun
      if (n >= WARM_UP) times[side].push(took)
    }
    await bench.load.during(() => paced(SECONDS * EACH_PER_SECOND + WARM_UP, one))
    return { figures: figuresOf(times), notes: sides.map((side) => say(side, times[side])) }
  },
}

/** Hands jobs over at an even pace, each side in turn, and waits until all have completed. */
const paced = async (count: number, one: (side: SideName, n: number) => Promise<void>): Promise<void> => {
  const running: Promise<void>[] = []
  const begun = performance.now()
  const everyMs = 1_000 / (EACH_PER_SECOND * sides.length)
  for (let n = 0; n < count * sides.length;) {
    const due = Math.min(count * sides.length, Math.floor((performance.now() - begun) / everyMs))
    for (; n < due; n++) running.push(one(sides[n % sides.length] as SideName, Math.floor(n / sides.length)))
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await Promise.all(running)
}

const figuresOf = (times: Record<SideName, number[]>) => {
  const blocks = { floor: blocksOf(times.floor), k1n: blocksOf(times.k1n), http: blocksOf(times.http) }
  const against = (side: SideName, share: number): number[] =>
    ratios(
      blocks[side].map((block) => percentile(block, share)),
      blocks.floor.map((block) => percentile(block, share)),
    )
  return [
    {
      bar: { name: 'p50', kind: 'time', must: { atMost: 1.1 }, moonshot: { atMost: 1.05 } },
      values: against('k1n', 0.5),
    },
    {
      bar: { name: 'p99', kind: 'time', must: { atMost: 1.5 }, moonshot: { atMost: 1.2 } },
      values: against('k1n', 0.99),
    },
    { bar: { name: 'p50 over HTTP', kind: 'told', must: { atMost: 1.5 } }, values: against('http', 0.5) },
    { bar: { name: 'p99 over HTTP', kind: 'told', must: { atMost: 1.5 } }, values: against('http', 0.99) },
  ] as const
}

const say = (side: string, values: readonly number[]): string =>
  `${side}: p50 ${percentile(values, 0.5).toFixed(2)} ms · p99 ${percentile(values, 0.99).toFixed(2)} ms of ${values.length}`
