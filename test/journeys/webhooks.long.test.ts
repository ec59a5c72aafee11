// Webhooks while everything dies: each process in turn by kill -9, the API and the supervisor too, and Redis, as 10,000 events go
// to 20 endpoints.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundles } from '../../scripts/setup/bundle.mjs'
import { childrenOf, run, startStack, until } from '../support/stack.ts'
import type { Stack } from '../support/stack.ts'

const EVENTS = Number(process.env['K1N_TEST_EVENTS'] ?? 10_000)
const ENDPOINTS = 20
const BATCH = 50
/** Events under way: few enough that deliveries end soon after any process that they go through has. */
const AHEAD = 200
/** Work goes on meanwhile, and whoever was killed comes back. */
const BETWEEN_MS = 6_000

let stack: Stack
let receiver: Receiver

interface Receiver {
  url: string
  /** By endpoint and event: every `webhook-id` that came, and how often something came. */
  readonly ids: Map<string, Set<string>>
  /** With the longest time without a delivery, in ms. */
  readonly count: { all: number; lastAt: number; silence: number }
  close(): void
}

const startReceiver = async (): Promise<Receiver> => {
  const ids: Receiver['ids'] = new Map()
  const count = { all: 0, lastAt: performance.now(), silence: 0 }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { id } = JSON.parse(Buffer.concat(chunks).toString()) as { id: string }
      const pair = `${request.url ?? ''} ${id}`
      ids.set(pair, (ids.get(pair) ?? new Set()).add(String(request.headers['webhook-id'])))
      count.all++
      const now = performance.now()
      count.silence = Math.max(count.silence, now - count.lastAt)
      count.lastAt = now
      response.end('ok')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ ids, count },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

beforeAll(async () => {
  receiver = await startReceiver()
  stack = await startStack({ K1N_WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8', K1N_WORKERS: '2' })
})
afterAll(async () => {
  await stack.stop()
  receiver.close()
})

/** Sends all events, not far ahead of what arrives; what the API refuses, or cannot take, is sent again under the same ids. */
const sendAll = async (): Promise<void> => {
  for (let begun = 0; begun < EVENTS; begun += BATCH) {
    await until(async () => Promise.resolve(receiver.ids.size), (size) => size >= (begun - AHEAD) * ENDPOINTS, 20) // prettier-ignore
    const events = Array.from({ length: BATCH }, (_, n) => ({ event: 'storm.raged', id: `storm-${begun + n}`, data: { n: begun + n } })) // prettier-ignore
    await until(() => stack.client.events.publishMany({ body: { events } }).then(() => true, () => false), Boolean, 250) // prettier-ignore
  }
}

const killed = async ({ process: child }: { process: ChildProcess }): Promise<void> => {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** Kills one after the other; answers for each the longest time in which nothing arrived after that, in ms: for those that the
 *  supervisor does not start anew, after they were up again. */
const killAll = async (): Promise<Record<string, number>> => {
  const silences: Record<string, number> = {}
  const kill = async (name: string, end: () => unknown): Promise<void> => {
    await end()
    const up = performance.now()
    Object.assign(receiver.count, { lastAt: up, silence: 0 })
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS))
    await until(async () => Promise.resolve(receiver.count.lastAt), (at) => at > up, 20) // prettier-ignore
    silences[name] = Math.round(receiver.count.silence)
  }
  for (const [n, pid] of childrenOf(stack.workers.process.pid).entries())
    await kill(`child ${n}`, () => process.kill(pid, 'SIGKILL'))
  await kill('API', async () => {
    await killed(stack.api)
    stack.api = await run(bundles.api.entry, { ...stack.env, PORT: new URL(stack.url).port })
  })
  await kill('supervisor', async () => {
    await killed(stack.workers)
    stack.workers = await run('workers/main.ts', stack.env)
  })
  await kill('Redis', async () => {
    await stack.redis.kill()
    await stack.redis.restart()
  })
  return silences
}

test('every event reaches every endpoint under one id, hardly any twice', { timeout: 540_000 }, async () => {
  for (let n = 0; n < ENDPOINTS; n++)
    await stack.client.webhooks.create({
      body: { url: `${receiver.url}/${n}`, event_types: ['storm.*'], concurrency: 20 },
    })
  const sent = sendAll()
  await until(async () => Promise.resolve(receiver.count.all), (all) => all > ENDPOINTS, 20) // prettier-ignore
  const silences = await killAll()
  await sent
  const pairs = EVENTS * ENDPOINTS
  await until(async () => Promise.resolve(receiver.ids.size), (size) => size >= pairs, 250) // prettier-ignore
  const twice = receiver.count.all - pairs
  process.stdout.write(`silent for ms: ${JSON.stringify(silences)}; ${twice} of ${pairs} came twice\n`)
  expect([...receiver.ids.values()].every((ids) => ids.size === 1)).toBe(true)
  expect(receiver.ids.size).toBe(pairs)
  expect(twice / pairs).toBeLessThanOrEqual(0.01)
  for (const [name, ms] of Object.entries(silences)) expect(ms, name).toBeLessThanOrEqual(5_000)
})
