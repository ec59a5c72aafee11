// What lists of jobs promise: total order, no job twice and none left out, honest about how far they looked.
import { describe, expect, input, person, problemOf, test, testCatalog } from '../../test/support/rooms.ts'
import type { RoomFixtures } from '../../test/support/rooms.ts'
import { createJobs } from './jobs.ts'
import type { ListQuery } from './jobs.ts'
import { JobsQuery } from './contract.ts'

type Asked = Partial<Record<string, string | string[] | number>>
const query = (asked: Asked = {}): ListQuery => JobsQuery.parse(asked)

/** Turns all pages; answers the ids of each. */
const pages = async (
  { jobs, me }: Pick<RoomFixtures, 'jobs' | 'me'>,
  asked: Asked,
  between?: () => Promise<unknown>,
) => {
  const all: string[][] = []
  let cursor: string | null | undefined
  do {
    const page = await jobs.list(me, query({ ...asked, ...(cursor ? { cursor } : {}) }))
    all.push(page.data.map(({ id }) => id))
    cursor = page.page.next_cursor
    expect(page.page.has_more).toBe(cursor !== null)
    await between?.()
  } while (cursor)
  return all
}

describe('by creation', () => {
  test('goes back along what the recorder noted, over all queues, each job once', async ({
    jobs,
    me,
    kernel,
    foreign,
  }) => {
    await foreign('orders').waitUntilReady()
    for (let index = 0; index < 12; index++) {
      const queue = index % 2 ? foreign('orders') : foreign('bills')
      const job = await queue.add('x', {})
      // Three share each moment.
      await kernel.redis.zadd(kernel.key('jobs', 'recent'), 1_000 + Math.floor(index / 3), `${queue.name}:${job.id}`)
    }
    await kernel.redis.zadd(kernel.key('jobs', 'recent'), 5_000, 'orders:removed-since')
    const walked = (await pages({ jobs, me }, { limit: 5 })).flat()
    expect(walked).toHaveLength(12)
    expect(new Set(walked).size).toBe(12)
    expect((await pages({ jobs, me }, { limit: 200 })).flat()).toEqual(walked)
    expect((await pages({ jobs, me }, { limit: 2, queue: 'orders' })).flat()).toEqual(
      walked.filter((id) => id.startsWith('orders:')),
    )
    expect((await jobs.list(person({ queues: ['bills'] }), query())).data.every(({ queue }) => queue === 'bills')).toBe(
      true,
    )
  })

  test('finds the few jobs of one queue behind thousands of another', async ({ jobs, me, kernel, foreign }) => {
    const recent = kernel.key('jobs', 'recent')
    const old = await foreign('rare').addBulk(Array.from({ length: 3 }, () => ({ name: 'x', data: {} })))
    await kernel.redis.zadd(recent, ...old.flatMap(({ id }, n) => [1_000 + n, `rare:${id ?? ''}`]))
    for (let from = 0; from < 15_000; from += 5_000)
      await kernel.redis.zadd(
        recent,
        ...Array.from({ length: 5_000 }, (_, n) => [2_000 + from + n, `busy:${from + n}`]).flat(),
      )
    const expected = ['rare:3', 'rare:2', 'rare:1']
    const page = await jobs.list(me, query({ queue: 'rare' }))
    expect(page.data.map(({ id }) => id)).toEqual(expected)
    expect(page).toMatchObject({ page: { has_more: false }, searched: { searched: 15_003, complete: true } })
    expect((await pages({ jobs, me: person({ queues: ['rare'] }) }, { limit: 1 })).flat()).toEqual(expected)
  })

  test('still shows what is there when nothing was noted yet', async ({ jobs, me, foreign }) => {
    await foreign('orders').addBulk([
      { name: 'x', data: {} },
      { name: 'x', data: {}, opts: { delay: 60_000 } },
    ])
    expect((await pages({ jobs, me }, {})).flat().sort()).toEqual(['orders:1', 'orders:2'])
  })
})

describe('by state', () => {
  test('walks finished jobs of all queues from the newest end, in any page size alike', async ({
    jobs,
    me,
    kernel,
    bull,
    foreign,
  }) => {
    for (const name of ['a', 'b', 'c']) {
      await foreign(name).waitUntilReady()
      await kernel.redis.hset(bull.keys(name).meta, 'opts.maxLenEvents', 10_000)
      const pipeline = kernel.redis.pipeline()
      for (let index = 0; index < 40; index++) {
        const at = 1_700_000_000_000 + Math.floor(index / 7) * 10
        pipeline.hset(bull.keys(name).job(`j${index}`), { name: 'x', timestamp: at - 5, finishedOn: at, atm: 1 })
        pipeline.zadd(bull.keys(name).completed, at, `j${index}`)
      }
      await pipeline.exec()
    }
    await bull.discover()
    const whole = (await pages({ jobs, me }, { state: 'completed', limit: 200 })).flat()
    expect(whole).toHaveLength(120)
    for (const limit of [1, 7, 50])
      expect((await pages({ jobs, me }, { state: 'completed', limit })).flat()).toEqual(whole)
    const times = new Map(
      (await jobs.list(me, query({ state: 'completed', limit: 200 }))).data.map((job) => [
        job.id,
        Date.parse(job.finished_at ?? ''),
      ]),
    )
    const ordered = whole.map((id) => times.get(id) ?? 0)
    expect(ordered).toEqual([...ordered].sort((a, b) => b - a))
  })

  test('keeps what carries a tag, calls a service or ended in a time', async ({ jobs, me, kernel, bull, clock }) => {
    const make = (id: string, tags: string[], service?: string) =>
      jobs.enqueue(me, input({ name: 'report.build', id, tags, ...(service ? { service } : {}) }))
    await make('a', ['vip', 'eu'])
    await make('b', ['eu'], 'billing')
    await make('c', [])
    const ids = async (asked: Asked) => (await pages({ jobs, me }, asked)).flat().sort()
    expect(await ids({ tag: 'eu' })).toEqual(['reports:t_a', 'reports:t_b'])
    expect(await ids({ tag: ['vip', 'none'] })).toEqual(['reports:t_a'])
    expect(await ids({ service: 'billing' })).toEqual(['reports:t_b'])
    const at = clock.now() + 1_000
    await kernel.redis.hset(bull.keys('reports').job('t_e'), { name: 'x', timestamp: 5, finishedOn: at, atm: 1 })
    await kernel.redis.zadd(bull.keys('reports').completed, at, 't_e')
    const iso = (ms: number) => new Date(ms).toISOString()
    expect(await ids({ 'finished_at[gte]': iso(at) })).toEqual(['reports:t_e'])
    expect(await ids({ 'finished_at[gte]': iso(at - 9), 'finished_at[lt]': iso(at) })).toEqual([])
  })

  test('never leaves out or repeats a job that stays while others come and go', async ({
    jobs,
    me,
    kernel,
    bull,
    foreign,
  }) => {
    const { redis } = kernel
    await foreign('a').waitUntilReady()
    await redis.hset(bull.keys('a').meta, 'opts.maxLenEvents', 10_000)
    const put = async (id: string, at: number) => {
      await redis.hset(bull.keys('a').job(id), { name: 'x', timestamp: at, finishedOn: at, atm: 1 })
      await redis.zadd(bull.keys('a').completed, at, id)
    }
    for (let index = 0; index < 60; index++) await put(`stay${index}`, 1_000_000 + Math.floor(index / 4))
    for (let index = 0; index < 30; index++) await put(`go${index}`, 1_000_000 + index)
    await bull.discover()
    let turn = 0
    const walked = await pages({ jobs, me }, { state: 'completed', limit: 7 }, async () => {
      turn++
      await redis.zrem(bull.keys('a').completed, `go${turn * 2}`)
      await put(`new${turn}`, 1_000_000 + turn * 5)
    })
    const ids = walked.flat()
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.filter((id) => id.startsWith('a:stay'))).toHaveLength(60)
  })

  test('tells cancelled jobs from failed ones', async ({ jobs, me, kernel, bull }) => {
    for (const [id, mark] of [
      ['dead', {}],
      ['stopped', { k1nCancelled: 'enough' }],
    ] as const) {
      await kernel.redis.hset(bull.keys('mail').job(id), {
        name: 'mail.send',
        timestamp: 5,
        finishedOn: 9,
        failedReason: 'x',
        ...mark,
      })
      await kernel.redis.zadd(bull.keys('mail').failed, 9, id)
    }
    expect((await pages({ jobs, me }, { state: 'failed' })).flat()).toEqual(['mail:dead'])
    expect((await pages({ jobs, me }, { state: 'cancelled' })).flat()).toEqual(['mail:stopped'])
    expect((await pages({ jobs, me }, { state: ['failed', 'cancelled'] })).flat().sort()).toEqual([
      'mail:dead',
      'mail:stopped',
    ])
  })

  test('shows waiting, prioritized and delayed jobs', async ({ jobs, me }) => {
    const make = (id: string, options = {}) =>
      jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id, options }))
    await Promise.all([make('w1'), make('w2'), make('p', { priority: 'high' }), make('d', { delay_ms: 60_000 })])
    expect((await pages({ jobs, me }, { state: 'waiting', limit: 1 })).flat().sort()).toEqual([
      'mail:t_w1',
      'mail:t_w2',
    ])
    expect((await pages({ jobs, me }, { state: 'prioritized' })).flat()).toEqual(['mail:t_p'])
    const { data } = await jobs.list(me, query({ state: 'delayed' }))
    expect(data.map(({ id, data: payload, run_at }) => [id, payload, run_at !== null])).toEqual([
      ['mail:t_d', undefined, true],
    ])
    expect(
      (await pages({ jobs, me }, { state: ['waiting', 'prioritized', 'delayed'], limit: 1 })).flat().sort(),
    ).toHaveLength(4)
    expect((await pages({ jobs, me }, { state: 'skipped' })).flat()).toEqual([])
  })

  test('turns every page of a line longer than one look', async ({ jobs, me, kernel, bull }) => {
    const pipeline = kernel.redis.pipeline()
    for (let index = 0; index < 2_500; index++) {
      pipeline.hset(bull.keys('mail').job(`j${index}`), { name: 'mail.send', timestamp: 1_000_000 + index })
      pipeline.lpush(bull.keys('mail').wait, `j${index}`)
    }
    await pipeline.exec()
    const walked = (await pages({ jobs, me }, { state: 'waiting', limit: 200 })).flat()
    expect(walked).toHaveLength(2_500)
    expect(new Set(walked).size).toBe(2_500)
    expect(walked[0]).toBe('mail:j2499')
  })
})

describe('filters', () => {
  test('read whole only those of a long line that are looked at', async ({ kernel, bull, me, foreign }) => {
    await foreign('orders').addBulk(Array.from({ length: 1_500 }, () => ({ name: 'x', data: {} })))
    let read = 0
    const readRaw: typeof bull.readRaw = (addresses, fields) => {
      read += fields?.length === 1 ? 0 : addresses.length
      return bull.readRaw(addresses, fields)
    }
    const jobs = createJobs(kernel, { bull: { ...bull, readRaw }, catalog: testCatalog })
    const asked = { state: 'waiting', queue: 'orders', limit: 100 }
    expect((await jobs.list(me, query(asked))).data).toHaveLength(100)
    expect(read).toBe(101)
    const walked = (await pages({ jobs, me }, asked)).flat()
    expect(new Set(walked).size).toBe(1_500)
  })

  test('look at most at five hundred jobs per call, say so, and go on by the cursor', async ({
    jobs,
    me,
    kernel,
    bull,
  }) => {
    const pipeline = kernel.redis.pipeline()
    for (let index = 0; index < 2_300; index++) {
      const name = index % 1_000 === 3 ? 'rare' : 'mail.send'
      pipeline.hset(bull.keys('mail').job(`j${index}`), {
        name,
        timestamp: 1_000_000 + index,
        finishedOn: 2_000_000 + index,
      })
      pipeline.zadd(bull.keys('mail').completed, 2_000_000 + index, `j${index}`)
    }
    await pipeline.exec()
    const first = await jobs.list(me, query({ state: 'completed', name: 'rare' }))
    expect(first).toMatchObject({ page: { has_more: true }, searched: { searched: 500, complete: false } })
    const walked = await pages({ jobs, me }, { state: 'completed', name: 'rare' })
    expect(walked.flat()).toEqual(['mail:j2003', 'mail:j1003', 'mail:j3'])
    expect(walked).toHaveLength(5)
    expect((await pages({ jobs, me }, { state: 'completed', q: 'J2003' })).flat()).toEqual(['mail:j2003'])
    const range = {
      'created_at[gte]': new Date(1_000_500).toISOString(),
      'created_at[lt]': new Date(1_000_503).toISOString(),
    }
    expect((await pages({ jobs, me }, { state: 'completed', ...range })).flat()).toEqual([
      'mail:j502',
      'mail:j501',
      'mail:j500',
    ])
  })

  test('belong to their cursor', async ({ jobs, me }) => {
    for (const id of ['a', 'b']) await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'x' }, id }))
    const { page } = await jobs.list(me, query({ state: 'waiting', limit: 1 }))
    const cursor = page.next_cursor ?? ''
    expect((await problemOf(jobs.list(me, query({ state: 'active', limit: 1, cursor })))).code).toBe('invalid-cursor')
    expect((await problemOf(jobs.list(me, query({ state: 'waiting', cursor: `${cursor.slice(0, -1)}x` })))).code).toBe(
      'invalid-cursor',
    )
    expect((await problemOf(jobs.list(me, query({ state: 'waiting', cursor: '.' })))).code).toBe('invalid-cursor')
  })
})
