// Row 3: jobs that do nothing through k1n's worker process, against BullMQ's own Worker. The recorder is stopped.
import { workerFlags } from '../../../workers/flags.ts'
import { QUEUE } from '../catalog.ts'
import { openQueue } from '../jobs.ts'
import type { BenchQueue } from '../jobs.ts'
import { alternate, commandsOf, costOf, processCostOf, rateOf, redisCostOf } from '../pairs.ts'
import type { Slice } from '../pairs.ts'
import type { BenchRedis } from '../redis.ts'
import type { Row } from '../row.ts'
import type { Side } from '../side.ts'
import { median, ratios } from '../stats.ts'

const ROUNDS = 9
const JOBS = 10_000
const CONCURRENCY = '100'

/** Fills while nobody takes, then measures from the moment jobs may be taken until all have completed. */
export const drainOf =
  (redis: BenchRedis, side: Pick<Side, 'cpuUs'>, queue: BenchQueue, jobs = JOBS) =>
  async (): Promise<Slice> => {
    const before = side.cpuUs()
    const begun = performance.now()
    const { result: looks, commands, cpuUs } = await redis.during(() => queue.drain(jobs))
    const seconds = (performance.now() - begun) / 1_000
    return { count: jobs, seconds, cpuUs: side.cpuUs() - before, redisUs: cpuUs, commands: commands - looks }
  }

export const sayJobs = (name: string, slices: readonly Slice[]): string =>
  `${name}: ${Math.round(median(slices.map(rateOf)))} jobs/s · ${median(slices.map(processCostOf)).toFixed(1)} µs process + ` +
  `${median(slices.map(redisCostOf)).toFixed(1)} µs Redis · ${median(slices.map(commandsOf)).toFixed(2)} commands a job`

export const worker: Row = {
  id: '3',
  title: `jobs that do nothing, ${JOBS} at a time, ${CONCURRENCY} at once, recorder stopped`,
  floor: "BullMQ's own Worker with the same settings",
  async run(bench) {
    const redis = await bench.redis()
    const env = { REDIS_URL: redis.url, K1N_LOG_LEVEL: 'error' }
    const floor = await bench.side('scripts/bench/sides/raw-worker.ts', env, ['1', CONCURRENCY, 'shared'])
    const k1n = await bench.side('scripts/bench/sides/worker.ts', env, ['1', CONCURRENCY], workerFlags(2))
    const queues = {
      floor: openQueue(bench, redis, 'raw', QUEUE),
      k1n: openQueue(bench, redis, 'bull', QUEUE),
    }
    const sides = {
      floor: drainOf(redis, floor, queues.floor),
      k1n: drainOf(redis, k1n, queues.k1n),
    }
    const slices = await alternate(bench, sides, {
      rounds: ROUNDS,
      warmUp: 1,
      before: (name) => queues[name].fill(JOBS),
    })
    const against = (of: (slice: Slice) => number): number[] => ratios(slices.k1n.map(of), slices.floor.map(of))
    return {
      figures: [
        {
          bar: { name: 'rate', kind: 'rate', must: { atLeast: 0.9 }, moonshot: { atLeast: 0.97 } },
          values: against(rateOf),
        },
        {
          bar: {
            name: 'commands a job',
            kind: 'count',
            unit: 'commands',
            must: { atMost: 27 },
            moonshot: { atMost: 24 },
          },
          values: slices.k1n.map(commandsOf),
        },
        { bar: { name: 'cpu', kind: 'cpu', must: { atMost: 1 / 0.9 } }, values: against(costOf) },
      ],
      notes: [sayJobs('floor', slices.floor), sayJobs('k1n', slices.k1n)],
    }
  },
}
