// A thousand dead endpoints beside fifty good ones: the good ones get everything, the dead ones are hardly called, and no process grows.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEATHS, deadServer } from '../../shared/outbound/fixtures/dead.ts'
import { childrenOf, startStack, until } from '../support/stack.ts'
import type { Stack } from '../support/stack.ts'

const GOOD = 50
const DEAD = 1_000
const PHASE_MS = 20_000
/** A fact for the good ones each, and one for all. */
const CALM_MS = 100
const STORM_MS = 2_000

interface Receivers {
  good: string
  dead: string
  refusing: string
  /** What arrived at good ones, by endpoint and fact; and how long the calm ones took from when they were told. */
  readonly heard: Set<string>
  readonly tookMs: number[]
  readonly calls: { dead: number }
  close(): void
}

const listen = async (server: Server): Promise<string> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const startReceivers = async (): Promise<Receivers> => {
  const heard = new Set<string>()
  const tookMs: number[] = []
  const calls = { dead: 0 }
  const good = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { type, id, data } = JSON.parse(Buffer.concat(chunks).toString()) as { type: string; id: string; data: { at: number } } // prettier-ignore
      if (type === 'calm.beat') tookMs.push(Date.now() - data.at)
      heard.add(`${request.url ?? ''} ${id}`)
      response.end('ok')
    })
  })
  const dead = deadServer(() => calls.dead++)
  const refusing = createServer()
  const urls = { good: await listen(good), dead: await listen(dead), refusing: await listen(refusing) }
  refusing.close()
  return {
    ...urls,
    ...{ heard, tookMs, calls },
    close() {
      good.closeAllConnections()
      good.close()
      dead.hangUp()
    },
  }
}

let stack: Stack
let receivers: Receivers

beforeAll(async () => {
  receivers = await startReceivers()
  stack = await startStack({ K1N_WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8' })
})
afterAll(async () => {
  await stack.stop()
  receivers.close()
})

const register = async (url: string, types: string[]): Promise<string> =>
  (await stack.client.webhooks.create({ body: { url, event_types: types } })).id

/** Tells facts for a while; answers how many of each sort. */
const tell = async (name: string, storms: boolean): Promise<{ calm: number; storm: number }> => {
  const told = { calm: 0, storm: 0 }
  const began = Date.now()
  const say = (event: string, n: number) =>
    stack.client.events.publish({ body: { event, id: `${name}-${event}-${n}`, data: { at: Date.now() } } })
  while (Date.now() < began + PHASE_MS) {
    const after = Date.now() - began
    if (after >= told.calm * CALM_MS) await say('calm.beat', told.calm++)
    else if (storms && after >= told.storm * STORM_MS) await say('storm.beat', told.storm++)
    else await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return told
}

/** Memory of the processes that the supervisor keeps, in MB. */
const memory = (): number[] =>
  childrenOf(stack.workers.process.pid).map((pid) =>
    Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024),
  )

const p95 = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(0.95 * values.length)] ?? NaN

/** What is expected of the good ones: every fact at each of them. */
const expected = (all: readonly { calm: number; storm: number }[]): number =>
  GOOD * all.reduce((sum, { calm, storm }) => sum + calm + storm, 0)

test('good endpoints get everything while a thousand dead ones are hardly called', { timeout: 400_000 }, async () => {
  for (let n = 0; n < GOOD; n++) await register(`${receivers.good}/${n}`, ['calm.*', 'storm.*'])
  const sorts = [...DEATHS.map((death) => `${receivers.dead}/${death}`), receivers.refusing]
  const dead: string[] = []
  for (let n = 0; n < DEAD; n++) dead.push(await register(`${sorts[n % sorts.length] ?? ''}/${n}`, ['storm.*']))
  const phases: { calm: number; storm: number }[] = []
  const looks: { p95: number; memory: number[] }[] = []
  for (const [name, storms] of [
    ['warm', false],
    ['alone', false],
    ['first', true],
    ['again', false],
    ['beside', true],
  ] as const) {
    // prettier-ignore
    receivers.tookMs.length = 0
    phases.push(await tell(name, storms))
    await until(async () => Promise.resolve(receivers.heard.size), (size) => size >= expected(phases), 50) // prettier-ignore
    looks.push({ p95: p95(receivers.tookMs), memory: memory() })
    process.stdout.write(
      `${name}: ${JSON.stringify({ ...looks.at(-1), ...phases.at(-1), calls: receivers.calls.dead })}\n`,
    )
  }
  expect(receivers.heard.size).toBe(expected(phases))
  const storms = phases.reduce((sum, { storm }) => sum + storm, 0)
  expect(receivers.calls.dead).toBeLessThan((DEAD * storms) / 20)
  // What goes to the dead ones waits for them.
  for (const webhook_id of dead.slice(0, sorts.length))
    expect(await stack.client.deliveries.health({ params: { webhook_id } })).toMatchObject({
      backlog: storms,
      arrived: 0,
    })
  const [alone, beside] = [looks[1]?.memory ?? [], looks[4]?.memory ?? []]
  for (const [n, mb] of beside.entries()) expect(mb).toBeLessThanOrEqual(1.25 * (alone[n] ?? 0))
})
