// Row 8: 1,000 state changes a second to 100 dashboards, from BullMQ's change to the socket, against QueueEvents and ws.
import { setTimeout as wait } from 'node:timers/promises'
import { nodeFlags } from '../../../shared/kernel/flags.ts'
import { workerFlags } from '../../../workers/flags.ts'
import { createKernel } from '../../../shared/kernel/kernel.ts'
import { readSettings } from '../../../shared/kernel/config.ts'
import { generateKey } from '../../../shared/kernel/api-key.ts'
import { createAuth } from '../../../shared/auth/auth.ts'
import { SCOPES } from '../../../shared/auth/contract.ts'
import type { Principal } from '../../../shared/auth/contract.ts'
import type { BenchRedis } from '../redis.ts'
import type { Row } from '../row.ts'
import type { Side } from '../side.ts'
import { median, percentile, ratios } from '../stats.ts'

const CLIENTS = 100
/** Clients that read what they get; the delays are theirs. */
const READERS = 4
const PER_SECOND = 1_000
const SECONDS = 4
const ROUNDS = 4
/** Streams one principal may hold open. */
const STREAMS_PER_KEY = 20

interface Slice {
  delays: number[]
  processUs: number
  redisUs: number
}

const per = (us: number): string => `${((us / SECONDS / 1e6) * 100).toFixed(0)} % of a core`

const open = async (
  listeners: Side,
  url: string,
  keys: readonly string[],
  hello: object | undefined,
): Promise<void> => {
  const wishes = Array.from({ length: CLIENTS }, (_, index) => {
    const key = keys[Math.floor(index / STREAMS_PER_KEY)]
    return {
      url: `${url.replace('http', 'ws')}/api/v2/stream`,
      headers: key === undefined ? {} : { Authorization: `Bearer ${key}` },
      hello: hello === undefined ? '' : JSON.stringify(hello),
    }
  })
  await listeners.ask('open', wishes, READERS)
}

const admin: Principal = { kind: 'key', id: 'admin', name: 'admin', scopes: SCOPES, queues: ['*'] }

/** Keys of as many principals as are needed. */
const makeKeys = async (redis: BenchRedis, count: number): Promise<string[]> => {
  const settings = readSettings({ REDIS_URL: redis.url, K1N_LOG_LEVEL: 'error' })
  const kernel = createKernel({ settings, role: 'worker' })
  const { keys } = createAuth(kernel)
  const made: string[] = []
  for (let n = 0; n < count; n++)
    made.push(
      (await keys.create(admin, { name: `bench ${n}`, scopes: ['stream:read', 'jobs:read'], queues: ['*'] })).key,
    )
  await kernel.close()
  return made
}

export const live: Row = {
  id: '8',
  title: `${PER_SECOND} changes/s to ${CLIENTS} dashboards`,
  floor: 'QueueEvents and one ws.send for each event and client',
  async run(bench) {
    const redis = await bench.redis()
    const env = { REDIS_URL: redis.url, PORT: '0', K1N_ADMIN_KEY: generateKey('sk'), K1N_LOG_LEVEL: 'error' }
    const floor = await bench.side('scripts/bench/sides/queue-events.ts', { REDIS_URL: redis.url })
    const api = await bench.side('scripts/bench/sides/api.ts', env, [], nodeFlags)
    const recorder = await bench.side('workers/recorder-main.ts', env, [], workerFlags(2))
    const producer = await bench.side('scripts/bench/sides/producer.ts', { REDIS_URL: redis.url })
    const listeners = {
      floor: await bench.side('scripts/bench/sides/listeners.ts'),
      k1n: await bench.side('scripts/bench/sides/listeners.ts'),
    }
    await open(listeners.floor, String(floor.ready['url']), [], undefined)
    const keys = await makeKeys(redis, CLIENTS / STREAMS_PER_KEY)
    const hello = { type: 'subscribe', id: 1, topics: ['job:progress'], batch: true }
    await open(listeners.k1n, String(api.ready['url']), keys, hello)
    const sides = {
      floor: sliceOf(redis, producer, 'raw', [floor], listeners.floor),
      k1n: sliceOf(redis, producer, 'bull', [api, recorder], listeners.k1n),
    }
    const slices = { floor: [] as Slice[], k1n: [] as Slice[] }
    for (let round = -1; round < ROUNDS; round++)
      for (const name of round % 2 === 0 ? (['floor', 'k1n'] as const) : (['k1n', 'floor'] as const)) {
        const slice = await (round < 0 ? sides[name]() : bench.load.during(sides[name]))
        if (round >= 0) slices[name].push(slice)
      }
    return findingOf(slices)
  },
}

const sliceOf =
  (redis: BenchRedis, producer: Side, prefix: string, servers: readonly Side[], listeners: Side) =>
  async (): Promise<Slice> => {
    const cpu = (): number => servers.reduce((sum, server) => sum + server.cpuUs(), 0)
    await listeners.ask('delays')
    const before = cpu()
    const { cpuUs } = await redis.during(async () => {
      await producer.ask('tell', prefix, PER_SECOND * SECONDS, PER_SECOND)
      await allArrived(listeners)
    })
    const delays = (await listeners.ask('delays')) as number[]
    return { delays, processUs: cpu() - before, redisUs: cpuUs }
  }

const ALL = READERS * PER_SECOND * SECONDS
/** After this nothing comes any more: QueueEvents passes over what was trimmed while it was behind. */
const LOST_MS = 3_000

/** What was told last may still be on its way. */
const allArrived = async (listeners: Side): Promise<void> => {
  const until = performance.now() + LOST_MS
  while (Number(await listeners.ask('arrived')) < ALL && performance.now() < until) await wait(20)
}

const lost = (slices: readonly Slice[]): number => slices.reduce((sum, { delays }) => sum + ALL - delays.length, 0)

const findingOf = (slices: Record<'floor' | 'k1n', Slice[]>) => {
  const cost = ({ processUs, redisUs }: Slice): number => processUs + redisUs
  const p99 = ({ delays }: Slice): number => percentile(delays, 0.99)
  const say = (name: 'floor' | 'k1n'): string =>
    `${name}: p50 ${median(slices[name].map(({ delays }) => median(delays))).toFixed(1)} ms · ` +
    `p99 ${median(slices[name].map(p99)).toFixed(1)} ms · processes ${per(median(slices[name].map((s) => s.processUs)))} · ` +
    `Redis ${per(median(slices[name].map((s) => s.redisUs)))}`
  return {
    figures: [
      { bar: { name: 'lost', kind: 'count', unit: 'changes', must: { atMost: 0 } }, values: [lost(slices.k1n)] },
      {
        bar: { name: 'p99', kind: 'time', unit: 'ms', must: { atMost: 100 }, moonshot: { atMost: 20 } },
        values: slices.k1n.map(p99),
      },
      {
        bar: { name: 'cpu', kind: 'cpu', must: { atMost: 0.5 }, moonshot: { atMost: 0.25 } },
        values: ratios(slices.k1n.map(cost), slices.floor.map(cost)),
      },
    ] as const,
    notes: [
      say('floor'),
      `${say('k1n')} (API and recorder together)`,
      `lost: floor ${lost(slices.floor)}, k1n ${lost(slices.k1n)} of ${ALL * slices.floor.length}; the producer is part of both sides’ Redis`,
    ],
  }
}
