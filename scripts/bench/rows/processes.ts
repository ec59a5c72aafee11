// Row 14: whether a job costs more CPU where four worker processes take from the queue than where one does.
import { workerFlags } from '../../../workers/flags.ts'
import { QUEUE } from '../catalog.ts'
import { openQueue } from '../jobs.ts'
import { alternate, costOf, rateOf } from '../pairs.ts'
import type { Slice } from '../pairs.ts'
import type { Bench, Row } from '../row.ts'
import type { Side } from '../side.ts'
import { median, ratios } from '../stats.ts'
import { drainOf, sayJobs } from './worker.ts'

const ROUNDS = 6
/** Before its code is compiled a process pays several times as much for a job, and each of four sees but a quarter of them. */
const WARM_JOBS_EACH = 12_500
const JOBS = 10_000
const SLOTS = 100
const MANY = 4

interface Fleet {
  fill: () => Promise<void>
  slice: () => Promise<Slice>
}

/** So many processes of one sort with a Redis of their own, so that those who rest take nothing from those who work. */
const openFleet = async (bench: Bench, sort: 'raw' | 'k1n', processes: number): Promise<Fleet> => {
  const redis = await bench.redis()
  const env = { REDIS_URL: redis.url, K1N_LOG_LEVEL: 'error' }
  const slots = String(SLOTS / processes)
  const start = (): Promise<Side> =>
    sort === 'raw'
      ? bench.side('scripts/bench/sides/raw-worker.ts', env, ['1', slots, 'shared'])
      : bench.side('scripts/bench/sides/worker.ts', env, ['1', slots], workerFlags(2))
  const sides = await Promise.all(Array.from({ length: processes }, start))
  const cpuUs = (): number => sides.reduce((sum, side) => sum + side.cpuUs(), 0)
  const queue = openQueue(bench, redis, sort === 'raw' ? 'raw' : 'bull', QUEUE)
  const fleet = { fill: () => queue.fill(JOBS), slice: drainOf(redis, { cpuUs }, queue, JOBS) }
  for (let left = WARM_JOBS_EACH * processes; left > 0; left -= JOBS) {
    await fleet.fill()
    await fleet.slice()
  }
  return fleet
}

export const processes: Row = {
  id: '14',
  title: `jobs that do nothing, ${JOBS} at a time, ${SLOTS} at once in ${MANY} worker processes`,
  floor: `the same in one process; for the rate, what BullMQ's own workers make of ${MANY} processes`,
  async run(bench) {
    const fleets = {
      raw: await openFleet(bench, 'raw', 1),
      rawMany: await openFleet(bench, 'raw', MANY),
      k1n: await openFleet(bench, 'k1n', 1),
      k1nMany: await openFleet(bench, 'k1n', MANY),
    }
    const slices = await alternate(
      bench,
      {
        raw: fleets.raw.slice,
        rawMany: fleets.rawMany.slice,
        k1n: fleets.k1n.slice,
        k1nMany: fleets.k1nMany.slice,
      },
      { rounds: ROUNDS, warmUp: 0, before: (name) => fleets[name].fill() },
    )
    const of = (name: keyof typeof slices, figure: (slice: Slice) => number): number[] => slices[name].map(figure)
    const k1nCpu = ratios(of('k1nMany', costOf), of('k1n', costOf))
    const rawCpu = ratios(of('rawMany', costOf), of('raw', costOf))
    const gain = ratios(of('k1nMany', rateOf), of('k1n', rateOf))
    const rawGain = ratios(of('rawMany', rateOf), of('raw', rateOf))
    return {
      figures: [
        { bar: { name: 'cpu', kind: 'cpu', must: { atMost: 1.3 }, moonshot: { atMost: 1.1 } }, values: k1nCpu },
        {
          bar: { name: "rate gained, to BullMQ's", kind: 'told', must: { atLeast: 1 } },
          values: ratios(gain, rawGain),
        },
      ],
      notes: [
        sayJobs('k1n, one', slices.k1n),
        sayJobs(`k1n, ${MANY}`, slices.k1nMany),
        `BullMQ's own: CPU ${median(rawCpu).toFixed(2)}×, rate ${median(rawGain).toFixed(2)}×; k1n's rate ${median(gain).toFixed(2)}×`,
      ],
    }
  },
}
