// Lines of endpoints while the processes that look at them die: nobody who stands in one is forgotten, and nobody is woken for ever.
import {
  attemptAll,
  describe,
  expect,
  makeDeliverer,
  register,
  tellFacts,
  test,
} from '../../test/support/deliveries.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { webhookDeliver } from '../catalog/webhook-deliver.ts'
import { deliveryKey } from './id.ts'
import { createLines } from './lines.ts'
import type { DeliveryStore } from './store.ts'

const AGAIN_MS = 20_000

/** Puts deliveries of one endpoint into its line. */
const lineUp = async (store: DeliveryStore, now: number, ...keys: string[]): Promise<void> => {
  await store.open(keys.map((key, n) => ({ key, webhookId: 'wh_a', eventId: `${now}-${n}`, eventType: 'queue.drained', order: '' }))) // prettier-ignore
  for (const key of keys) await store.join({ key, webhookId: 'wh_a', lookAt: now })
}
const a = { key: 'a', webhookId: 'wh_a' }

describe('who is taken from a line', () => {
  test('comes again when whoever took it dies before it is awake', async ({ store, clock }) => {
    await lineUp(store, clock.now(), 'a', 'b')
    const due = () => store.due(9, clock.now() + AGAIN_MS)
    expect(await due()).toEqual([a])
    expect(await store.pull('wh_a', 9)).toEqual(['b'])
    expect(await store.pull('wh_a', 9)).toEqual([])
    expect(await due()).toEqual([])
    await clock.advance(AGAIN_MS)
    expect(await due()).toEqual([a])
  })

  test('is out of it once it is awake, unless it has joined it anew', async ({ store, clock }) => {
    await lineUp(store, clock.now(), 'a', 'b')
    const b = { key: 'b', webhookId: 'wh_a' }
    expect(await store.pull('wh_a', 9)).toEqual(['a', 'b'])
    await store.join({ ...b, lookAt: clock.now() })
    await store.awake([a, b])
    expect(await store.pull('wh_a', 9)).toEqual(['b'])
  })
})

test('who comes into line just after its endpoint answered does not wait for another answer', async ({
  store,
  clock,
}) => {
  const opened = (key: string) => ({ key, webhookId: 'wh_a', eventId: '1-0', eventType: 'queue.drained', order: '' })
  await store.open([opened('a'), opened('b')])
  await store.attempted({ key: 'before', webhookId: 'wh_a', status: 'succeeded', good: true })
  // Its rate is used up, which no answer changes.
  await store.join({ key: 'b', webhookId: 'wh_a', lookAt: clock.now() + 15_000 })
  expect(await store.due(9, clock.now() + AGAIN_MS)).toEqual([])
  await store.join({ ...a, lookAt: clock.now() + 15_000, orOnceItAnswers: true })
  expect(await store.due(9, clock.now() + AGAIN_MS)).toEqual([a])
})

test('a new endpoint that answers elsewhere meanwhile is not kept waiting for a first try that hangs here', async ({
  kernel,
  bull,
  clock,
  hook,
  fanOut,
  store,
}) => {
  await register(kernel, 'wh_a', hook.url)
  const [here, elsewhere] = [makeDeliverer(kernel, bull), makeDeliverer(kernel, bull)]
  const tellOne = async (): Promise<string> => {
    const [id = ''] = await tellFacts(kernel, [{ queue: 'mail' }])
    await fanOut.catchUp()
    return deliveryKey(id, 'wh_a')
  }
  const quick = hook.answer
  const hanging = Promise.withResolvers<undefined>()
  hook.answer = () => hanging.resolve(undefined)
  await tellOne()
  const first = attemptAll(kernel, bull, here)
  await hanging.promise
  hook.answer = quick
  await tellOne()
  expect(await attemptAll(kernel, bull, elsewhere)).toMatchObject([{ directive: 'done' }])
  const key = await tellOne()
  expect(await attemptAll(kernel, bull, here)).toMatchObject([{ name: 'ServiceHeld' }])
  expect(await store.due(9, clock.now() + AGAIN_MS)).toEqual([{ key, webhookId: 'wh_a' }])
  await first
})

test('of two rests of an endpoint the longer one holds', async ({ store, clock }) => {
  await store.rest('wh_a', clock.now() + 3_600_000)
  await store.rest('wh_a', clock.now() + 5_000)
  expect((await store.standing('wh_a')).restsUntil).toBe(clock.now() + 3_600_000)
})

test('who is woken before its job is there is woken again, but not for ever', async ({
  kernel,
  store,
  bull,
  clock,
}) => {
  await lineUp(store, clock.now(), 'a')
  const lines = createLines(kernel, { bull, store, room: () => ({ all: 1, failing: 1 }) })
  await lines.next('wh_a', 1)
  expect(await store.due(9, clock.now() + AGAIN_MS)).toEqual([a])
  await clock.advance(60_000)
  await lines.wake([a])
  expect(await store.due(9, clock.now() + AGAIN_MS)).toEqual([])
})

test('who has ended stands in no line, whether it ended there or comes too late', async ({ store, clock }) => {
  await lineUp(store, clock.now(), 'ended', 'late', 'z')
  for (const key of ['ended', 'late'])
    await store.attempted({ key, webhookId: 'wh_a', status: 'succeeded', good: true })
  await store.join({ key: 'late', webhookId: 'wh_a', lookAt: clock.now() })
  expect(await store.pull('wh_a', 9)).toEqual(['z'])
})

test('an endpoint that answers is not kept waiting by hundreds that do not', async ({ store, clock }) => {
  const names = Array.from({ length: 300 }, (_, n) => `wh_dead${n}`)
  const of = (webhookId: string) => ({ key: `k_${webhookId}`, webhookId, eventId: '1-0', eventType: 'queue.drained', order: '' }) // prettier-ignore
  await store.open([...names, 'wh_a'].map(of))
  await store.attempted({ ...of('wh_a'), key: 'before', status: 'succeeded', good: true })
  for (const webhookId of names) await store.join({ key: `k_${webhookId}`, webhookId, lookAt: clock.now() })
  await store.join({ key: 'k_wh_a', webhookId: 'wh_a', lookAt: clock.now() + 1 })
  await clock.advance(1)
  const due = async () => (await store.due(50, clock.now() + AGAIN_MS, 2)).map(({ webhookId }) => webhookId)
  expect(await due()).toHaveLength(2)
  expect(await due()).toContain('wh_a')
  // Those for which there was no room are looked at again before long.
  await clock.advance(2_000)
  expect(await due()).toHaveLength(2)
})

test('an endpoint that is new is not kept waiting by those that fail', async ({ store, clock }) => {
  const of = (webhookId: string) => ({ key: `k_${webhookId}`, webhookId, eventId: '1-0', eventType: 'queue.drained', order: '' }) // prettier-ignore
  const dead = ['wh_1', 'wh_2', 'wh_3', 'wh_4']
  await store.open([...dead, 'wh_new'].map(of))
  for (const id of dead) await store.attempted({ key: `k_${id}`, webhookId: id, status: 'failed', good: false })
  for (const webhookId of [...dead, 'wh_new'])
    await store.join({ key: `k_${webhookId}`, webhookId, lookAt: clock.now() })
  const due = await store.due(50, clock.now() + AGAIN_MS, 3, 2)
  expect(due.map(({ webhookId }) => webhookId)).toEqual(['wh_1', 'wh_2', 'wh_new'])
})

test('the next in order goes although the process that sent the one before it dies before it has woken it', async ({
  kernel,
  clock,
  bull,
  hook,
  fanOut,
  store,
}) => {
  await register(kernel, 'wh_a', hook.url, { order_by: 'queue' })
  const ids = await tellFacts(kernel, [{ queue: 'mail' }, { queue: 'mail' }])
  await fanOut.catchUp()
  const dying: Bull = { ...bull, hasten: () => Promise.reject(new Error('killed')) }
  expect(await attemptAll(kernel, bull, makeDeliverer(kernel, dying))).toMatchObject([{ directive: 'done' }])
  const woken = Promise.withResolvers<readonly string[]>()
  const watched: Bull = {
    ...bull,
    async hasten(queue, jobs) {
      const answers = await bull.hasten(queue, jobs)
      woken.resolve(jobs)
      return answers
    },
  }
  const lines = createLines(kernel, { bull: watched, store, room: () => ({ all: 1, failing: 1 }) })
  await lines.start()
  await clock.advance(250)
  await woken.promise
  await lines.stop()
  await attemptAll(kernel, bull, makeDeliverer(kernel, bull))
  expect(hook.heard.map(({ headers }) => headers['webhook-id'])).toEqual(
    ids.map((id) => `msg_${deliveryKey(id, 'wh_a')}`),
  )
  expect(await bull.counts([webhookDeliver.queue])).toMatchObject(new Map([[webhookDeliver.queue, { delayed: 0 }]]))
})

test('those that wait for deliveries that end together are told with their own endpoints', async ({ store }) => {
  const of = (key: string, webhookId: string) => ({
    key,
    webhookId,
    eventId: '1-0',
    eventType: 'queue.drained',
    order: 'o',
  })
  await store.open([of('a1', 'wh_a'), of('a2', 'wh_a'), of('b1', 'wh_b'), of('b2', 'wh_b')])
  const [first] = await Promise.all([
    store.attempted({ key: 'a1', webhookId: 'wh_a', status: 'cancelled' }),
    store.attempted({ key: 'b1', webhookId: 'wh_b', status: 'cancelled' }),
  ])
  expect(first.follow).toEqual([
    { key: 'a2', webhookId: 'wh_a' },
    { key: 'b2', webhookId: 'wh_b' },
  ])
})

test('an endpoint that answers after a rest is sent to at once again, though its line is empty by then', async ({
  kernel,
  clock,
  hook,
  fanOut,
  store,
  deliver,
}) => {
  await register(kernel, 'wh_a', hook.url)
  await tellFacts(kernel, [{ queue: 'mail' }])
  await fanOut.catchUp()
  await store.rest('wh_a', clock.now() + AGAIN_MS)
  await kernel.redis.hdel(kernel.key('deliveries', 'state', 'wh_a'), 'rest')
  await deliver()
  await tellFacts(kernel, [{ queue: 'mail' }])
  await fanOut.catchUp()
  await deliver()
  expect(hook.heard).toHaveLength(2)
})
