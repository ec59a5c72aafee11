// Row 1: accepting one job over HTTP with everything on, against the shortest service that could.
import { nodeFlags } from '../../../shared/kernel/flags.ts'
import { generateKey } from '../../../shared/kernel/api-key.ts'
import { payloadOf } from '../catalog.ts'
import { createHttpLoad } from '../http-load.ts'
import { alternate, costOf, processCostOf, rateOf, redisCostOf } from '../pairs.ts'
import type { Slice } from '../pairs.ts'
import type { BenchRedis } from '../redis.ts'
import type { Bench, Row } from '../row.ts'
import type { Side } from '../side.ts'
import { median, ratios } from '../stats.ts'

const ROUNDS = 12
const SLICE_MS = 1_150
const CONNECTIONS = 50

const requestOf = (path: string, headers: readonly string[]) => {
  const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n${headers.join('')}`
  return (n: number): string => {
    const body = JSON.stringify({ name: 'noop', data: payloadOf(n) })
    return `${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  }
}

/** Every request with a key of its own, as a careful client sends it. */
const withIdempotencyKey = (request: (n: number) => string) => {
  const run = Date.now().toString(36)
  return (n: number): string => request(n).replace('\r\n', `\r\nIdempotency-Key: "${run}-${n}"\r\n`)
}

const sliceOf = (bench: Bench, redis: BenchRedis, side: Side, request: (n: number) => string) => {
  const load = createHttpLoad({ url: String(side.ready['url']), connections: CONNECTIONS, request, status: 201 })
  bench.after(() => load.close())
  return async (): Promise<Slice> => {
    const before = side.cpuUs()
    const { result, commands, cpuUs } = await redis.during(() => load.slice(SLICE_MS))
    return { ...result, cpuUs: side.cpuUs() - before, redisUs: cpuUs, commands }
  }
}

const say = (name: string, slices: readonly Slice[]): string =>
  `${name}: ${Math.round(median(slices.map(rateOf)))}/s · ${median(slices.map(processCostOf)).toFixed(0)} µs server + ` +
  `${median(slices.map(redisCostOf)).toFixed(0)} µs Redis a request · ` +
  `${median(slices.map(({ commands, count }) => commands / count)).toFixed(1)} commands`

export const enqueue: Row = {
  id: '1',
  title: 'POST /jobs with key, check and Idempotency-Key, 50 connections',
  floor: 'Koa + @koa/bodyparser + zod + queue.add',
  async run(bench) {
    const redis = await bench.redis()
    const key = generateKey('sk')
    const env = { REDIS_URL: redis.url, PORT: '0', K1N_ADMIN_KEY: key, K1N_LOG_LEVEL: 'error' }
    const floor = await bench.side('scripts/bench/sides/koa.ts', { REDIS_URL: redis.url })
    const api = await bench.side('scripts/bench/sides/api.ts', env, [], nodeFlags)
    const plain = requestOf('/api/v2/jobs', [`Authorization: Bearer ${key}\r\n`])
    const slices = await alternate(
      bench,
      {
        floor: sliceOf(bench, redis, floor, requestOf('/jobs', [])),
        k1n: sliceOf(bench, redis, api, withIdempotencyKey(plain)),
        plain: sliceOf(bench, redis, api, plain),
      },
      { rounds: ROUNDS, warmUp: 1 },
    )
    const against = (side: readonly Slice[], of: (slice: Slice) => number): number[] =>
      ratios(side.map(of), slices.floor.map(of))
    return {
      figures: [
        {
          bar: { name: 'rate', kind: 'rate', must: { atLeast: 0.9 }, moonshot: { atLeast: 1.5 } },
          values: against(slices.k1n, rateOf),
        },
        {
          bar: { name: 'cpu', kind: 'cpu', must: { atMost: 1.15 }, moonshot: { atMost: 0.65 } },
          values: against(slices.k1n, costOf),
        },
        {
          bar: { name: 'rate without Idempotency-Key', kind: 'rate', must: { atLeast: 0.9 } },
          values: against(slices.plain, rateOf),
        },
        {
          bar: { name: 'cpu without Idempotency-Key', kind: 'cpu', must: { atMost: 1.15 } },
          values: against(slices.plain, costOf),
        },
      ],
      notes: [
        say('floor', slices.floor),
        say('k1n', slices.k1n),
        say('k1n without Idempotency-Key', slices.plain),
        `${ROUNDS} rounds of ${SLICE_MS} ms each; there is no request limit to switch on yet`,
      ],
    }
  },
}
