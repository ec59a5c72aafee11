// One socket, many subscriptions: states as snapshots and changes, limits that are told, and a pace the client sets.
import { vi } from 'vitest'
import { createBull } from '../../../shared/bullmq/bullmq.ts'
import { JobAdded } from '../../../shared/jobs/events.ts'
import { fact } from '../../../shared/kernel/event.ts'
import { createRecorder } from '../../../shared/recorder/recorder.ts'
import { createEventLog } from '../../../shared/stream/log.ts'
import type { Door } from '../fixtures.ts'
import { describe, expect, test as base } from '../fixtures.ts'
import { complete } from '../work.ts'
import { open } from './socket.ts'
import type { Frame, Listener } from './socket.ts'

interface Given {
  listen: (credential?: string) => Promise<Listener>
  /** Records what has happened. */
  record: () => Promise<unknown>
}

const test = base.extend<Given>({
  record: async ({ kernel }, use) => {
    const bull = createBull(kernel)
    await use(() => createRecorder(kernel, bull).catchUp())
    await bull.close()
  },
  listen: async ({ door }, use) => {
    const opened: Listener[] = []
    await use(async (credential = door.adminKey) => {
      const listener = open(`${door.url}/api/v2/stream`, { headers: { authorization: `Bearer ${credential}` } })
      opened.push(listener)
      await listener.until('hello')
      return listener
    })
    for (const { socket, closed } of opened) {
      socket.close()
      await closed
    }
  },
})

const added = (n: number) =>
  fact(JobAdded, 1_000 + n, { task_id: `mail:t_${n}`, queue: 'mail', name: 'welcome', state: 'waiting' })

const enqueue = async ({ client }: Door, id: string): Promise<string> =>
  (await client.jobs.create({ body: { name: 'demo.mail', id, data: { to: 'a@example.org', subject: 'Hello' } } })).id

/** What a frame says of topics: a snapshot by itself, changes in batches. */
const partsOf = (frame: Frame): Frame[] => (frame['items'] as Frame[] | undefined) ?? [frame]
/** Keys and values it brings of them. */
const rowsIn = (frame: Frame): [string, Record<string, unknown>][] =>
  partsOf(frame).flatMap((part) =>
    Object.entries((part['rows'] ?? part['set'] ?? {}) as Record<string, Record<string, unknown>>),
  )
const of = (topic: string) => (frame: Frame) => partsOf(frame).some((part) => part['topic'] === topic)

/** The answer to a ping of now. */
const pong = (listener: Listener): Promise<Frame> => {
  const before = new Set(listener.frames)
  listener.send({ type: 'ping' })
  return listener.until((frame) => frame['type'] === 'pong' && !before.has(frame))
}

describe('a state topic', () => {
  test('of the overview begins with the figures of now', async ({ listen }) => {
    const heard = await listen()
    heard.send({ type: 'subscribe', id: 1, topics: ['state:overview'] })
    expect(rowsIn(await heard.until(of('state:overview')))).toMatchObject([['overview', { verdict: expect.anything() as unknown }]]) // prettier-ignore
  })

  test('of one job tells how it went on', async ({ door, listen, record }) => {
    const id = await enqueue(door, 'watched')
    const heard = await listen()
    const topic = `state:job:${id}`
    heard.send({ type: 'subscribe', id: 1, topics: [topic] })
    expect(rowsIn(await heard.until(of(topic)))).toMatchObject([['job', { id, state: 'waiting' }]])
    await complete(door, 'mail', { sent: true })
    await record()
    await heard.until((frame) => of(topic)(frame) && rowsIn(frame).some(([, row]) => row['state'] === 'completed'))
  })

  test('of one job leaves out a payload that is long, which is told when it is asked for', async ({ door, listen }) => {
    const data = { text: 'x'.repeat(70_000) }
    await door.api.rooms.bull.queue('theirs').add('any', data, { jobId: 'long' })
    const id = 'theirs:long'
    const heard = await listen()
    heard.send({ type: 'subscribe', id: 1, topics: [`state:job:${id}`] })
    const [[, row] = []] = rowsIn(await heard.until(of(`state:job:${id}`)))
    expect(row).toMatchObject({ id, state: 'waiting' })
    expect(row).not.toHaveProperty('data')
    expect(await door.client.jobs.show({ params: { task_id: id } })).toMatchObject({ data })
  })

  test('of a job there is not has no rows', async ({ listen }) => {
    const heard = await listen()
    heard.send({ type: 'subscribe', id: 1, topics: ['state:job:mail:t_nobody'] })
    expect(rowsIn(await heard.until(of('state:job:mail:t_nobody')))).toEqual([])
  })

  test('of the runs tells those that end', async ({ door, listen, record }) => {
    const heard = await listen()
    heard.send({ type: 'subscribe', id: 1, topics: ['state:spans'] })
    await heard.until(of('state:spans'))
    await enqueue(door, 'run')
    await complete(door, 'mail', {})
    await record()
    const ended = (frame: Frame): boolean =>
      of('state:spans')(frame) &&
      rowsIn(frame).some(([key, row]) => key === 'mail:t_run#1' && row['state'] === 'completed')
    await heard.until(ended)
  })

  test('of another queue than one may see is none', async ({ door, listen, record }) => {
    const id = await enqueue(door, 'hidden')
    const heard = await listen(await door.keyWith(['stream:read', 'jobs:read'], ['billing']))
    heard.send({ type: 'subscribe', id: 1, topics: [`state:job:${id}`] })
    expect(await heard.until('error')).toMatchObject({ id: 1, code: 'unknown-topic' })
    heard.send({ type: 'subscribe', id: 2, topics: ['state:spans'] })
    await heard.until(of('state:spans'))
    await complete(door, 'mail', {})
    await record()
    heard.send({ type: 'ping' })
    await heard.until('pong')
    expect(heard.frames.flatMap((frame) => rowsIn(frame))).toEqual([])
  })
})

describe('a socket', () => {
  test('has 64 subscriptions at most, and one that ended makes room', async ({ listen }) => {
    const heard = await listen()
    const subscribe = (from: number, to: number): void => {
      for (let id = from; id < to; id++) heard.send({ type: 'subscribe', id, topics: ['job:*'] })
    }
    const subscribed = (last: number) => (frame: Frame) => frame['type'] === 'subscribed' && frame['id'] === last
    // So many frames in one second would be a flood.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    subscribe(0, 40)
    await heard.until(subscribed(39))
    vi.setSystemTime(Date.now() + 1_000)
    subscribe(40, 65)
    expect(await heard.until('error')).toMatchObject({ id: 64, code: 'too-many-subscriptions' })
    vi.useRealTimers()
    heard.send({ type: 'unsubscribe', id: 0 })
    heard.send({ type: 'subscribe', id: 65, topics: ['job:*'] })
    await heard.until(subscribed(65))
  })

  test('hears nothing more of what it unsubscribed', async ({ door, listen, record }) => {
    const heard = await listen()
    heard.send({ type: 'subscribe', id: 1, topics: ['job:*'], batch: true })
    heard.send({ type: 'unsubscribe', id: 1 })
    heard.send({ type: 'subscribe', id: 2, topics: ['job:*'], batch: true })
    await heard.until((frame) => frame['type'] === 'subscribed' && frame['id'] === 2)
    await enqueue(door, 'told')
    await record()
    await heard.until('batch')
    expect(heard.frames.flatMap(({ items = [] }) => items as { sub: number }[]).map(({ sub }) => sub)).toEqual([2])
  })

  test('is given facts in batches when it asks for them, as rarely as it says', async ({ door, listen, record }) => {
    const heard = await listen()
    heard.send({ type: 'pace', ms: 50 })
    heard.send({ type: 'subscribe', id: 1, topics: ['job:*'], batch: true })
    await heard.until('subscribed')
    await enqueue(door, 'one')
    await record()
    expect((await heard.until('batch'))['items']).toMatchObject([{ event: 'job:added' }])
  })

  test('is one of a crowd: batches come no more often than every 20 ms', async ({ door, kernel, listen }) => {
    const keys = await Promise.all(
      [1, 2, 3].map((n) => door.client.auth.createKey({ body: { name: `crowd ${n}`, role: 'viewer' } })),
    )
    const crowd = await Promise.all(keys.flatMap(({ key }) => Array.from({ length: 17 }, () => listen(key))))
    const [heard] = crowd
    heard?.send({ type: 'subscribe', id: 1, topics: ['job:*'], batch: true })
    await heard?.until('subscribed')
    const log = createEventLog(kernel)
    for (let n = 0; n < 200; n++) await log.append([added(n)])
    await heard?.until(({ type, items }) => type === 'batch' && JSON.stringify(items).includes('mail:t_199'))
    const left = (heard?.frames ?? []).flatMap(({ type, ts }) => (type === 'batch' ? [Number(ts)] : []))
    expect(left.length).toBeGreaterThan(2)
    // A timer may be early by a part of one.
    expect(Math.min(...left.slice(1).map((ts, n) => ts - (left[n] ?? 0)))).toBeGreaterThanOrEqual(19)
  })

  test('is told only of the jobs it names', async ({ door, listen, record }) => {
    const [, named] = [await enqueue(door, 'other'), await enqueue(door, 'named')]
    const heard = await listen()
    heard.send({ type: 'subscribe', id: 1, topics: ['job:*'], batch: true, filter: { task_id: [named] } })
    await heard.until('subscribed')
    await record()
    expect((await heard.until('batch'))['items']).toMatchObject([{ data: { task_id: named } }])
  })

  test('that says what it has dealt with is told that facts were left out while it was behind', async ({
    door,
    listen,
    record,
  }) => {
    const heard = await listen()
    heard.send({ type: 'subscribe', id: 1, topics: ['job:*'], batch: true })
    heard.send({ type: 'ack', frames: 1 })
    await heard.until('subscribed')
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    heard.send({ type: 'ping' })
    const pong = await heard.until('pong')
    vi.setSystemTime(Date.now() + 1_000)
    await enqueue(door, 'unheard')
    await record()
    // Whoever came back with the cursor of now would never hear of them.
    heard.send({ type: 'ping' })
    expect(await heard.until((frame) => frame['type'] === 'pong' && frame !== pong)).not.toHaveProperty('cursor')
    vi.setSystemTime(Date.now() + 1_001)
    heard.send({ type: 'ack', frames: 4 })
    const gap = await heard.until('gap')
    vi.useRealTimers()
    expect(gap).toMatchObject({ sub: 1, reason: 'behind', oldest: expect.any(String) as string })
    expect(gap['oldest']).not.toBe(pong['cursor'])
    expect(heard.frames.some(({ type }) => type === 'batch')).toBe(false)
  })

  test('that is still told its past is told no position: who came back with it would not hear the rest', async ({
    kernel,
    listen,
  }) => {
    const [first] = await createEventLog(kernel).append([added(1), added(2)])
    const heard = await listen()
    const redis = Promise.withResolvers<[string, string[]][]>()
    const asked = vi.spyOn(kernel.redis, 'xrange').mockReturnValueOnce(redis.promise)
    heard.send({ type: 'subscribe', id: 1, topics: ['job:*'], after: first })
    expect(await pong(heard)).not.toHaveProperty('cursor')
    expect(asked).toHaveBeenCalled()
    redis.resolve([])
    await heard.until('event')
    await expect.poll(() => pong(heard)).toHaveProperty('cursor')
  })

  test('whose past could not be read is told no position as long as it asks for it', async ({ kernel, listen }) => {
    const [first] = await createEventLog(kernel).append([added(1), added(2)])
    const heard = await listen()
    vi.spyOn(kernel.redis, 'xrange').mockRejectedValueOnce(new Error('Redis is away'))
    heard.send({ type: 'subscribe', id: 1, topics: ['job:*'], after: first })
    expect(await heard.until('error')).toMatchObject({ id: 1, code: 'redis-unavailable' })
    expect(await pong(heard)).not.toHaveProperty('cursor')
    heard.send({ type: 'unsubscribe', id: 1 })
    expect(await pong(heard)).toHaveProperty('cursor')
  })

  test.for([
    [{ type: 'ack', frames: -1 }],
    [{ type: 'subscribe', id: 1, topics: ['job:*'], filter: { task_id: 'mail:1' } }],
    [{ type: 'pace', ms: 1 }],
    [{ type: 'pace', ms: 60_000 }],
    [{ type: 'subscribe', id: 1, topics: [] }],
    [{ type: 'subscribe', id: 1, topics: ['job:*'], after: 'yesterday' }],
    [{ type: 'subscribe', id: -1, topics: ['job:*'] }],
  ])('that says %j is told what is wrong with it', async ([frame = {}], { listen }) => {
    const heard = await listen()
    heard.send(frame)
    expect(await heard.until('error')).toMatchObject({ code: 'bad-frame', detail: expect.any(String) as string })
  })
})
