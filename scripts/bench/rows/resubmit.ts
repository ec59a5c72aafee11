// Row 6: giving the dead letters that match a filter another life, against BullMQ's own retry of each of them. The index is
// there, as wherever a recorder runs.
import { createBull } from '../../../shared/bullmq/bullmq.ts'
import { readSettings } from '../../../shared/kernel/config.ts'
import { createKernel } from '../../../shared/kernel/kernel.ts'
import { createRecorder } from '../../../shared/recorder/recorder.ts'
import { workerFlags } from '../../../workers/flags.ts'
import { QUEUE } from '../catalog.ts'
import { fill } from '../fill.ts'
import { alternate, commandsOf, costOf, processCostOf, rateOf, redisCostOf } from '../pairs.ts'
import type { Slice } from '../pairs.ts'
import type { Bench, Row } from '../row.ts'
import { median, ratios } from '../stats.ts'

const LETTERS = 20_000
const ROUNDS = 9

export const resubmit: Row = {
  id: '6',
  title: `another life for ${LETTERS} dead letters that match a filter`,
  floor: "BullMQ's Job.retry of each of them, 100 at once, told their ids",
  async run(bench) {
    const redis = await bench.redis()
    const env = { REDIS_URL: redis.url, K1N_LOG_LEVEL: 'error' }
    const floor = await bench.side('scripts/bench/sides/retry.ts', env)
    const k1n = await bench.side('scripts/bench/sides/resubmit.ts', env, [], workerFlags(1))
    const makeIndex = createIndexer(bench, redis.url)
    const sliceOf = (side: typeof floor, work: () => Promise<unknown>) => async (): Promise<Slice> => {
      const before = side.cpuUs()
      const begun = performance.now()
      const { commands, cpuUs } = await redis.during(work)
      const seconds = (performance.now() - begun) / 1_000
      const waiting = await redis.client.llen(`bull:${QUEUE}:wait`)
      if (waiting !== LETTERS) throw new Error(`${waiting} of ${LETTERS} live again`)
      return { count: LETTERS, seconds, cpuUs: side.cpuUs() - before, redisUs: cpuUs, commands }
    }
    const sides = {
      floor: sliceOf(floor, () => floor.ask('retry', QUEUE, LETTERS)),
      k1n: sliceOf(k1n, async () => k1n.ask('run', await k1n.ask('start', QUEUE, 'fail', null))),
    }
    const before = async (): Promise<void> => {
      await redis.client.flushdb()
      await redis.client.hset(`bull:${QUEUE}:meta`, 'opts.maxLenEvents', 10_000)
      await fill(redis.client, 'bull', QUEUE, 'failed', { count: LETTERS })
      await makeIndex()
    }
    const slices = await alternate(bench, sides, { rounds: ROUNDS, warmUp: 1, before })
    const against = (of: (slice: Slice) => number): number[] => ratios(slices.k1n.map(of), slices.floor.map(of))
    return {
      figures: [
        {
          bar: { name: 'rate', kind: 'rate', must: { atLeast: 1 }, moonshot: { atLeast: 2 } },
          values: against(rateOf),
        },
        { bar: { name: 'cpu', kind: 'cpu', must: { atMost: 1 }, moonshot: { atMost: 0.5 } }, values: against(costOf) },
      ],
      notes: [say('floor', slices.floor), `${say('k1n', slices.k1n)}, choosing them and a fact for each included`],
    }
  },
}

/** Makes the function that makes the index of what lies in Redis. */
const createIndexer = (bench: Bench, url: string): (() => Promise<void>) => {
  const settings = readSettings({ REDIS_URL: url, K1N_LOG_LEVEL: 'error' })
  const kernel = createKernel({ settings, role: 'worker' })
  const bull = createBull(kernel)
  bench.after(() => bull.close().then(() => kernel.close()))
  return async () => {
    await createRecorder(kernel, bull, { leaseMs: 300_000 }).catchUp()
  }
}

const say = (name: string, slices: readonly Slice[]): string =>
  `${name}: ${median(slices.map(rateOf)).toFixed(0)}/s · process ${median(slices.map(processCostOf)).toFixed(1)} µs · ` +
  `Redis ${median(slices.map(redisCostOf)).toFixed(1)} µs · ${median(slices.map(commandsOf)).toFixed(1)} commands each`
