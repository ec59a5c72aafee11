// What tests of deliveries start from: an endpoint, facts for it, and attempts made in this process.
import { createBull } from '../../../shared/bullmq/bullmq.ts'
import type { Bull } from '../../../shared/bullmq/bullmq.ts'
import { catalogOf } from '../../../shared/catalog/catalog.ts'
import { webhookDeliver } from '../../../shared/catalog/webhook-deliver.ts'
import { createFanOut } from '../../../shared/deliveries/fan-out.ts'
import type { ReplayPreview } from '../../../shared/deliveries/contract.ts'
import { deliveryId, deliveryKey } from '../../../shared/deliveries/id.ts'
import { createKernel } from '../../../shared/kernel/kernel.ts'
import { createWorkerProcess } from '../../../workers/process.ts'
import { expect } from 'vitest'
import { operationKinds } from '../../../shared/operation-kinds.ts'
import type { Operation } from '../../../shared/operations/words.ts'
import { createRunner } from '../../../shared/operations/operations.ts'
import { attemptAll, makeDeliverer, register, startHook, tellFacts } from '../../support/deliveries.ts'
import type { Hook } from '../../support/deliveries.ts'
import { test as base } from '../fixtures.ts'

export const hookId = 'wh_receiver1'

interface DeliveryFixtures {
  hook: Hook
  bull: Bull
  /** Makes deliveries of the facts that were told. */
  fanOut: () => Promise<number>
  /** Runs one attempt of each that waits. */
  attempt: (number?: number) => Promise<unknown>
  /** Tells facts to the endpoint; answers the ids of their deliveries. */
  tell: (count: number, name?: string) => Promise<string[]>
  /** Has a worker process take all that waits, until nothing does. */
  work: () => Promise<void>
  /** Runs an operation to its end. */
  run: (id: string) => Promise<unknown>
}

export const test = base.extend<DeliveryFixtures>({
  hook: async ({ kernel }, use) => {
    const hook = await startHook()
    await register(kernel, hookId, hook.url, { retry: { delays_ms: [60_000] } })
    await use(hook)
    await hook.close()
  },
  bull: async ({ kernel }, use) => {
    const bull = createBull(kernel)
    await bull.claim(webhookDeliver.queue)
    await use(bull)
    await bull.close()
  },
  fanOut: async ({ kernel, bull }, use) => {
    const consumer = createFanOut(kernel, bull)
    await consumer.catchUp()
    await use(() => consumer.catchUp())
  },
  attempt: async ({ kernel, bull }, use) => {
    const deliverer = makeDeliverer(kernel, bull)
    await use((number) => attemptAll(kernel, bull, deliverer, number))
  },
  tell: async ({ kernel, fanOut, hook: _registered }, use) => {
    await use(async (count, name) => {
      const facts = Array.from({ length: count }, (_, n) => ({ queue: 'mail', n }))
      const ids = await tellFacts(kernel, facts, name)
      await fanOut()
      return ids.map((id) => deliveryId(deliveryKey(id, hookId)))
    })
  },
  work: async ({ kernel, bull, prefix }, use) => {
    const { settings, log, bullPrefix } = kernel
    const own = createKernel({ settings, role: 'worker', log, tag: prefix, bullPrefix })
    const deliverer = makeDeliverer(own, bull)
    const worker = createWorkerProcess(own, {
      ...{ workerId: 'w_one', catalog: catalogOf(webhookDeliver), handlers: { 'webhook.deliver': deliverer.handler } },
      ...{ beside: deliverer.services, onHang: () => undefined },
    })
    const isQuiet = async (): Promise<boolean> => {
      const counts = (await bull.counts([webhookDeliver.queue])).get(webhookDeliver.queue)
      return counts?.waiting === 0 && counts.active === 0
    }
    await use(async () => {
      await worker.start()
      await expect.poll(isQuiet).toBe(true)
    })
    await worker.stop(0)
    await own.close()
  },
  run: async ({ kernel, bull }, use) => {
    const runner = createRunner(kernel, operationKinds(kernel, bull))
    await use((id) => runner.run(id, new AbortController().signal))
  },
})

/** The operation that a replay began. */
export const started = (answer: Operation | ReplayPreview): Operation => {
  if ('matched' in answer) throw new Error('only a preview came')
  return answer
}

export const path = '/api/v2/webhooks'
export { expectProblem } from '../fixtures.ts'
export { answers } from '../../support/deliveries.ts'
export { describe, expect } from 'vitest'
