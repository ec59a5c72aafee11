// Row 6b: 100,000 dead letters given another life at full speed, and the API that people use meanwhile.
import { Agent, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { generateKey } from '../../../shared/kernel/api-key.ts'
import { QUEUE } from '../catalog.ts'
import { fill } from '../fill.ts'
import type { Bench, Row } from '../row.ts'
import { median, percentile } from '../stats.ts'

const LETTERS = 100_000
const ROUNDS = 5
/** Time between two requests of somebody who uses the API meanwhile. */
const EVERY_MS = 10
const PATHS = ['/api/v2/queues', '/api/v2/jobs?limit=50', '/api/v2/operations', `/api/v2/jobs/${QUEUE}:old-7`]

interface Round {
  perS: number
  p95: number
  idleP95: number
}

export const bulk: Row = {
  id: '6b',
  title: `${LETTERS} dead letters given another life at full speed while the API is used`,
  floor: 'none: absolute bars',
  async run(bench) {
    const redis = await bench.redis()
    const key = generateKey('sk')
    const env = { REDIS_URL: redis.url, PORT: '0', K1N_ADMIN_KEY: key, K1N_LOG_LEVEL: 'error' }
    const api = await bench.side('scripts/bench/sides/api.ts', env)
    const worker = await bench.side('scripts/bench/sides/resubmit.ts', env)
    await bench.side('workers/recorder-main.ts', env)
    const user = createUser(bench, String(api.ready['url']), key)
    const rounds: Round[] = []
    for (let round = 0; round < ROUNDS; round++) {
      await redis.client.unlink(`bull:${QUEUE}:wait`)
      await redis.client.hset(`bull:${QUEUE}:meta`, 'opts.maxLenEvents', 200_000)
      await fill(redis.client, 'bull', QUEUE, 'failed', { count: LETTERS })
      const idle = await user.whilst(() => wait(1_500))
      const id = await worker.ask('start', QUEUE, 'fail', null)
      const begun = performance.now()
      const busy = await bench.load.during(() => user.whilst(() => worker.ask('run', id)))
      if (busy.result !== LETTERS) throw new Error(`${String(busy.result)} of ${LETTERS} live again`)
      const perS = LETTERS / ((performance.now() - begun) / 1_000)
      rounds.push({ perS, p95: percentile(busy.times, 0.95), idleP95: percentile(idle.times, 0.95) })
      // The recorder reads what happened; the next round begins when it has.
      await wait(3_000)
    }
    return findingOf(rounds)
  },
}

/** Somebody who asks the API one thing after another, at the same pace whatever it takes. */
const createUser = (bench: Bench, url: string, key: string) => {
  const agent = new Agent({ keepAlive: true })
  bench.after(() => agent.destroy())
  const ask = (path: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const sent = request(url + path, { agent, headers: { authorization: `Bearer ${key}` } }, (reply) => {
        if (reply.statusCode !== 200) reject(new Error(`${path} answered ${reply.statusCode ?? 0}`))
        reply.resume().once('end', resolve)
      })
      sent.once('error', reject).end()
    })
  return {
    /** Uses the API until `work` is done; answers how long each request took, in ms. */
    async whilst<Result>(work: () => Promise<Result>): Promise<{ result: Result; times: number[] }> {
      const times: number[] = []
      let over = false
      const asking = (async () => {
        for (let n = 0; !over; n++) {
          const begun = performance.now()
          await ask(PATHS[n % PATHS.length] ?? '')
          times.push(performance.now() - begun)
          await wait(EVERY_MS)
        }
      })()
      const result = await work().finally(() => (over = true))
      await asking
      return { result, times }
    },
  }
}

const findingOf = (rounds: readonly Round[]) => ({
  figures: [
    {
      bar: { name: 'rate', kind: 'rate', unit: 'a second', must: { atLeast: 10_000 }, moonshot: { atLeast: 20_000 } },
      values: rounds.map(({ perS }) => perS),
    },
    {
      bar: { name: 'p95 of the API', kind: 'time', unit: 'ms', must: { atMost: 50 }, moonshot: { atMost: 20 } },
      values: rounds.map(({ p95 }) => p95),
    },
  ] as const,
  notes: [
    `p95 of the API just before: ${median(rounds.map(({ idleP95 }) => idleP95)).toFixed(1)} ms; the recorder runs beside it`,
  ],
})
