// Row 13: what a job costs in a process that serves many queues, against what it costs where there is one.
import { workerFlags } from '../../../workers/flags.ts'
import { bullKeys } from '../../../shared/bullmq/keys.ts'
import type { BullKeys } from '../../../shared/bullmq/keys.ts'
import { benchCatalog } from '../catalog.ts'
import { fill } from '../fill.ts'
import { alternate, costOf } from '../pairs.ts'
import type { Slice } from '../pairs.ts'
import type { BenchRedis } from '../redis.ts'
import type { Bench, Row } from '../row.ts'
import type { Side } from '../side.ts'
import { median, ratios } from '../stats.ts'

const ROUNDS = 5
const JOBS = 10_000
const SIZES = [1, 100, 500] as const
const LOOK_MS = 25
/** At once in each queue: about a hundred in all, and not fewer than one. */
const slotsOf = (queues: number): string => String(Math.max(1, Math.round(100 / queues)))

type Size = (typeof SIZES)[number]
type Sort = 'raw' | 'k1n'

interface Crew {
  fill: () => Promise<void>
  slice: () => Promise<Slice>
}

const COMPLETED = `local sum = 0 for _, key in ipairs(KEYS) do sum = sum + redis.call('ZCARD', key) end return sum`

type Queue = readonly [queue: string, name: string]

/** Queues with the name of the kind in each that does nothing. */
const queuesWithNames = (size: Size): Queue[] =>
  Object.values(benchCatalog(size))
    .filter(({ name }) => name.startsWith('noop'))
    .map(({ queue, name }) => [queue, name])

/** The jobs of all queues of one process. */
const createLot = (redis: BenchRedis, prefix: string, queues: readonly Queue[]) => {
  const { client } = redis
  const each = JOBS / queues.length
  const all: BullKeys[] = queues.map(([queue]) => bullKeys(prefix, queue))
  const completed = async (): Promise<number> =>
    Number(await client.eval(COMPLETED, all.length, ...all.map((keys) => keys.completed)))
  let [round, done] = [0, 0]
  const forAll = async (
    add: (pipeline: ReturnType<typeof client.pipeline>, keys: BullKeys) => unknown,
  ): Promise<void> => {
    const pipeline = client.pipeline()
    for (const keys of all) add(pipeline, keys)
    await pipeline.exec()
  }
  return {
    /** While nobody may take them. */
    async fill(): Promise<void> {
      await forAll((pipeline, { meta, marker }) => pipeline.hset(meta, 'paused', 1).del(marker))
      const first = JOBS * round++
      for (const [queue, name] of queues) await fill(client, prefix, queue, 'wait', { first, count: each, name })
      done = await completed()
    },
    /** Lets them be taken, as resuming each queue does; answers how many looks it took until all had completed. */
    async drain(): Promise<number> {
      await forAll((pipeline, { meta, marker }) => pipeline.hdel(meta, 'paused').zadd(marker, 0, '0'))
      let looks = 1
      for (; (await completed()) < done + JOBS; looks++) await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
      return looks * (1 + queues.length) + 2 * queues.length
    },
  }
}

/** One process with so many queues and a Redis of their own, so that those who rest take nothing from those who work. */
const openCrew = async (bench: Bench, sort: Sort, size: Size): Promise<Crew> => {
  const redis = await bench.redis()
  const lot = createLot(redis, sort === 'raw' ? 'raw' : 'bull', queuesWithNames(size))
  await lot.fill()
  const env = { REDIS_URL: redis.url, K1N_LOG_LEVEL: 'error' }
  const args = [String(size), slotsOf(size)]
  const side: Side =
    sort === 'raw'
      ? await bench.side('scripts/bench/sides/raw-worker.ts', env, args)
      : await bench.side('scripts/bench/sides/worker.ts', env, args, workerFlags(2))
  await lot.drain()
  const slice = async (): Promise<Slice> => {
    const before = side.cpuUs()
    const begun = performance.now()
    const { result: looked, commands, cpuUs } = await redis.during(() => lot.drain())
    const seconds = (performance.now() - begun) / 1_000
    return { count: JOBS, seconds, cpuUs: side.cpuUs() - before, redisUs: cpuUs, commands: commands - looked }
  }
  return { fill: () => lot.fill(), slice }
}

const nameOf = (sort: Sort, size: Size) => `${sort}-${size}` as const
type Name = ReturnType<typeof nameOf>

export const manyQueues: Row = {
  id: '13',
  title: `jobs that do nothing, ${JOBS} at a time, in ${SIZES.slice(1).join(' and ')} queues of one process against one queue`,
  floor: "what more queues cost BullMQ's own workers, each with the connections that BullMQ gives it",
  async run(bench) {
    const crews = {} as Record<Name, Crew>
    for (const sort of ['raw', 'k1n'] as const)
      for (const size of SIZES) crews[nameOf(sort, size)] = await openCrew(bench, sort, size)
    const sides = Object.fromEntries(Object.entries(crews).map(([name, crew]) => [name, crew.slice]))
    const slices = await alternate(bench, sides as Record<Name, Crew['slice']>, {
      rounds: ROUNDS,
      warmUp: 0,
      before: (name) => crews[name].fill(),
    })
    const growth = (sort: Sort, size: Size): number[] =>
      ratios(slices[nameOf(sort, size)].map(costOf), slices[nameOf(sort, 1)].map(costOf))
    const says = (sort: Sort): string =>
      `${sort}: ${SIZES.map((size) => `${size} queues ${median(slices[nameOf(sort, size)].map(costOf)).toFixed(0)} µs`).join(' · ')} a job, ` +
      SIZES.slice(1)
        .map((size) => `${median(growth(sort, size)).toFixed(2)}×`)
        .join(' and ')
    const figure = (size: Size) => ({
      bar: { name: `cpu, ${size} queues to 1, to BullMQ's`, kind: 'cpu', must: { atMost: 1 } } as const,
      values: ratios(growth('k1n', size), growth('raw', size)),
    })
    return { figures: [figure(100), figure(500)], notes: [says('raw'), says('k1n')] }
  },
}
