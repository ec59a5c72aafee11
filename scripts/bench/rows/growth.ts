// Row 15: whether adding, taking and failing a job costs Redis more when much is waiting and much has failed.
import { setTimeout as wait } from 'node:timers/promises'
import { workerFlags } from '../../../workers/flags.ts'
import type { Principal } from '../../../shared/auth/contract.ts'
import { SCOPES } from '../../../shared/auth/contract.ts'
import { readSettings } from '../../../shared/kernel/config.ts'
import { createKernel } from '../../../shared/kernel/kernel.ts'
import type { Kernel } from '../../../shared/kernel/kernel.ts'
import { createRecorderStore } from '../../../shared/recorder/store.ts'
import type { RecorderStore } from '../../../shared/recorder/store.ts'
import { assemble } from '../../../shared/rooms.ts'
import type { Rooms } from '../../../shared/rooms.ts'
import { benchCatalog, payloadOf, QUEUE } from '../catalog.ts'
import { fill } from '../fill.ts'
import { followQueue } from '../follow.ts'
import type { BenchRedis } from '../redis.ts'
import type { Bench, Row } from '../row.ts'
import type { Side } from '../side.ts'
import { median, ratios } from '../stats.ts'

/** What is there already. A failed job is its hash and its place among the failed, without a trace, to fit the time. */
const SMALL = { waiting: 1_000, failed: 1_000 }
const BIG = { waiting: 200_000, failed: 1_000_000 }
const OPERATIONS = 300
const ROUNDS = 10
/** A slow machine fills less, and the row says how much. */
const FILL_MS = 15_000

const producer: Principal = { kind: 'key', id: 'key_bench', name: 'bench', scopes: SCOPES, queues: ['*'] }

interface Cost {
  add: number
  take: number
  record: number
}

interface Parts {
  redis: BenchRedis
  rooms: Rooms
  kernel: Kernel
  store: RecorderStore
  worker: Side
}

/** One queue of a size, and what one of each operation costs Redis there, in µs. */
const openSize = ({ redis, rooms, kernel, store, worker }: Parts, index: number) => {
  const queue = index === 0 ? QUEUE : `${QUEUE}-${index}`
  const name = index === 0 ? 'fail' : `fail.${index}`
  const bull = rooms.bull.queue(queue)
  const recordAll = followQueue(kernel, rooms.bull, store, queue)
  const add = (): Promise<unknown> =>
    Promise.all(
      Array.from({ length: OPERATIONS }, (_, n) => rooms.jobs.enqueue(producer, { name, data: payloadOf(n) })),
    )
  /** Lets the worker take some jobs and fail them; it may take a few more than asked for. */
  const takeSome = async (): Promise<number> => {
    const before = Number(await worker.ask('failed', queue))
    await bull.resume()
    let done = 0
    while (done < OPERATIONS) {
      await wait(2)
      done = Number(await worker.ask('failed', queue)) - before
    }
    await bull.pause()
    while ((await kernel.redis.llen(rooms.bull.keys(queue).active)) > 0) await wait(5)
    return Number(await worker.ask('failed', queue)) - before
  }
  return {
    async fill(size: typeof SMALL): Promise<number> {
      await bull.pause()
      const { redis: client, bullPrefix } = kernel
      await fill(client, bullPrefix, queue, 'wait', { count: size.waiting, withinMs: FILL_MS })
      return fill(client, bullPrefix, queue, 'failed', { first: 1e7, count: size.failed, withinMs: FILL_MS })
    },
    async slice(): Promise<Cost> {
      const added = await redis.during(add)
      const taken = await redis.during(takeSome)
      const recorded = await redis.during(recordAll)
      return {
        add: added.cpuUs / OPERATIONS,
        take: taken.cpuUs / taken.result,
        record: recorded.cpuUs / taken.result,
      }
    },
  }
}

export const growth: Row = {
  id: '15',
  title: `Redis's time to add, take and fail a job with ${BIG.waiting} waiting and ${BIG.failed} dead letters`,
  floor: `the same with ${SMALL.waiting} waiting and ${SMALL.failed} dead letters`,
  async run(bench) {
    // Only Redis's own time counts; without the file a million dead letters are there in seconds.
    const redis = await bench.redis(['--appendonly', 'no'])
    const settings = readSettings({ REDIS_URL: redis.url, K1N_LOG_LEVEL: 'error' })
    const kernel = createKernel({ settings, role: 'worker' })
    const rooms = assemble(kernel, benchCatalog(2))
    bench.after(() => rooms.close().then(() => kernel.close()))
    await Promise.all([rooms.bull.claim(QUEUE), rooms.bull.claim(`${QUEUE}-1`)])
    const worker = await openWorker(bench, redis, rooms)
    const parts: Parts = { redis, rooms, kernel, worker, store: createRecorderStore(kernel, 60_000) }
    const sizes = {
      small: openSize(parts, 0),
      big: openSize(parts, 1),
    }
    await sizes.small.fill(SMALL)
    const dead = await sizes.big.fill(BIG)
    const costs = await measure(bench, sizes)
    return findingOf(costs, dead)
  },
}

const openWorker = async (bench: Bench, redis: BenchRedis, rooms: Rooms): Promise<Side> => {
  await Promise.all([QUEUE, `${QUEUE}-1`].map((queue) => rooms.bull.queue(queue).pause()))
  const env = { REDIS_URL: redis.url, K1N_LOG_LEVEL: 'error' }
  return bench.side('scripts/bench/sides/worker.ts', env, ['2', '10'], workerFlags(2))
}

type Sizes = Record<'small' | 'big', ReturnType<typeof openSize>>

const measure = async (bench: Bench, sizes: Sizes): Promise<Record<'small' | 'big', Cost[]>> => {
  const costs = { small: [] as Cost[], big: [] as Cost[] }
  for (let round = -1; round < ROUNDS; round++)
    for (const name of round % 2 === 0 ? (['small', 'big'] as const) : (['big', 'small'] as const)) {
      const cost = await bench.load.during(() => sizes[name].slice())
      if (round >= 0) costs[name].push(cost)
    }
  return costs
}

const findingOf = (costs: Record<'small' | 'big', Cost[]>, dead: number) => {
  const figure = (name: string, part: keyof Cost) => ({
    bar: { name, kind: 'cpu', must: { atMost: 1.25 }, moonshot: { atMost: 1.1 } } as const,
    values: ratios(
      costs.big.map((cost) => cost[part]),
      costs.small.map((cost) => cost[part]),
    ),
  })
  const say = (name: 'small' | 'big'): string =>
    `${name}: ${(['add', 'take', 'record'] as const).map((part) => `${part} ${median(costs[name].map((cost) => cost[part])).toFixed(0)} µs`).join(' · ')} of Redis a job`
  return {
    figures: [figure('add', 'add'), figure('take and fail', 'take'), figure('record the death', 'record')],
    notes: [
      say('small'),
      say('big'),
      `${dead} dead letters were there; ${OPERATIONS} operations a slice; the dead letters that were there first have no trace and the append-only file is off, to fit the time`,
    ],
  }
}
