// Row 7: how all of 100 queues stand, against bull-board's page of them.
import { Agent, request } from 'node:http'
import { nodeFlags } from '../../../shared/kernel/flags.ts'
import { generateKey } from '../../../shared/kernel/api-key.ts'
import { QUEUE } from '../catalog.ts'
import { fill } from '../fill.ts'
import type { BenchRedis } from '../redis.ts'
import type { Bench, Finding, Row } from '../row.ts'
import type { Side } from '../side.ts'
import { median, ratios } from '../stats.ts'

const QUEUES = 100
const WAITING = 20
const ROUNDS = 12
/** Requests of a slice. */
const REQUESTS = 8
/** For each side before it counts: both answer from code that has been compiled. */
const WARM_MS = 3_000

const LOOKS = {
  /** What its page asks for every few seconds, with the jobs of the queue that is open. */
  floor: `/admin/queues/api/queues?activeQueue=${QUEUE}&page=1&jobsPerPage=10`,
  queues: '/api/v2/queues',
  overview: '/api/v2/stats/overview',
} as const
type Look = keyof typeof LOOKS

interface Slice {
  ms: number
  cpuUs: number
  commands: number
}

interface Ground {
  redis: BenchRedis
  api: Side
  ask: (path: string) => Promise<void>
}

export const overview: Row = {
  id: '7',
  title: `the list of ${QUEUES} queues and the overview of them, ${ROUNDS * REQUESTS} requests each`,
  floor: 'bull-board’s own page of them',
  async run(bench) {
    // Each has a Redis and an API of its own, with the same in it: none lives on what the other has looked up.
    const [floor, ours] = [await open(bench), await open(bench)]
    const slices: Record<Look, Slice[]> = { floor: [], queues: [], overview: [] }
    const names = Object.keys(LOOKS) as Look[]
    const groundOf = (name: Look): Ground => (name === 'floor' ? floor : ours)
    for (const ground of [floor, ours]) await warm(ground, names.filter((name) => groundOf(name) === ground).map((name) => LOOKS[name])) // prettier-ignore
    for (let round = 0; round < ROUNDS; round++)
      for (const name of round % 2 === 0 ? names : [...names].reverse())
        slices[name].push(await bench.load.during(() => sliceOf(groundOf(name), LOOKS[name])))
    return findingOf(slices)
  },
}

const open = async (bench: Bench): Promise<Ground> => {
  const redis = await bench.redis()
  const key = generateKey('sk')
  const env = { REDIS_URL: redis.url, PORT: '0', K1N_ADMIN_KEY: key, K1N_LOG_LEVEL: 'error' }
  for (let n = 0; n < QUEUES; n++) {
    const queue = n === 0 ? QUEUE : `${QUEUE}-${n}`
    await redis.client.hset(`bull:${queue}:meta`, 'opts.maxLenEvents', 10_000)
    await fill(redis.client, 'bull', queue, 'wait', { count: WAITING })
  }
  const api = await bench.side('scripts/bench/sides/api.ts', env, [String(QUEUES)], nodeFlags)
  return { redis, api, ask: createAsker(bench, String(api.ready['url']), key) }
}

const createAsker = (bench: Bench, url: string, key: string) => {
  const agent = new Agent({ keepAlive: true })
  bench.after(() => agent.destroy())
  return (path: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const sent = request(url + path, { agent, headers: { authorization: `Bearer ${key}` } }, (reply) => {
        if (reply.statusCode !== 200) reject(new Error(`${path} answered ${reply.statusCode ?? 0}`))
        reply.resume().once('end', resolve)
      })
      sent.once('error', reject).end()
    })
}

const warm = async ({ ask }: Ground, paths: readonly string[]): Promise<void> => {
  const until = performance.now() + WARM_MS
  while (performance.now() < until) for (const path of paths) await ask(path)
}

const sliceOf = async ({ redis, api, ask }: Ground, path: string): Promise<Slice> => {
  const times: number[] = []
  const before = api.cpuUs()
  const { cpuUs, commands } = await redis.during(async () => {
    for (let n = 0; n < REQUESTS; n++) {
      const begun = performance.now()
      await ask(path)
      times.push(performance.now() - begun)
    }
  })
  return { ms: median(times), cpuUs: (api.cpuUs() - before + cpuUs) / REQUESTS, commands: commands / REQUESTS / QUEUES }
}

const findingOf = (slices: Record<Look, Slice[]>): Finding => {
  const of = (name: Look, what: keyof Slice): number[] => slices[name].map((slice) => slice[what])
  const against = (name: 'queues' | 'overview') =>
    [
      {
        bar: { name: `${name}, time`, kind: 'time', must: { atMost: 0.3 }, moonshot: { atMost: 0.1 } },
        values: ratios(of(name, 'ms'), of('floor', 'ms')),
      },
      {
        bar: { name: `${name}, commands a queue`, kind: 'count', must: { atMost: 3 }, moonshot: { atMost: 1 } },
        values: [median(of(name, 'commands'))],
      },
    ] as const
  const say = (name: Look): string =>
    `${name}: ${median(of(name, 'ms')).toFixed(1)} ms · ${median(of(name, 'commands')).toFixed(2)} commands a queue · ` +
    `${median(of(name, 'cpuUs')).toFixed(0)} µs of API and Redis`
  return {
    figures: [...against('queues'), ...against('overview')],
    notes: (['floor', 'queues', 'overview'] as const).map(say),
  }
}
