// Row 12: signed webhooks as jobs through k1n, with every attempt recorded, against BullMQ's Worker and undici's pool; and what one
// slow endpoint among ten costs the others.
import { randomBytes } from 'node:crypto'
import { workerFlags } from '../../../workers/flags.ts'
import { createBull } from '../../../shared/bullmq/bullmq.ts'
import { webhookDeliver } from '../../../shared/catalog/webhook-deliver.ts'
import { post } from '../../../shared/deliveries/fan-out.ts'
import { deliveryKey } from '../../../shared/deliveries/id.ts'
import { createDeliveryStore } from '../../../shared/deliveries/store.ts'
import { readSettings } from '../../../shared/kernel/config.ts'
import { createKernel } from '../../../shared/kernel/kernel.ts'
import type { Kernel } from '../../../shared/kernel/kernel.ts'
import { EndpointChanged } from '../../../shared/webhooks/events.ts'
import { bodyOf } from '../../../shared/webhooks/message.ts'
import { sealSecret } from '../../../shared/webhooks/secrets.ts'
import { makeSecret } from '../../../shared/webhooks/sign.ts'
import { createWebhookStore } from '../../../shared/webhooks/store.ts'
import { WebhookSettings } from '../../../shared/webhooks/words.ts'
import type { WebhookRecord } from '../../../shared/webhooks/words.ts'
import { openQueue } from '../jobs.ts'
import type { BenchQueue } from '../jobs.ts'
import { alternate, costOf, rateOf } from '../pairs.ts'
import type { Slice } from '../pairs.ts'
import type { Row } from '../row.ts'
import type { Side } from '../side.ts'
import { ratios } from '../stats.ts'
import { drainOf, sayJobs } from './worker.ts'

const ROUNDS = 6
const SLOW_ROUNDS = 10
const DELIVERIES = 5_000
const ENDPOINTS = 10
const CONCURRENCY = '50'
const LOOK_MS = 10

/** About 900 bytes, as a fact of a failed job has. */
const data = JSON.stringify({ queue: 'mail', task_id: 'mail:t_1', error: { message: 'x'.repeat(700) }, n: 1 })

/** Registers an endpoint. */
export const endpoint = async (
  kernel: Kernel,
  id: string,
  url: string,
  types: string[] = ['job.*'],
): Promise<WebhookRecord> => {
  const draft = {
    id,
    settings: WebhookSettings.parse({ url, event_types: types }),
    ...{
      queues: ['*'],
      outside: true,
      enabled: true,
      disabled: null,
      sealedHeaders: null,
      headerNames: [],
      by: 'bench',
    },
    secrets: [sealSecret(kernel.vault, id, makeSecret(), Date.now())],
    ...{ createdAt: Date.now(), updatedAt: Date.now() },
  }
  const told = { webhook_id: id, subscriber: null, change: 'created' as const, actor: 'bench' }
  const version = await createWebhookStore(kernel).save(id, 0, draft, { kind: EndpointChanged, data: told })
  return { ...draft, version: Number(version) }
}

/** Makes deliveries to some endpoints in turn, as the fan-out does. */
const createFill = (kernel: Kernel) => {
  const [bull, store] = [createBull(kernel), createDeliveryStore(kernel)]
  let told = 0
  return {
    close: () => bull.close(),
    fill: async (webhooks: readonly WebhookRecord[], count: number): Promise<void> => {
      for (let begun = 0; begun < count; begun += 500) {
        const parcels = Array.from({ length: Math.min(500, count - begun) }, (_, n) => {
          const webhook = webhooks[(begun + n) % webhooks.length] as WebhookRecord
          const eventId = `${1_700_000_000_000 + told++}-0`
          const body = bodyOf({ id: eventId, name: 'job.failed', at: Date.now(), data })
          const key = deliveryKey(eventId, webhook.id)
          return {
            webhook,
            body,
            fact: { sent: undefined, data: {} },
            delivery: { key, webhookId: webhook.id, eventId, eventType: 'job.failed', order: '' },
          }
        })
        await post(kernel, { bull, store }, parcels)
      }
    },
  }
}

const fillRaw = async ({ queue }: BenchQueue): Promise<void> => {
  const secret = makeSecret()
  for (let begun = 0; begun < DELIVERIES; begun += 1_000)
    await queue.addBulk(
      Array.from({ length: 1_000 }, (_, n) => {
        const id = `msg_${begun + n}_${Date.now()}`
        const body = bodyOf({ id, name: 'job.failed', at: Date.now(), data })
        return { name: 'deliver', data: { path: `/${n % ENDPOINTS}`, id, body, secret }, opts: { attempts: 10 } }
      }),
    )
}

const fastCount = async (sink: Side): Promise<number> => ((await sink.ask('counts')) as { fast: number }).fast

/** Seconds until so many deliveries to endpoints that are not slow have arrived. */
const secondsFor = async (queue: BenchQueue, sink: Side, count: number): Promise<number> => {
  const until = (await fastCount(sink)) + count
  const begun = performance.now()
  await queue.queue.resume()
  while ((await fastCount(sink)) < until) await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  return (performance.now() - begun) / 1_000
}

export const webhooks: Row = {
  id: '12',
  title: `${DELIVERIES} signed webhooks of 0.9 kB to ${ENDPOINTS} endpoints, ${CONCURRENCY} at once, each attempt recorded; and one endpoint of ten that takes 2 s`,
  floor: "BullMQ's Worker, a signature and undici's Pool, nothing recorded; the nine without the slow one",
  async run(bench) {
    const redis = await bench.redis()
    const sink = await bench.side('scripts/bench/sides/webhook-sink.ts')
    const url = String(sink.ready['url'])
    const env = {
      ...{ REDIS_URL: redis.url, K1N_LOG_LEVEL: 'error', K1N_SECRETS_KEY: randomBytes(32).toString('base64') },
      K1N_WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8',
      K1N_WEBHOOK_ALLOW_CIDRS_CONFIRM: '127.0.0.0/8',
    }
    const kernel = createKernel({ settings: readSettings(env), role: 'worker' })
    bench.after(() => kernel.close())
    const fast = await Promise.all(
      Array.from({ length: ENDPOINTS }, (_, n) => endpoint(kernel, `wh_fast${n}`, `${url}/${n}`)),
    )
    const filler = createFill(kernel)
    bench.after(() => filler.close())
    const floor = await bench.side('scripts/bench/sides/raw-webhooks.ts', env, [url, CONCURRENCY])
    const k1n = await bench.side('scripts/bench/sides/webhooks.ts', env, [CONCURRENCY], workerFlags(2))
    const queues = {
      floor: openQueue(bench, redis, 'raw', webhookDeliver.queue),
      k1n: openQueue(bench, redis, 'bull', webhookDeliver.queue),
    }
    const slices = await alternate(
      bench,
      { floor: drainOf(redis, floor, queues.floor, DELIVERIES), k1n: drainOf(redis, k1n, queues.k1n, DELIVERIES) },
      {
        rounds: ROUNDS,
        warmUp: 1,
        async before(name) {
          await queues[name].fill(0)
          await (name === 'floor' ? fillRaw(queues.floor) : filler.fill(fast, DELIVERIES))
        },
      },
    )
    const slow = await slowOnes(queues.k1n, sink, kernel, filler.fill, fast.slice(1), url)
    const against = (of: (slice: Slice) => number): number[] => ratios(slices.k1n.map(of), slices.floor.map(of))
    return {
      figures: [
        {
          bar: { name: 'rate', kind: 'rate', must: { atLeast: 0.85 }, moonshot: { atLeast: 1.1 } },
          values: against(rateOf),
        },
        { bar: { name: 'cpu', kind: 'cpu', must: { atMost: 1 / 0.85 } }, values: against(costOf) },
        { bar: { name: 'nine beside a slow one', kind: 'time', must: { atMost: 1.1 } }, values: slow },
      ],
      notes: [sayJobs('floor', slices.floor), sayJobs('k1n', slices.k1n)],
    }
  },
}

/** How much longer nine endpoints take when a tenth takes two seconds for each delivery. */
const slowOnes = async (
  queue: BenchQueue,
  sink: Side,
  kernel: Kernel,
  fill: ReturnType<typeof createFill>['fill'],
  fast: readonly WebhookRecord[],
  url: string,
): Promise<number[]> => {
  const each = DELIVERIES / ENDPOINTS
  const take = async (webhooks: readonly WebhookRecord[]): Promise<number> => {
    await queue.fill(0)
    await fill(webhooks, each * webhooks.length)
    return secondsFor(queue, sink, each * fast.length)
  }
  const values: number[] = []
  for (let round = 0; round < SLOW_ROUNDS; round++) {
    const slow = await endpoint(kernel, `wh_slow${round}`, `${url}/slow`)
    const first = round % 2 === 0 ? await take(fast) : undefined
    const beside = await take([slow, ...fast])
    // What still waits for the slow one is not to be in the way of the next round.
    await kernel.redis.del(kernel.key('deliveries', 'line', slow.id))
    values.push(beside / (first ?? (await take(fast))))
  }
  return values
}
