// Row 6c: a batch of 100 retries in one request, against one retry in a request of its own.
import { Agent, request } from 'node:http'
import { nodeFlags } from '../../../shared/kernel/flags.ts'
import { generateKey } from '../../../shared/kernel/api-key.ts'
import { QUEUE } from '../catalog.ts'
import { fill } from '../fill.ts'
import type { Bench, Row } from '../row.ts'
import { median, percentile, ratios } from '../stats.ts'

const BATCH = 100
const ROUNDS = 12
/** Requests of a slice: some for each side, so that slices are about as long. */
const SINGLES = 60
const BATCHES = 20
const LETTERS = (ROUNDS + 1) * (SINGLES + 2 * BATCHES * BATCH)

export const batch: Row = {
  id: '6c',
  title: `${BATCH} retries of dead letters in one batch over HTTP, by their addresses and by bare ids`,
  floor: 'one retry over HTTP',
  async run(bench) {
    const redis = await bench.redis()
    const key = generateKey('sk')
    const env = { REDIS_URL: redis.url, PORT: '0', K1N_ADMIN_KEY: key, K1N_LOG_LEVEL: 'error' }
    const api = await bench.side('scripts/bench/sides/api.ts', env, [], nodeFlags)
    await redis.client.hset(`bull:${QUEUE}:meta`, 'opts.maxLenEvents', 10_000)
    await fill(redis.client, 'bull', QUEUE, 'failed', { count: LETTERS })
    const ask = createAsker(bench, String(api.ready['url']), key)
    let next = 0
    const ids = (count: number): string[] => Array.from({ length: count }, () => `old-${next++}`)
    const batchOf = (named: string[]) =>
      ask('/api/v2/batch/operations', 200, {
        operations: named.map((task_id) => ({ op: 'retry', task_id })),
      })
    const sides = {
      one: () => timesOf(SINGLES, () => ask(`/api/v2/jobs/${QUEUE}:${ids(1)[0] ?? ''}/retry`, 202)),
      addressed: () => timesOf(BATCHES, () => batchOf(ids(BATCH).map((id) => `${QUEUE}:${id}`))),
      bare: () => timesOf(BATCHES, () => batchOf(ids(BATCH))),
    }
    const names = Object.keys(sides) as (keyof typeof sides)[]
    const times = { one: [], addressed: [], bare: [] } as Record<keyof typeof sides, number[][]>
    const cpu = { one: [], addressed: [], bare: [] } as Record<keyof typeof sides, number[]>
    for (let round = -1; round < ROUNDS; round++)
      for (const name of round % 2 === 0 ? names : [...names].reverse()) {
        const before = api.cpuUs()
        const { result, cpuUs } = await redis.during(() => bench.load.during(sides[name]))
        if (round < 0) continue
        times[name].push(result)
        cpu[name].push((api.cpuUs() - before + cpuUs) / result.length)
      }
    const against = (name: 'addressed' | 'bare') => ({
      bar: { name: `${name}, time`, kind: 'time', must: { atMost: 3 }, moonshot: { atMost: 2 } } as const,
      values: ratios(times[name].map(median), times.one.map(median)),
    })
    const spent = (name: 'addressed' | 'bare') => ({
      bar: {
        name: `${name}, CPU of ${BATCH} requests`,
        kind: 'cpu',
        must: { atMost: 0.2 },
        moonshot: { atMost: 0.05 },
      } as const,
      values: ratios(cpu[name], cpu.one).map((ratio) => ratio / BATCH),
    })
    const say = (name: keyof typeof sides): string =>
      `${name} ${median(times[name].flat()).toFixed(2)} ms (p95 ${percentile(times[name].flat(), 0.95).toFixed(2)}, ${median(cpu[name]).toFixed(0)} µs)`
    return {
      figures: [against('addressed'), against('bare'), spent('addressed'), spent('bare')],
      notes: [names.map(say).join(', ')],
    }
  },
}

/** How long each of so many requests took, in ms. */
const timesOf = async (count: number, work: () => Promise<void>): Promise<number[]> => {
  const times: number[] = []
  for (let n = 0; n < count; n++) {
    const begun = performance.now()
    await work()
    times.push(performance.now() - begun)
  }
  return times
}

/** Sends requests one after another over one connection. A batch that did not do all of its items is no measurement. */
const createAsker = (bench: Bench, url: string, key: string) => {
  const agent = new Agent({ keepAlive: true })
  bench.after(() => agent.destroy())
  return (path: string, status: number, body?: object): Promise<void> =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? '' : JSON.stringify(body)
      const headers = {
        authorization: `Bearer ${key}`,
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      }
      const sent = request(url + path, { agent, method: 'POST', headers }, (reply) => {
        let answer = ''
        reply.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk))
        reply.once('end', () => {
          if (reply.statusCode === status && !/"failed":[1-9]/.test(answer)) resolve()
          else reject(new Error(`${path} answered ${reply.statusCode ?? 0}: ${answer.slice(0, 200)}`))
        })
      })
      sent.once('error', reject).end(text)
    })
}
