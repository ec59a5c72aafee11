// Row 11: leave for a call from k1n's budgets, which lease, against a bucket that asks Redis for every call.
import { alternate, commandsOf, costOf, processCostOf, rateOf, redisCostOf } from '../pairs.ts'
import type { Slice } from '../pairs.ts'
import type { BenchRedis } from '../redis.ts'
import type { Row } from '../row.ts'
import type { Side } from '../side.ts'
import { median, ratios } from '../stats.ts'

const ROUNDS = 8
const SLICE_MS = 1_000
const CALLERS = 50
const CALM_PER_SECOND = 500

/** One process holds both sides, so that nothing but the limiter differs. */
const sliceOf =
  (redis: BenchRedis, side: Side, ask: () => Promise<unknown>): (() => Promise<Slice>) =>
  async () => {
    const before = side.cpuUs()
    const begun = performance.now()
    const { result, commands, cpuUs } = await redis.during(ask)
    const seconds = (performance.now() - begun) / 1_000
    return { count: Number(result), seconds, cpuUs: side.cpuUs() - before, redisUs: cpuUs, commands }
  }

const say = (name: string, slices: readonly Slice[]): string =>
  `${name}: ${Math.round(median(slices.map(rateOf)))} calls/s · ${median(slices.map(processCostOf)).toFixed(1)} µs process + ` +
  `${median(slices.map(redisCostOf)).toFixed(2)} µs Redis · ${median(slices.map(commandsOf)).toFixed(3)} commands a call`

export const limit: Row = {
  id: '11',
  title: `leave for a call, ${CALLERS} callers at once, as fast as they can and ${CALM_PER_SECOND} a second`,
  floor: 'a token bucket in Redis, one EVALSHA a call, in the same process',
  async run(bench) {
    const redis = await bench.redis()
    const side = await bench.side('scripts/bench/sides/limits.ts', { REDIS_URL: redis.url, K1N_LOG_LEVEL: 'error' })
    const hard = (name: string, window: string) =>
      sliceOf(redis, side, () => side.ask('run', name, window, CALLERS, SLICE_MS))
    const calm = (name: string) =>
      sliceOf(redis, side, () => side.ask('pace', name, 'minute', CALM_PER_SECOND, SLICE_MS))
    const slices = await alternate(
      bench,
      {
        floor: hard('floor', 'minute'),
        minute: hard('k1n', 'minute'),
        second: hard('k1n', 'second'),
        calmFloor: calm('floor'),
        calm: calm('k1n'),
      },
      { rounds: ROUNDS },
    )
    const cpu = (name: 'minute' | 'second'): number[] => ratios(slices[name].map(costOf), slices.floor.map(costOf))
    const bars = { kind: 'cpu', must: { atMost: 1 }, moonshot: { atMost: 0.3 } } as const
    const commands = ratios(slices.calm.map(commandsOf), slices.calmFloor.map(commandsOf))
    return {
      figures: [
        { bar: { name: 'cpu, per minute', ...bars }, values: cpu('minute') },
        { bar: { name: 'cpu, per second', ...bars }, values: cpu('second') },
        {
          bar: {
            name: `commands at ${CALM_PER_SECOND}/s`,
            kind: 'count',
            must: { atMost: 1 },
            moonshot: { atMost: 0.3 },
          },
          values: commands,
        },
      ],
      notes: [
        say('floor', slices.floor),
        say('k1n, per minute', slices.minute),
        say('k1n, per second', slices.second),
        say(`floor at ${CALM_PER_SECOND}/s`, slices.calmFloor),
        say(`k1n at ${CALM_PER_SECOND}/s`, slices.calm),
      ],
    }
  },
}
