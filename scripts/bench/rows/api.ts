// Row 21: how long the API takes for each of its routes while four processes of it answer two hundred requests a second among 100,000
// jobs.
import { randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { nodeFlags } from '../../../shared/kernel/flags.ts'
import { workerFlags } from '../../../workers/flags.ts'
import { generateKey } from '../../../shared/kernel/api-key.ts'
import { readSettings } from '../../../shared/kernel/config.ts'
import { createKernel } from '../../../shared/kernel/kernel.ts'
import { CHAINS, forgotten } from '../api-uses/api-uses.ts'
import { inboxOf } from '../api-uses/letters.ts'
import { CLIENTS, get, post, put } from '../api-uses/use.ts'
import type { Made, Reply, Use } from '../api-uses/use.ts'
import { fillDead } from '../dead.ts'
import { fill } from '../fill.ts'
import type { Bench, Finding, Row } from '../row.ts'
import { percentile } from '../stats.ts'

const PROCESSES = 4
const PER_SECOND = 200
const WAITING = 50_000
const DEAD = 50_000
const WARM_MS = 12_000
/** Long enough for over a hundred requests to each operation: the 95th percentile of forty is that of a few pauses of the machine. */
const RUN_MS = 100_000
const DAY_MS = 24 * 60 * 60 * 1_000
/** How long the index of all dead letters may take. */
const INDEX_MS = 60_000
/** Deliveries there are to look at. */
const TOLD = 200
/** Fewer requests of one operation say nothing of its p95. */
const LEAST = 60

interface Api {
  /** Sends one request to the next process; answers what the server says it took, in ms. Throws when it was not done. */
  ask(use: Use, made: Made): Promise<number>
}

const createApi = (bench: Bench, urls: readonly string[], key: string): Api => {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS })
  bench.after(() => agent.destroy())
  let turn = 0
  const ask: Api['ask'] = (use, made) =>
    new Promise((resolve, reject) => {
      const body = use.body && JSON.stringify(use.body(made))
      const headers = {
        authorization: `Bearer ${key}`,
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
      }
      const url = `${urls[turn++ % urls.length] ?? ''}/api${use.path(made) === '' ? '' : `/v2${use.path(made)}`}`
      const sent = request(url, { agent, method: use.method, headers }, (reply) => {
        const chunks: Buffer[] = []
        reply.on('data', (chunk: Buffer) => chunks.push(chunk))
        reply.once('end', () => {
          const text = Buffer.concat(chunks).toString()
          const status = reply.statusCode ?? 0
          if (status < 200 || status > 299)
            return reject(new Error(`${use.id} ${url} answered ${status}: ${text.slice(0, 400)}`))
          use.keep?.(JSON.parse(text), made)
          resolve(Number(/dur=([\d.]+)/.exec(String(reply.headers['server-timing']))?.[1] ?? Number.NaN))
        })
      })
      // A connection that rested may have been closed just then: nothing came of what was sent over it.
      sent.once('error', (error) => (sent.reusedSocket ? resolve(ask(use, made)) : reject(error)))
      sent.end(body)
    })
  return { ask }
}

interface Tally {
  readonly times: Map<string, number[]>
  readonly refused: string[]
}

/** One client: makes its uses one after the other, at its pace, whatever they take. A chain that is begun is made to its end,
 *  so that the next round finds what is right for it; what is done after the end does not count. */
const walk = async (api: Api, client: number, first: Made, tally: Tally, until: number): Promise<void> => {
  const every = (1_000 * CLIENTS) / PER_SECOND
  let next = performance.now() + (client / CLIENTS) * every
  for (let round = 0; performance.now() < until; round++) {
    const made: Made = { ...first, n: String(client * 100_000 + round + Math.floor(until)) }
    for (const chain of chainsFrom(client + round)) {
      if (performance.now() >= until) return
      for (const use of chain) {
        await wait(Math.max(0, next - performance.now()))
        next = Math.max(next + every, performance.now() - every)
        await api.ask(use, made).then(
          (ms) => performance.now() < until && tally.times.set(use.id, [...(tally.times.get(use.id) ?? []), ms]),
          (error: unknown) => tally.refused.push(String(error)),
        )
      }
    }
  }
}

/** Clients are at different chains at any time. */
const chainsFrom = (first: number): readonly (readonly Use[])[] =>
  CHAINS.map((_chain, n) => CHAINS[(first + n) % CHAINS.length] ?? [])

/** Jobs and dead letters that are there, and what clients find: services, queues and an endpoint that was delivered to. Answers
 *  what each client begins with. */
const furnish = async (bench: Bench, url: string, api: Api, sink: string): Promise<Made[]> => {
  const kernel = createKernel({ settings: readSettings({ REDIS_URL: url, K1N_LOG_LEVEL: 'error' }), role: 'worker' })
  bench.after(() => kernel.close())
  await kernel.redis.hset(`${kernel.bullPrefix}:backlog:meta`, 'paused', 1)
  await fill(kernel.redis, kernel.bullPrefix, 'backlog', 'wait', { count: WAITING })
  const died = { from: Date.now() - DAY_MS, to: Date.now() }
  await fillDead(kernel, { queue: 'inbox', count: DEAD, from: died.from, stepMs: DAY_MS / DEAD })
  const made: Made = { sink }
  for (let n = 0; n < CLIENTS; n++) {
    await kernel.redis.hset(`${kernel.bullPrefix}:aside-${n}:meta`, 'version', 'bullmq:6.7.0')
    await api.ask(put('putService', () => `/services/svc-${n}`, () => ({ summary: 'A service.' })), made) // prettier-ignore
  }
  const webhook = { url: sink, event_types: ['bench.told'] }
  await api.ask(post('createWebhook', () => '/webhooks', () => webhook, (reply: Reply) => void (made['told'] = (reply as { id: string }).id)), made) // prettier-ignore
  const events = Array.from({ length: TOLD / 2 }, (_, n) => ({ event: 'bench.told', data: { n } }))
  for (let half = 0; half < 2; half++) await api.ask(post('publishEvents', () => '/events/bulk', () => ({ events })), made) // prettier-ignore
  const groups = await groupsIn(api)
  return Array.from({ length: CLIENTS }, (_, n) => ({ ...made, client: String(n), ...inboxOf(n, groups, died) }))
}

/** The ids of all groups, once the recorder has made the index they are told by. */
const groupsIn = async (api: Api): Promise<string[]> => {
  let isWhole = false
  const metrics = get(
    'getDlqMetrics',
    () => '/metrics/dlq',
    (reply: Reply) => {
      const { depth, index } = reply as { depth: number; index: { done: number; total: number } }
      isWhole = depth >= DEAD && index.done === index.total
    },
  )
  const until = performance.now() + INDEX_MS
  while (!isWhole) {
    if (performance.now() > until) throw new Error('the recorder has not made the index of the inbox in a minute')
    await wait(500)
    await api.ask(metrics, {})
  }
  let ids: string[] = []
  const keep = (reply: Reply): void => void (ids = (reply as { data: { id: string }[] }).data.map(({ id }) => id))
  await api.ask(get('listDlqGroups', () => '/error-recovery/dlq/groups?limit=100', keep), {}) // prettier-ignore
  if (ids.length < 2 * CLIENTS) throw new Error(`there are only ${ids.length} groups`)
  return ids.sort()
}

export const api: Row = {
  id: '21',
  title: `${PER_SECOND} requests a second to all routes of ${PROCESSES} API processes, ${WAITING} jobs waiting and ${DEAD} dead`,
  floor: 'none: absolute bars',
  async run(bench) {
    const missing = forgotten()
    if (missing.length > 0) throw new Error(`scripts/bench/api-uses does not use ${missing.join(', ')}`)
    const redis = await bench.redis()
    const sink = await bench.side('scripts/bench/sides/webhook-sink.ts')
    const key = generateKey('sk')
    const env = {
      ...{ REDIS_URL: redis.url, PORT: '0', K1N_ADMIN_KEY: key, K1N_LOG_LEVEL: 'error' },
      ...{ K1N_SECRETS_KEY: randomBytes(32).toString('base64'), K1N_WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8' },
      K1N_WEBHOOK_ALLOW_CIDRS_CONFIRM: '127.0.0.0/8',
    }
    const start = () => bench.side('scripts/bench/sides/api.ts', env, [], nodeFlags)
    const sides = await Promise.all(Array.from({ length: PROCESSES }, start))
    const asked = createApi(
      bench,
      sides.map(({ ready }) => String(ready['url'])),
      key,
    )
    // With the flags that its supervisor starts it with.
    await bench.side('workers/recorder-main.ts', env, [], workerFlags(2))
    const made = await furnish(bench, redis.url, asked, String(sink.ready['url']))
    await bench.side('scripts/bench/sides/worker.ts', env, ['1', '10'], workerFlags(2))
    await bench.side('scripts/bench/sides/webhooks.ts', env, ['10'], workerFlags(2))
    const run = async (ms: number): Promise<Tally> => {
      const tally: Tally = { times: new Map(), refused: [] }
      const until = performance.now() + ms
      await Promise.all(made.map((first, client) => walk(asked, client, first, tally, until)))
      return tally
    }
    await run(WARM_MS)
    return findingOf(await bench.load.during(() => run(RUN_MS)))
  },
}

const findingOf = ({ times, refused }: Tally): Finding => {
  const all = [...times.values()].flat()
  const p95s = [...times]
    .filter(([, values]) => values.length >= LEAST)
    .map(([id, values]) => ({ id, p50: percentile(values, 0.5), p95: percentile(values, 0.95) }))
    .sort((a, b) => b.p95 - a.p95)
  const say = ({ id, p50, p95 }: (typeof p95s)[number]): string => `${id} ${p95.toFixed(0)} ms (p50 ${p50.toFixed(0)})`
  const seldom = [...times].filter(([, values]) => values.length < LEAST).map(([id]) => id)
  return {
    figures: [
      { bar: { name: 'not done', kind: 'count', unit: 'requests', must: { atMost: 0 } }, values: [refused.length] },
      {
        bar: { name: 'p95 of the slowest route', kind: 'time', unit: 'ms', must: { atMost: 50 } },
        values: [p95s[0]?.p95 ?? Number.NaN],
      },
      { bar: { name: 'p50', kind: 'time', unit: 'ms', must: { atMost: 10 } }, values: [percentile(all, 0.5)] },
    ],
    notes: [
      `${all.length} requests to ${times.size} operations in ${RUN_MS / 1_000} s; p95 of all ${percentile(all, 0.95).toFixed(1)} ms`,
      `slowest by p95: ${p95s.slice(0, 12).map(say).join(', ')}`,
      ...(seldom.length === 0 ? [] : [`too seldom to judge: ${seldom.join(', ')}`]),
      ...[...new Set(refused.map((text) => text.slice(0, 200)))].slice(0, 12),
    ],
  }
}
