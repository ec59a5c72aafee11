// webhook.deliver in a worker process, in real time: facts arrive, and endpoints that do not answer keep nobody else waiting.
import { createWorkerProcess } from '../process.ts'
import type { WorkerProcess } from '../process.ts'
import { catalogOf } from '../../shared/catalog/catalog.ts'
import { webhookDeliver } from '../../shared/catalog/webhook-deliver.ts'
import { createDeliverer } from '../../shared/deliveries/deliver.ts'
import { createFanOut } from '../../shared/deliveries/fan-out.ts'
import { deliveryKey } from '../../shared/deliveries/id.ts'
import { createDeliveryStore } from '../../shared/deliveries/store.ts'
import { createBull } from '../../shared/bullmq/bullmq.ts'
import { createKernel } from '../../shared/kernel/kernel.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { createOutbound } from '../../shared/outbound/outbound.ts'
import {
  answers,
  describe,
  expect,
  register,
  startHook,
  tellFacts,
  test as base,
} from '../../test/support/deliveries.ts'
import type { Hook } from '../../test/support/deliveries.ts'

interface Given {
  /** A kernel by the machine's clock. */
  live: Kernel
  process: WorkerProcess
  hooks: (count: number) => Promise<Hook[]>
}

const TIMEOUT_MS = 10_000
const SLOTS = 8

const test = base.extend<Given>({
  live: async ({ kernel, prefix }, use) => {
    const { settings, log } = kernel
    const live = createKernel({ settings, role: 'worker', log, tag: prefix, bullPrefix: kernel.bullPrefix })
    await use(live)
    await live.close()
  },
  process: async ({ live }, use) => {
    const bull = createBull(live)
    const outbound = createOutbound({ allowCidrs: ['127.0.0.0/8'], timeoutMs: TIMEOUT_MS, keepMs: 1_000 })
    const deliverer = createDeliverer(live, { bull, outbound, slots: SLOTS })
    const handlers = { 'webhook.deliver': deliverer.handler }
    const worker = createWorkerProcess(live, {
      ...{ workerId: 'w_one', catalog: catalogOf(webhookDeliver), handlers, beside: deliverer.services },
      ...{ concurrency: SLOTS, onHang: () => undefined },
    })
    const fanOut = createFanOut(live, bull)
    await fanOut.catchUp()
    await worker.start()
    await fanOut.start()
    await use(worker)
    await fanOut.stop()
    await worker.stop(100)
    await bull.close()
  },
  hooks: async ({}, use) => {
    const started: Hook[] = []
    await use(async (count) => {
      const some = await Promise.all(Array.from({ length: count }, startHook))
      started.push(...some)
      return some
    })
    await Promise.all(started.map((hook) => hook.close()))
  },
})

const facts = (count: number) => Array.from({ length: count }, (_, n) => ({ queue: 'mail', n }))
const idsHeard = (hook: Hook): string[] => [...new Set(hook.heard.map(({ headers }) => String(headers['webhook-id'])))]

describe('facts', () => {
  test('arrive at each endpoint once, while they are told', async ({ live, process, hooks }) => {
    expect(process.fleet.slots).toEqual({ 'k1n-webhooks': SLOTS })
    const [one, other] = (await hooks(2)) as [Hook, Hook]
    await register(live, 'wh_one', one.url)
    await register(live, 'wh_other', other.url)
    const ids = await tellFacts(live, facts(50))
    await expect.poll(() => one.heard.length + other.heard.length).toBe(100)
    expect(idsHeard(one).sort()).toEqual(ids.map((id) => `msg_${deliveryKey(id, 'wh_one')}`).sort())
    const store = createDeliveryStore(live)
    await expect.poll(async () => (await store.health('wh_one')).backlog).toBe(0)
    expect(await store.findBrief(ids.map((id) => deliveryKey(id, 'wh_one')))).toEqual(
      ids.map(() => expect.objectContaining({ status: 'succeeded', attempts: 1 }) as unknown),
    )
  })

  test('reach good endpoints while more than all slots could hang at others', async ({
    live,
    process: _runs,
    hooks,
  }) => {
    const [good, hanging] = (await hooks(2)) as [Hook, Hook]
    await register(live, 'wh_good', good.url)
    await tellFacts(live, [{ queue: 'mail' }])
    await expect.poll(() => idsHeard(good).length).toBe(1)
    hanging.answer = () => undefined
    for (let n = 0; n < 3 * SLOTS; n++) await register(live, `wh_hang${n}`, `${hanging.url}/${n}`)
    await tellFacts(live, facts(10))
    await expect.poll(() => idsHeard(good).length).toBe(11)
    // Two of the eight slots are for those of whom nothing good is known, and none of them has been given up yet.
    expect(hanging.heard.length).toBeLessThanOrEqual(2)
  })

  test('that could not be sent go on once their endpoint answers, each at its own pace', async ({
    live,
    process: _runs,
    hooks,
  }) => {
    const [hook] = (await hooks(1)) as [Hook]
    hook.answer = answers(503)
    await register(live, 'wh_a', hook.url, { retry: { delays_ms: Array.from({ length: 20 }, () => 1_000) } })
    await tellFacts(live, facts(20))
    const store = createDeliveryStore(live)
    await expect.poll(async () => (await store.standing('wh_a')).restsUntil).toBeDefined()
    // The rest was not waited for by trying again and again.
    const tried = hook.heard.length
    expect(tried).toBeLessThan(5)
    hook.answer = answers(200)
    await store.forgive('wh_a')
    await expect.poll(async () => (await store.health('wh_a')).backlog, { timeout: 12_000 }).toBe(0)
    expect(hook.heard.length).toBe(tried + 20)
  })
})
