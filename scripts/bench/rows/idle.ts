// Row 17: what an installation with 100 queues asks of Redis while nothing happens, against BullMQ's workers alone.
import { WebSocket } from 'ws'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { nodeFlags } from '../../../shared/kernel/flags.ts'
import { workerFlags } from '../../../workers/flags.ts'
import { generateKey } from '../../../shared/kernel/api-key.ts'
import type { BenchRedis, Counts } from '../redis.ts'
import type { Bench, Row } from '../row.ts'

const QUEUES = '100'
const SETTLE_MS = 8_000
const SECONDS = 20

interface Idle {
  commandsPerSecond: number
  connections: number
  cpuShare: number
}

const between = (before: Counts, after: Counts): Idle => ({
  commandsPerSecond: (after.commands - before.commands - 1) / SECONDS,
  // The looker's own connection is not theirs.
  connections: after.connections - 1,
  cpuShare: (after.cpuUs - before.cpuUs) / SECONDS / 1e4,
})

/** Everything a user would run, and one dashboard that shows the overview. */
const startK1n = async (bench: Bench, redis: BenchRedis): Promise<void> => {
  const key = generateKey('sk')
  const env = { REDIS_URL: redis.url, PORT: '0', K1N_ADMIN_KEY: key, K1N_LOG_LEVEL: 'error' }
  const api = await bench.side('scripts/bench/sides/api.ts', env, [QUEUES], nodeFlags)
  await bench.side('scripts/bench/sides/worker.ts', env, [QUEUES, '50'], workerFlags(2))
  await bench.side('workers/recorder-main.ts', env, [], workerFlags(2))
  const socket = new WebSocket(`${String(api.ready['url']).replace('http', 'ws')}/api/v2/stream`, {
    headers: { authorization: `Bearer ${key}` },
  })
  bench.after(() => socket.terminate())
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'subscribe', id: 1, topics: ['state:overview', 'state:queues'], batch: true }))
}

export const idle: Row = {
  id: '17',
  title: `idle: ${QUEUES} queues with workers, recorder, API and one dashboard, ${SECONDS} s`,
  floor: `${QUEUES} of BullMQ's own workers with the same settings (stalledInterval 5 s)`,
  async run(bench) {
    const [floor, k1n] = [await bench.redis(), await bench.redis()]
    await bench.side('scripts/bench/sides/raw-worker.ts', { REDIS_URL: floor.url }, [QUEUES, '50'])
    await startK1n(bench, k1n)
    await wait(SETTLE_MS)
    const before = [await floor.counts(), await k1n.counts()] as const
    await bench.load.during(() => wait(SECONDS * 1_000))
    const ours = between(before[1], await k1n.counts())
    const theirs = between(before[0], await floor.counts())
    const ratio = (of: (idle: Idle) => number): number[] => [of(ours) / of(theirs)]
    return {
      figures: [
        {
          bar: { name: 'commands/s', kind: 'count', must: { atMost: 1.1 }, moonshot: { atMost: 0.5 } },
          values: ratio(({ commandsPerSecond }) => commandsPerSecond),
        },
        {
          bar: { name: 'connections', kind: 'count', must: { atMost: 1.1 }, moonshot: { atMost: 0.5 } },
          values: ratio(({ connections }) => connections),
        },
      ],
      notes: [say('floor', theirs), say('k1n', ours)],
    }
  },
}

const say = (name: string, { commandsPerSecond, connections, cpuShare }: Idle): string =>
  `${name}: ${commandsPerSecond.toFixed(0)} commands/s · ${connections} connections · Redis ${cpuShare.toFixed(2)} % of a core`
