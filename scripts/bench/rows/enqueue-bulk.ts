// Row 2: accepting a thousand jobs in one request over HTTP, against BullMQ's addBulk of as many without any HTTP.
import { nodeFlags } from '../../../shared/kernel/flags.ts'
import { generateKey } from '../../../shared/kernel/api-key.ts'
import { payloadOf } from '../catalog.ts'
import { createHttpLoad } from '../http-load.ts'
import { alternate, commandsOf, costOf, processCostOf, rateOf, redisCostOf } from '../pairs.ts'
import type { Slice } from '../pairs.ts'
import type { BenchRedis } from '../redis.ts'
import type { Bench, Row } from '../row.ts'
import type { Side } from '../side.ts'
import { median, ratios } from '../stats.ts'

const ROUNDS = 8
const SLICE_MS = 1_000
const JOBS = 1_000
const AT_ONCE = 2

const requestOf = (key: string): string => {
  const body = JSON.stringify({ jobs: Array.from({ length: JOBS }, (_, n) => ({ name: 'noop', data: payloadOf(n) })) })
  const head = `POST /api/v2/jobs/bulk HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: Bearer ${key}\r\n`
  return `${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

type Adding = () => Promise<{ count: number; seconds: number }>

const sliceOf = (redis: BenchRedis, side: Side, add: Adding) => async (): Promise<Slice> => {
  const before = side.cpuUs()
  const { result, commands, cpuUs } = await redis.during(add)
  return { ...result, cpuUs: side.cpuUs() - before, redisUs: cpuUs, commands }
}

const overHttp = (bench: Bench, side: Side, key: string): Adding => {
  const request = requestOf(key)
  const load = createHttpLoad({
    url: String(side.ready['url']),
    connections: AT_ONCE,
    request: () => request,
    status: 201,
  })
  bench.after(() => load.close())
  return async () => {
    const { count, seconds } = await load.slice(SLICE_MS)
    return { count: count * JOBS, seconds }
  }
}

const say = (name: string, slices: readonly Slice[]): string =>
  `${name}: ${Math.round(median(slices.map(rateOf)))} jobs/s · ${median(slices.map(processCostOf)).toFixed(1)} µs process + ` +
  `${median(slices.map(redisCostOf)).toFixed(1)} µs Redis · ${median(slices.map(commandsOf)).toFixed(2)} commands a job`

export const enqueueBulk: Row = {
  id: '2',
  title: `POST /jobs/bulk of ${JOBS} with key and check, ${AT_ONCE} connections`,
  floor: `BullMQ's addBulk of ${JOBS} in the process that makes them, ${AT_ONCE} at once`,
  async run(bench) {
    const redis = await bench.redis()
    const key = generateKey('sk')
    const env = { REDIS_URL: redis.url, PORT: '0', K1N_ADMIN_KEY: key, K1N_LOG_LEVEL: 'error' }
    const floor = await bench.side('scripts/bench/sides/raw-bulk.ts', { REDIS_URL: redis.url })
    const api = await bench.side('scripts/bench/sides/api.ts', env, [], nodeFlags)
    const addBulk: Adding = async () => (await floor.ask('run', SLICE_MS, JOBS, AT_ONCE)) as Awaited<ReturnType<Adding>>
    const slices = await alternate(
      bench,
      { floor: sliceOf(redis, floor, addBulk), k1n: sliceOf(redis, api, overHttp(bench, api, key)) },
      { rounds: ROUNDS, warmUp: 1 },
    )
    const against = (of: (slice: Slice) => number): number[] => ratios(slices.k1n.map(of), slices.floor.map(of))
    return {
      figures: [
        {
          bar: { name: 'rate', kind: 'rate', must: { atLeast: 1 }, moonshot: { atLeast: 2.5 } },
          values: against(rateOf),
        },
        { bar: { name: 'cpu', kind: 'cpu', must: { atMost: 1 }, moonshot: { atMost: 0.4 } }, values: against(costOf) },
      ],
      notes: [say('floor', slices.floor), say('k1n', slices.k1n)],
    }
  },
}
