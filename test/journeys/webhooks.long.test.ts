// Webhooks while everything dies: each process in turn by kill -9, and Redis, as 10,000 events go to 20 endpoints.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startStack, until } from '../support/stack.ts'
import type { Stack } from '../support/stack.ts'

const EVENTS = Number(process.env['K1N_TEST_EVENTS'] ?? 10_000)
const ENDPOINTS = 20
const BATCH = 100
/** Work goes on meanwhile, and whoever was killed comes back. */
const BETWEEN_MS = 3_000

let stack: Stack
let receiver: Receiver

interface Receiver {
  url: string
  /** By endpoint and event: every `webhook-id` that came, and how often something came. */
  readonly ids: Map<string, Set<string>>
  readonly count: { all: number; lastAt: number }
  close(): void
}

const startReceiver = async (): Promise<Receiver> => {
  const ids: Receiver['ids'] = new Map()
  const count = { all: 0, lastAt: 0 }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { id } = JSON.parse(Buffer.concat(chunks).toString()) as { id: string }
      const pair = `${request.url ?? ''} ${id}`
      ids.set(pair, (ids.get(pair) ?? new Set()).add(String(request.headers['webhook-id'])))
      count.all++
      count.lastAt = performance.now()
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

/** The processes that the supervisor keeps: workers and the one that records. */
const childrenOf = (pid: number | undefined): number[] =>
  readFileSync(`/proc/${pid ?? 0}/task/${pid ?? 0}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number)

/** Sends all events; what the API refuses while Redis is away is sent again, under the same ids. */
const sendAll = async (): Promise<void> => {
  for (let begun = 0; begun < EVENTS; begun += BATCH) {
    const events = Array.from({ length: BATCH }, (_, n) => ({ event: 'storm.raged', id: `storm-${begun + n}`, data: { n: begun + n } })) // prettier-ignore
    await until(() => stack.client.events.publishMany({ body: { events } }).then(() => true, () => false), Boolean, 250) // prettier-ignore
  }
}

/** Kills one after the other; answers for each how long nothing arrived afterwards, in ms. */
const killAll = async (): Promise<number[]> => {
  const gaps: number[] = []
  const kill = async (end: () => unknown): Promise<void> => {
    const begun = performance.now()
    await end()
    const ended = performance.now()
    await until(async () => Promise.resolve(receiver.count.lastAt), (at) => at > ended, 20) // prettier-ignore
    gaps.push(performance.now() - begun)
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS))
  }
  for (const pid of childrenOf(stack.workers.process.pid)) await kill(() => process.kill(pid, 'SIGKILL'))
  await kill(async () => {
    await stack.redis.kill()
    await stack.redis.restart()
  })
  return gaps
}

test('every event reaches every endpoint under one id, hardly any twice', { timeout: 540_000 }, async () => {
  for (let n = 0; n < ENDPOINTS; n++)
    await stack.client.webhooks.create({
      body: { url: `${receiver.url}/${n}`, event_types: ['storm.*'], concurrency: 20 },
    })
  const sent = sendAll()
  await until(async () => Promise.resolve(receiver.count.all), (all) => all > ENDPOINTS, 20) // prettier-ignore
  const gaps = await killAll()
  await sent
  const pairs = EVENTS * ENDPOINTS
  await until(async () => Promise.resolve(receiver.ids.size), (size) => size >= pairs, 250) // prettier-ignore
  const twice = receiver.count.all - pairs
  process.stdout.write(`gaps ${gaps.map((ms) => Math.round(ms)).join(', ')} ms; ${twice} of ${pairs} came twice\n`)
  expect([...receiver.ids.values()].every((ids) => ids.size === 1)).toBe(true)
  expect(receiver.ids.size).toBe(pairs)
  expect(twice / pairs).toBeLessThanOrEqual(0.01)
  for (const gap of gaps) expect(gap).toBeLessThanOrEqual(5_000)
})
