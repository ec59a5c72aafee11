// Row 3b: what the recorder costs for each job it follows, against what BullMQ's own Worker costs to run that job.
import { workerFlags } from '../../../workers/flags.ts'
import { QUEUE } from '../catalog.ts'
import { openQueue } from '../jobs.ts'
import { alternate, commandsOf, costOf, processCostOf, redisCostOf } from '../pairs.ts'
import type { Slice } from '../pairs.ts'
import type { Row } from '../row.ts'
import { median, ratios } from '../stats.ts'
import { drainOf, sayJobs } from './worker.ts'

const ROUNDS = 9
const JOBS = 10_000
/** A round of the recorder takes half a second: as many as warm it for the second and a half that each side gets. */
const WARM_UP = 3

export const recorder: Row = {
  id: '3b',
  title: `the recorder, for each of ${JOBS} finished jobs it reads back`,
  floor: "BullMQ's own Worker running the same jobs, 100 at once",
  async run(bench) {
    const redis = await bench.redis()
    // The floor's prefix is followed here: the jobs that the Worker ran are the ones the recorder reads.
    const env = { REDIS_URL: redis.url, K1N_BULLMQ_PREFIX: 'raw', K1N_LOG_LEVEL: 'error' }
    const floor = await bench.side('scripts/bench/sides/raw-worker.ts', env, ['1', '100', 'shared'])
    const k1n = await bench.side('scripts/bench/sides/recorder.ts', env, [QUEUE], workerFlags(2))
    const queue = openQueue(bench, redis, 'raw', QUEUE)
    const follow = async (): Promise<Slice> => {
      const before = k1n.cpuUs()
      const begun = performance.now()
      const { result, commands, cpuUs } = await redis.during(() => k1n.ask('catchUp'))
      if (Number(result) < 4 * JOBS) throw new Error(`the recorder read ${String(result)} entries of ${JOBS} jobs`)
      const seconds = (performance.now() - begun) / 1_000
      return { count: JOBS, seconds, cpuUs: k1n.cpuUs() - before, redisUs: cpuUs, commands }
    }
    // The recorder follows what the Worker did just before, so their order cannot turn.
    const slices = await alternate(
      bench,
      { floor: drainOf(redis, floor, queue, JOBS), k1n: follow },
      {
        rounds: ROUNDS,
        warmUp: WARM_UP,
        turn: false,
        before: (name) => (name === 'floor' ? queue.fill(JOBS) : settled()),
      },
    )
    const against = (of: (slice: Slice) => number): number[] => ratios(slices.k1n.map(of), slices.floor.map(of))
    return {
      figures: [
        {
          bar: { name: 'cpu', kind: 'cpu', must: { atMost: 0.5 }, moonshot: { atMost: 0.25 } },
          values: against(costOf),
        },
        {
          bar: {
            name: 'commands a job',
            kind: 'count',
            unit: 'commands',
            must: { atMost: 8 },
            moonshot: { atMost: 4 },
          },
          values: slices.k1n.map(commandsOf),
        },
      ],
      notes: [
        sayJobs('floor', slices.floor),
        sayJobs('k1n', slices.k1n),
        `the processes alone ${median(against(processCostOf)).toFixed(2)}×, Redis alone ${median(against(redisCostOf)).toFixed(2)}×`,
      ],
    }
  },
}

const settled = async (): Promise<void> => undefined
