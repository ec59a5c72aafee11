// What the tests of deliveries share: endpoints, receivers that do as they are told, and attempts without a worker.
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { webhookDeliver } from '../../shared/catalog/webhook-deliver.ts'
import type { Directive, HandlerContext } from '../../shared/catalog/handler.ts'
import type { PayloadOf } from '../../shared/catalog/kind.ts'
import { BESIDE } from '../../shared/deliveries/beside.ts'
import { createDeliverer } from '../../shared/deliveries/deliver.ts'
import type { Deliverer } from '../../shared/deliveries/deliver.ts'
import { createFanOut } from '../../shared/deliveries/fan-out.ts'
import { createDeliveryStore } from '../../shared/deliveries/store.ts'
import type { DeliveryStore } from '../../shared/deliveries/store.ts'
import type { Bull } from '../../shared/bullmq/bullmq.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { createOutbound } from '../../shared/outbound/outbound.ts'
import type { Consumer } from '../../shared/stream/consumer.ts'
import { eventLogKey } from '../../shared/stream/log.ts'
import { EndpointChanged } from '../../shared/webhooks/events.ts'
import { sealSecret } from '../../shared/webhooks/secrets.ts'
import { makeSecret } from '../../shared/webhooks/sign.ts'
import { createWebhookStore } from '../../shared/webhooks/store.ts'
import { WebhookSettings } from '../../shared/webhooks/words.ts'
import type { WebhookDraft } from '../../shared/webhooks/words.ts'
import { test as base } from './rooms.ts'

export interface Heard {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A receiver of webhooks. */
export interface Hook {
  readonly url: string
  readonly heard: Heard[]
  /** How it answers from now on. */
  answer: (request: IncomingMessage, response: ServerResponse) => void
  close(): Promise<void>
}

export const answers =
  (status: number, headers: Record<string, string> = {}, body = '') =>
  (_request: IncomingMessage, response: ServerResponse): void =>
    void response.writeHead(status, headers).end(body)

export const startHook = async (): Promise<Hook> => {
  const heard: Heard[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      heard.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() })
      hook.answer(request, response)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const hook: Hook = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    heard,
    answer: answers(200, {}, 'thanks'),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return hook
}

type Settings = Partial<Omit<WebhookSettings, 'url'>>

/** Registers an endpoint; answers its id and secret. */
export const register = async (
  kernel: Kernel,
  id: string,
  url: string,
  settings: Settings = {},
  more: Partial<WebhookDraft> = {},
): Promise<{ id: string; secret: string }> => {
  const secret = makeSecret()
  const now = kernel.clock.now()
  const draft: WebhookDraft = {
    id,
    settings: WebhookSettings.parse({ url, event_types: ['queue.*'], ...settings }),
    queues: ['*'],
    outside: true,
    enabled: true,
    disabled: null,
    secrets: [sealSecret(kernel.vault, id, secret, now)],
    sealedHeaders: null,
    headerNames: [],
    createdAt: now,
    updatedAt: now,
    by: 'Ada',
    ...more,
  }
  await createWebhookStore(kernel).save(id, 0, draft, {
    kind: EndpointChanged,
    data: { webhook_id: id, subscriber: null, change: 'created', actor: 'Ada' },
  })
  return { id, secret }
}

/** Tells facts; answers their positions. */
export const tellFacts = async (
  kernel: Kernel,
  data: readonly Record<string, unknown>[],
  name = 'queue.drained',
): Promise<string[]> => {
  const ids: string[] = []
  for (const each of data) {
    const head = `${name}@${kernel.clock.now()}`
    ids.push(String(await kernel.redis.xadd(eventLogKey(kernel), '*', head, JSON.stringify(each))))
  }
  return ids
}

type Context = HandlerContext<PayloadOf<typeof webhookDeliver>>

export interface DeliveryFixtures {
  hook: Hook
  fanOut: Consumer
  store: DeliveryStore
  deliverer: Deliverer
  /** Runs one attempt of every delivery that waits for a worker; answers what each came to, in order. */
  deliver: (attempt?: number) => Promise<(Directive<unknown> | Error)[]>
}

export const test = base.extend<DeliveryFixtures>({
  hook: async ({}, use) => {
    const hook = await startHook()
    await use(hook)
    await hook.close()
  },
  fanOut: async ({ kernel, bull }, use) => {
    await bull.claim(webhookDeliver.queue)
    const consumer = createFanOut(kernel, bull)
    await consumer.catchUp()
    await use(consumer)
  },
  store: async ({ kernel }, use) => use(createDeliveryStore(kernel)),
  deliverer: async ({ kernel, bull }, use) => use(makeDeliverer(kernel, bull)),
  deliver: async ({ kernel, bull, deliverer }, use) => use((attempt) => attemptAll(kernel, bull, deliverer, attempt)),
})

/** Delivers to loopback. Patient: a machine with much to do is no endpoint that fails. */
export const makeDeliverer = (kernel: Kernel, bull: Bull): Deliverer => {
  const outbound = createOutbound({ allowCidrs: ['127.0.0.0/8'], keepMs: 1_000, timeoutMs: 10_000 })
  return createDeliverer(kernel, { bull, outbound, slots: 8 })
}

/** Takes every delivery that waits for a worker and runs one attempt of it; answers what each came to, in order. */
export const attemptAll = async (
  kernel: Kernel,
  bull: Bull,
  deliverer: Deliverer,
  attempt = 1,
): Promise<(Directive<unknown> | Error)[]> => {
  const run = async (id: string): Promise<Directive<unknown> | Error> => {
    const hash = bull.keys(webhookDeliver.queue).job(id)
    const [data, opts] = await kernel.redis.hmget(hash, 'data', 'opts')
    const payload = JSON.parse(data ?? '{}') as Context['payload']
    const maxAttempts = (JSON.parse(opts ?? '{}') as { attempts: number }).attempts
    const context = { id, payload, attempt, maxAttempts, signal: new AbortController().signal } as Context
    return Promise.resolve(deliverer.handler(context)).catch((error: unknown) => error as Error)
  }
  const { wait } = bull.keys(webhookDeliver.queue)
  const ids = await kernel.redis.lrange(wait, 0, -1)
  await kernel.redis.del(wait)
  const ends = await Promise.all(ids.reverse().map(run))
  // What is written beside the jobs is there when its service has stopped.
  for (const service of deliverer.services) if (service.name === BESIDE) await service.stop()
  return ends
}

export { describe, expect } from 'vitest'
