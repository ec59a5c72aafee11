// Row 16: the memory of Redis that a job takes: one that waits, and a dead letter with its place in the index.
import type { Principal } from '../../../shared/auth/contract.ts'
import { SCOPES } from '../../../shared/auth/contract.ts'
import { readSettings } from '../../../shared/kernel/config.ts'
import { createKernel } from '../../../shared/kernel/kernel.ts'
import { createRecorder } from '../../../shared/recorder/recorder.ts'
import { assemble } from '../../../shared/rooms.ts'
import type { Rooms } from '../../../shared/rooms.ts'
import { benchCatalog, payloadOf, QUEUE } from '../catalog.ts'
import { fillDead } from '../dead.ts'
import { openQueue } from '../jobs.ts'
import type { BenchRedis } from '../redis.ts'
import type { Bench, Row } from '../row.ts'

const JOBS = 20_000
const AT_ONCE = 500
const DEAD = 100_000

/** Longer values than this are not packed by a Redis that nobody has set up. */
const REDIS_DEFAULTS = ['--hash-max-listpack-value', '64']

const producer: Principal = { kind: 'key', id: 'key_bench', name: 'bench', scopes: SCOPES, queues: ['*'] }

/** Bytes that `work` adds for each of `count`; Redis's own account, which is exact to a percent. */
const bytesOf = async (redis: BenchRedis, count: number, work: () => Promise<unknown>): Promise<number> => {
  const before = (await redis.counts()).memoryBytes
  await work()
  return ((await redis.counts()).memoryBytes - before) / count
}

const enqueue = async ({ jobs }: Rooms): Promise<void> => {
  for (let first = 0; first < JOBS; first += AT_ONCE)
    await Promise.all(
      Array.from({ length: AT_ONCE }, (_, n) => jobs.enqueue(producer, { name: 'noop', data: payloadOf(first + n) })),
    )
}

const open = async (bench: Bench, redis: BenchRedis) => {
  const kernel = createKernel({
    settings: readSettings({ REDIS_URL: redis.url, K1N_LOG_LEVEL: 'error' }),
    role: 'worker',
  })
  const rooms = assemble(kernel, benchCatalog(1))
  bench.after(() => rooms.close().then(() => kernel.close()))
  await rooms.bull.claim(QUEUE)
  await rooms.bull.queue(QUEUE).pause()
  return { kernel, rooms }
}

export const bytes: Row = {
  id: '16',
  title: `Redis's memory for each of ${JOBS} waiting jobs and of ${DEAD} dead letters with their index`,
  floor:
    "BullMQ's own addBulk, and the same dead letters, in a Redis with its own defaults; for the index the dead letters alone",
  async run(bench) {
    const [raw, defaults] = [await bench.redis(REDIS_DEFAULTS), await bench.redis(REDIS_DEFAULTS)]
    const [waiting, dead] = [await bench.redis(), await bench.redis()]
    const queue = openQueue(bench, raw, 'raw', QUEUE)
    const theirs = await bench.load.during(() => bytesOf(raw, JOBS, () => queue.fill(JOBS)))
    const { rooms } = await open(bench, waiting)
    const ours = await bytesOf(waiting, JOBS, () => enqueue(rooms))
    const { kernel, rooms: others } = await open(bench, dead)
    const from = kernel.clock.now() - DEAD
    const filling = { queue: 'inbox', count: DEAD, from, stepMs: 1 }
    const { kernel: plain } = await open(bench, defaults)
    const usual = await bytesOf(defaults, DEAD, () => fillDead(plain, filling))
    const alone = await bytesOf(dead, DEAD, () => fillDead(kernel, filling))
    const index = await bytesOf(dead, DEAD, () => createRecorder(kernel, others.bull).catchUp())
    return {
      figures: [
        {
          bar: { name: 'waiting job', kind: 'count', must: { atMost: 1.05 }, moonshot: { atMost: 0.5 } },
          values: [ours / theirs],
        },
        {
          bar: {
            name: 'dead letter with its index',
            kind: 'count',
            must: { atMost: 1 },
            moonshot: { atMost: 0.6 },
          },
          values: [(alone + index) / usual],
        },
        {
          bar: { name: 'index of a dead letter', kind: 'count', must: { atMost: 0.15 } },
          values: [index / alone],
        },
      ],
      notes: [
        `waiting: floor ${theirs.toFixed(0)} B · k1n ${ours.toFixed(0)} B`,
        `dead letter with Redis's defaults ${usual.toFixed(0)} B · with k1n's ${alone.toFixed(0)} B, with one trace of ten lines · its place in the index ${index.toFixed(0)} B`,
      ],
    }
  },
}
