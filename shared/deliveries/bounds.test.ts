// What an endpoint asks for is kept: its order and its rate; and one that fails for days is asked no more.
import { answers, describe, expect, register, tellFacts, test as base } from '../../test/support/deliveries.ts'
import { ServiceHeld } from '../calls/entry.ts'
import { webhookDeliver } from '../catalog/webhook-deliver.ts'
import { createWebhookStore } from '../webhooks/store.ts'
import { deliveryKey, jobId } from './id.ts'

const HOUR = 3_600_000

interface Given {
  /** Tells facts of which each has a value of `n`; answers the keys of their deliveries. */
  tell: (...values: number[]) => Promise<string[]>
  /** Has deliveries wait for a worker once more: their time has come. */
  comeAgain: (...keys: string[]) => Promise<void>
  /** What the endpoint heard, by the keys of the deliveries; from now on anew. */
  heardNow: () => string[]
}

const test = base.extend<Given>({
  tell: async ({ kernel, fanOut }, use) =>
    use(async (...values) => {
      const ids = await tellFacts(
        kernel,
        values.map((n) => ({ queue: 'mail', n })),
      )
      await fanOut.catchUp()
      return ids.map((id) => deliveryKey(id, 'wh_a'))
    }),
  comeAgain: async ({ kernel, bull }, use) =>
    use(async (...keys) => {
      await kernel.redis.lpush(bull.keys(webhookDeliver.queue).wait, ...keys.map(jobId))
    }),
  heardNow: async ({ hook }, use) =>
    use(() => hook.heard.splice(0).map(({ headers }) => String(headers['webhook-id']).slice('msg_'.length))),
})

describe('order_by', () => {
  test('holds what has one value back until the one before has arrived, and nothing else', async ({
    kernel,
    hook,
    deliver,
    tell,
    comeAgain,
    heardNow,
  }) => {
    await register(kernel, 'wh_a', hook.url, { order_by: 'n', retry: { delays_ms: [1_000, 1_000] } })
    const [proof = ''] = await tell(0)
    await deliver()
    expect(heardNow()).toEqual([proof])
    const [first = '', second = '', other = ''] = await tell(1, 1, 2)
    hook.answer = (request, response) =>
      void response.writeHead(request.headers['webhook-id'] === `msg_${first}` ? 500 : 200).end()
    await deliver()
    expect(heardNow().sort()).toEqual([first, other].sort())
    // It came by itself, and it is not its turn yet.
    await comeAgain(second)
    expect(await deliver()).toMatchObject([{ hold: { cause: 'concurrency' } }])
    expect(heardNow()).toEqual([])
    hook.answer = answers(200)
    await comeAgain(first)
    await deliver(2)
    expect(heardNow()).toEqual([first])
    await deliver()
    expect(heardNow()).toEqual([second])
  })

  test('lets the next one go when the one before was given up', async ({
    kernel,
    bull,
    hook,
    deliver,
    tell,
    heardNow,
  }) => {
    await register(kernel, 'wh_a', hook.url, { order_by: 'n', retry: { delays_ms: [] } })
    await tell(0)
    await deliver()
    heardNow()
    const [first = '', second = ''] = await tell(1, 1)
    hook.answer = answers(400)
    await deliver()
    expect(heardNow()).toEqual([first])
    expect(await bull.stateOf([{ queue: webhookDeliver.queue, id: jobId(second) }])).toEqual(['waiting'])
    await deliver()
    expect(heardNow()).toEqual([second])
  })
})

test('rate_limit sends so many in its time, keeps the others in line, and sends them then', async ({
  kernel,
  clock,
  hook,
  store,
  deliver,
  tell,
  comeAgain,
  heardNow,
}) => {
  await register(kernel, 'wh_a', hook.url, { rate_limit: { max: 3, per_ms: 60_000 }, concurrency: 10 })
  await tell(0)
  await deliver()
  heardNow()
  await tell(1, 2, 3, 4)
  const causes = async () => (await deliver()).flatMap((each) => (each instanceof ServiceHeld ? each.hold.cause : []))
  expect(await causes()).toEqual(['budget', 'budget'])
  expect(heardNow()).toHaveLength(2)
  // An endpoint that has just answered is tried with those in its line: they are held to the rate again, and wait for it.
  const early = await store.due(9, clock.now() + HOUR)
  await comeAgain(...early.map(({ key }) => key), ...(await store.pull('wh_a', 9)))
  expect(await causes()).toEqual(['budget', 'budget'])
  expect(await store.due(9, clock.now() + HOUR)).toEqual([])
  await clock.advance(61_000)
  const due = await store.due(9, clock.now() + HOUR)
  expect(due).toHaveLength(1)
  await comeAgain(...due.map(({ key }) => key), ...(await store.pull('wh_a', 9)))
  expect(await causes()).toEqual([])
  expect(heardNow()).toHaveLength(2)
})

describe('an endpoint that fails for 120 hours', () => {
  const isEnabled = async (kernel: Parameters<typeof register>[0]) =>
    (await createWebhookStore(kernel).find('wh_a'))?.enabled

  test.for([
    ['and ten times is disabled, and tells so', 10, 120 * HOUR, false],
    ['but nine times only is not', 9, 120 * HOUR, true],
    ['but for a moment is not', 10, 120 * HOUR - 1, true],
  ] as const)('%s', async ([, times, forMs, stays], { kernel, clock, hook, fanOut, deliver, tell, comeAgain }) => {
    await register(kernel, 'wh_a', hook.url)
    await fanOut.catchUp()
    hook.answer = answers(500)
    const [key = ''] = await tell(1)
    const fail = async (): Promise<void> => {
      await kernel.redis.hdel(kernel.key('deliveries', 'state', 'wh_a'), 'rest')
      await deliver()
      await comeAgain(key)
    }
    for (let n = 1; n < times; n++) await fail()
    await clock.advance(forMs)
    expect(await isEnabled(kernel)).toBe(true)
    await fail()
    expect(hook.heard).toHaveLength(times)
    expect(await isEnabled(kernel)).toBe(stays)
    if (!stays) expect(await createWebhookStore(kernel).find('wh_a')).toMatchObject({ disabled: { reason: 'failing' } })
  })

  test('starts anew with each delivery that arrives, and when somebody enables it', async ({
    kernel,
    clock,
    hook,
    store,
    deliver,
    tell,
  }) => {
    await register(kernel, 'wh_a', hook.url)
    const one = async (status: number): Promise<void> => {
      hook.answer = answers(status)
      await kernel.redis.hdel(kernel.key('deliveries', 'state', 'wh_a'), 'rest')
      await kernel.redis.del(kernel.key('deliveries', 'looks'))
      await tell(1)
      await deliver()
    }
    for (let n = 0; n < 12; n++) await one(500)
    await clock.advance(119 * HOUR)
    await one(200)
    await clock.advance(2 * HOUR)
    await one(500)
    expect(await store.standing('wh_a')).toMatchObject({ failures: 1, failingSince: clock.now() })
    expect(await isEnabled(kernel)).toBe(true)
    await store.forgive('wh_a')
    expect(await store.standing('wh_a')).toMatchObject({ failures: 0, failingSince: undefined })
  })
})
