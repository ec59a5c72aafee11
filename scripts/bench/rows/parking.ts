// Row 19: putting a job away whose service lets nobody in, against BullMQ's own way to delay a job that runs.
import { createBreakerStore } from '../../../shared/breakers/store.ts'
import { readSettings } from '../../../shared/kernel/config.ts'
import { createKernel } from '../../../shared/kernel/kernel.ts'
import { DEFAULT_CONFIG } from '../../../shared/services/declare.ts'
import { workerFlags } from '../../../workers/flags.ts'
import { QUEUE } from '../catalog.ts'
import { openQueue } from '../jobs.ts'
import type { BenchQueue } from '../jobs.ts'
import { alternate, commandsOf, costOf, rateOf } from '../pairs.ts'
import type { Slice } from '../pairs.ts'
import type { BenchRedis } from '../redis.ts'
import type { Bench, Row } from '../row.ts'
import type { Side } from '../side.ts'
import { median, ratios } from '../stats.ts'
import { sayJobs } from './worker.ts'

const ROUNDS = 9
const JOBS = 5_000
const CONCURRENCY = '100'
const SERVICE = 'down'
const LOOK_MS = 15

export const parking: Row = {
  id: '19',
  title: `putting jobs away whose breaker is open, ${JOBS} at a time, ${CONCURRENCY} at once`,
  floor: "BullMQ's own Worker, and moveToDelayed of each job",
  async run(bench) {
    const redis = await bench.redis()
    await forceOpen(bench, redis)
    const env = { REDIS_URL: redis.url, K1N_LOG_LEVEL: 'error' }
    const floor = await bench.side('scripts/bench/sides/delaying-worker.ts', env, [CONCURRENCY])
    const k1n = await bench.side('scripts/bench/sides/parking-worker.ts', env, [CONCURRENCY, SERVICE], workerFlags(2))
    const queues = { floor: openQueue(bench, redis, 'raw', QUEUE), k1n: openQueue(bench, redis, 'bull', QUEUE) }
    const sides = {
      floor: sliceOf(redis, floor, queues.floor, `raw:${QUEUE}:delayed`),
      k1n: sliceOf(redis, k1n, queues.k1n, `bull:${QUEUE}:delayed`),
    }
    const before = async (name: keyof typeof queues): Promise<void> => {
      await queues[name].queue.obliterate({ force: true })
      await queues[name].fill(JOBS)
    }
    const slices = await alternate(bench, sides, { rounds: ROUNDS, warmUp: 1, before })
    const against = (of: (slice: Slice) => number): number[] => ratios(slices.k1n.map(of), slices.floor.map(of))
    return {
      figures: [
        {
          bar: { name: 'rate', kind: 'rate', must: { atLeast: 1 / 1.3 }, moonshot: { atLeast: 0.9 } },
          values: against(rateOf),
        },
        {
          bar: { name: 'cpu', kind: 'cpu', must: { atMost: 1.3 }, moonshot: { atMost: 1.1 } },
          values: against(costOf),
        },
        {
          bar: { name: 'commands a job', kind: 'count', unit: '×', must: { atMost: 1.3 } },
          values: [median(slices.k1n.map(commandsOf)) / median(slices.floor.map(commandsOf))],
        },
      ],
      notes: [sayJobs('floor', slices.floor), sayJobs('k1n', slices.k1n)],
    }
  },
}

/** Forced open it stays so, and is not probed. */
const forceOpen = async (bench: Bench, redis: BenchRedis): Promise<void> => {
  const settings = readSettings({ REDIS_URL: redis.url, K1N_LOG_LEVEL: 'error' })
  const kernel = createKernel({ settings, role: 'worker' })
  bench.after(() => kernel.close())
  const force = { op: 'force', to: 'forced_open', ttlMs: 0, actor: 'bench', note: 'row 19' } as const
  await createBreakerStore(kernel).decide(SERVICE, DEFAULT_CONFIG.breaker, force)
}

/** From the moment jobs may be taken until all have been put away. */
const sliceOf =
  (redis: BenchRedis, side: Side, { queue }: BenchQueue, delayed: string) =>
  async (): Promise<Slice> => {
    const before = side.cpuUs()
    const begun = performance.now()
    const untilAway = async (): Promise<number> => {
      await queue.resume()
      let looks = 1
      for (; (await redis.client.zcard(delayed)) < JOBS; looks++) await new Promise((next) => setTimeout(next, LOOK_MS))
      return looks
    }
    const { result: looks, commands, cpuUs } = await redis.during(untilAway)
    const seconds = (performance.now() - begun) / 1_000
    return { count: JOBS, seconds, cpuUs: side.cpuUs() - before, redisUs: cpuUs, commands: commands - looks }
  }
