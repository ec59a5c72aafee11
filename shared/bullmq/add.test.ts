// Our way of adding jobs leaves Redis exactly as BullMQ's own does: the price of being faster, checked key by key.
import { Queue, Worker } from 'bullmq'
import type { JobsOptions } from 'bullmq'
import { once } from 'node:events'
import { describe, expect, test } from '../../test/support/fixtures.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createBull } from './bullmq.ts'
import type { NewJob } from './bullmq.ts'

const T = 1_800_000_000_000
const job = (queue: string, id: string, more: Partial<NewJob> = {}): NewJob => ({
  queue,
  id,
  name: 'send mail',
  data: JSON.stringify({ to: 'a@b.c', emoji: '🎧', list: [], deep: { n: 1.5 } }),
  opts: { attempts: 3, backoff: { type: 'k1n' }, k1n: { tags: ['x'] } },
  timestamp: T,
  delay: 0,
  priority: 0,
  lifo: false,
  ...more,
})

/** Everything Redis holds of a queue, with parsed options, stream ids left out and clock-bound scores kept. */
const dump = async (kernel: Kernel, queue: string): Promise<Record<string, unknown>> => {
  const { redis, bullPrefix } = kernel
  const prefix = `${bullPrefix}:${queue}:`
  const all: Record<string, unknown> = {}
  for (const key of (await redis.keys(`${prefix}*`)).sort()) {
    const type = await redis.type(key)
    const name = key.slice(prefix.length)
    if (type === 'hash') {
      const hash = await redis.hgetall(key)
      all[name] = hash['opts'] ? { ...hash, opts: JSON.parse(hash['opts']) as unknown } : hash
    } else if (type === 'list') all[name] = await redis.lrange(key, 0, -1)
    else if (type === 'zset') all[name] = await redis.zrange(key, '0', '-1', 'WITHSCORES')
    else if (type === 'stream') all[name] = (await redis.xrange(key, '-', '+')).map(([, fields]) => fields)
    else all[name] = await redis.get(key)
  }
  return all
}

const asBullmq = (one: NewJob): { name: string; data: unknown; opts: JobsOptions } => ({
  name: one.name,
  data: JSON.parse(one.data),
  opts: {
    ...(one.opts as JobsOptions),
    jobId: one.id,
    timestamp: one.timestamp,
    ...(one.delay ? { delay: one.delay } : {}),
    ...(one.priority ? { priority: one.priority } : {}),
    ...(one.lifo ? { lifo: true } : {}),
  },
})
/** What is in stored options because BullMQ copies the whole of them; ours name only what means something to a worker. */
const stored = (one: NewJob): NewJob => ({ ...one, opts: asBullmq(one).opts as Record<string, unknown> })

const cases: Record<string, Partial<NewJob>[]> = {
  'plain jobs': [{}, {}, {}],
  'last in, first out': [{}, { lifo: true }],
  priorities: [{ priority: 10 }, { priority: 1 }, { priority: 10 }, { priority: 2_097_151 }],
  'delays of one millisecond and of others': [{ delay: 500 }, { delay: 500 }, { delay: 1 }, { delay: 86_400_000 }],
  'delayed with a priority': [{ delay: 500, priority: 5 }],
  'all sorts together': [{}, { priority: 3 }, { delay: 9 }, { lifo: true }, {}],
}

describe('stores as BullMQ does', () => {
  for (const [what, variants] of Object.entries(cases))
    for (const paused of [false, true])
      test(`${what}${paused ? ' in a paused queue' : ''}`, async ({ kernel }) => {
        const bull = createBull(kernel)
        const theirs = new Queue('q1', { connection: kernel.redis, prefix: kernel.bullPrefix, skipMetasUpdate: true })
        if (paused) for (const name of ['q1', 'q2']) await bull.queue(name).pause()
        const jobs = variants.map((more, index) => stored(job('q2', `t_${index}`, more)))
        for (const one of jobs) await theirs.add(asBullmq(one).name, asBullmq(one).data, asBullmq(one).opts)
        expect(await Promise.all(jobs.map((one) => bull.add(one)))).toEqual(jobs.map(() => 'stored'))
        expect(await dump(kernel, 'q2')).toEqual(await dump(kernel, 'q1'))
      })

  test('an id that is taken, at once and later', async ({ kernel }) => {
    const bull = createBull(kernel)
    const theirs = new Queue('q1', { connection: kernel.redis, prefix: kernel.bullPrefix, skipMetasUpdate: true })
    const jobs = ['a', 'a', 'b'].map((id) => stored(job('q2', `t_${id}`)))
    for (const one of jobs) await theirs.add(asBullmq(one).name, asBullmq(one).data, asBullmq(one).opts)
    expect(await Promise.all(jobs.map((one) => bull.add(one)))).toEqual(['stored', 'exists', 'stored'])
    expect(await dump(kernel, 'q2')).toEqual(await dump(kernel, 'q1'))
    const [again] = [stored(job('q2', 't_b', { data: '{"other":1}' }))]
    expect(again && (await bull.add(again))).toBe('exists')
    const [kept] = await bull.readRaw([{ queue: 'q2', id: 't_b' }])
    expect(kept?.data).toBe(jobs[2]?.data)
  })

  test('a queue at its global concurrency gets no wake-up', async ({ kernel }) => {
    const bull = createBull(kernel)
    for (const name of ['q1', 'q2']) {
      await bull.queue(name).setGlobalConcurrency(1)
      await kernel.redis.lpush(bull.keys(name).active, 'busy')
    }
    const one = stored(job('q2', 't_1'))
    await bull.queue('q1').add(asBullmq(one).name, asBullmq(one).data, asBullmq(one).opts)
    await bull.add(one)
    expect(await dump(kernel, 'q2')).toEqual(await dump(kernel, 'q1'))
  })
})

test('a stock worker wakes up, runs and finishes what was added', async ({ kernel }) => {
  const bull = createBull(kernel)
  const seen: unknown[] = []
  const worker = new Worker('q', async (one) => void seen.push(one.data, one.name, one.id), {
    connection: kernel.connect('worker'),
    prefix: kernel.bullPrefix,
  })
  for (const id of ['t_1', 't_2']) {
    // The second finds the worker asleep in its blocking fetch.
    const completed = once(worker, 'completed')
    await bull.add(job('q', id))
    await completed
  }
  const { data } = job('q', 't_1')
  expect(seen).toEqual([JSON.parse(data), 'send mail', 't_1', JSON.parse(data), 'send mail', 't_2'])
  await worker.close()
})

test('a thousand jobs of one turn keep their order', async ({ kernel }) => {
  const bull = createBull(kernel)
  const ids = Array.from({ length: 1_000 }, (_, index) => `t_${index}`)
  await Promise.all(ids.map((id) => bull.add(job('q', id))))
  expect(await kernel.redis.lrange(bull.keys('q').wait, 0, -1)).toEqual([...ids].reverse())
})

test('a queue that cannot take jobs fails its own jobs only', async ({ kernel }) => {
  const bull = createBull(kernel)
  await kernel.redis.set(bull.keys('bad').wait, 'no list')
  const [bad, good] = await Promise.allSettled([bull.add(job('bad', 't_1')), bull.add(job('good', 't_1'))])
  expect([bad.status, good.status]).toEqual(['rejected', 'fulfilled'])
})

describe('with a receipt', () => {
  const place = 'receipt:1'
  const receipt = (text: string) => ({ place, text: `d${text.padEnd(43, '.')}the answer` })

  test('stores as BullMQ does, and keeps the receipt for a day in the same call', async ({ kernel, prefix }) => {
    const bull = createBull(kernel)
    const theirs = new Queue('q1', { connection: kernel.redis, prefix: kernel.bullPrefix, skipMetasUpdate: true })
    const one = stored(job('q2', 't_1'))
    await theirs.add(asBullmq(one).name, asBullmq(one).data, asBullmq(one).opts)
    const kept = { ...receipt('a'), place: `{${prefix}}:${place}` }
    expect(await bull.addWith(kept, one)).toBe('stored')
    expect(await dump(kernel, 'q2')).toEqual(await dump(kernel, 'q1'))
    expect(await kernel.redis.get(kept.place)).toBe(kept.text)
    expect(await kernel.redis.pttl(kept.place)).toBeGreaterThan(86_000_000)
  })

  test('a place that is taken is told, and nothing is stored', async ({ kernel, prefix }) => {
    const bull = createBull(kernel)
    const kept = { ...receipt('a'), place: `{${prefix}}:${place}` }
    const adding = ['t_1', 't_2'].map((id) => bull.addWith(kept, job('q', id)))
    expect(await Promise.all(adding)).toEqual(['stored', { before: kept.text }])
    expect(await kernel.redis.lrange(bull.keys('q').wait, 0, -1)).toEqual(['t_1'])
  })

  test.for<[string, Partial<NewJob>]>([
    ['exists', { id: 't_there' }],
    ['full', { mostWaiting: 1 }],
  ])('a job that is not stored (%s) leaves the place held for a moment', async ([why, more], { kernel, prefix }) => {
    const bull = createBull(kernel)
    await bull.add(job('q', 't_there'))
    const kept = { ...receipt('a'), place: `{${prefix}}:${place}` }
    expect(await bull.addWith(kept, job('q', 't_new', more))).toBe(why)
    expect(await kernel.redis.get(kept.place)).toBe(`r${kept.text.slice(1, 44)}`)
    expect(await kernel.redis.pttl(kept.place)).toBeLessThanOrEqual(3_000)
  })

  test('each of many has its own, those without one in between', async ({ kernel, prefix }) => {
    const bull = createBull(kernel)
    const all = Array.from({ length: 30 }, (_, n) => ({ place: `{${prefix}}:${n}`, text: `d${'.'.repeat(43)}${n}` }))
    await Promise.all(
      all.flatMap((kept, n) => [bull.add(job('q', `t_a${n}`)), bull.addWith(kept, job('q', `t_b${n}`))]),
    )
    expect(await kernel.redis.mget(all.map((kept) => kept.place))).toEqual(all.map((kept) => kept.text))
    expect(await kernel.redis.llen(bull.keys('q').wait)).toBe(60)
  })

  test('a queue that cannot take jobs keeps no receipt', async ({ kernel, prefix }) => {
    const bull = createBull(kernel)
    await kernel.redis.set(bull.keys('bad').wait, 'no list')
    const kept = { ...receipt('a'), place: `{${prefix}}:${place}` }
    await expect(bull.addWith(kept, job('bad', 't_1'))).rejects.toThrow('WRONGTYPE')
    expect(await kernel.redis.exists(kept.place)).toBe(0)
  })
})
