// What turning pages of a search promises while jobs come, and that no job, however it was written, does harm.
import { describe, expect, person, problemOf, test } from '../../test/support/rooms.ts'
import { T0, arrange, asked, idsOf, term } from '../../test/support/searching.ts'
import type { SearchWhere } from './search-words.ts'

describe('pages', () => {
  test('neither lose nor repeat a job of a line while jobs arrive', async ({ jobs, me, bull, kernel }) => {
    const { redis } = kernel
    const arrive = async (queue: string, id: string, timestamp: number): Promise<void> => {
      await redis.hset(bull.keys(queue).job(id), { name: 'x', timestamp })
      await redis.lpush(bull.keys(queue).wait, id)
    }
    const urgent = async (id: string, score: number): Promise<void> => {
      await redis.hset(bull.keys('one').job(id), { name: 'x', timestamp: T0 + score })
      await redis.zadd(bull.keys('one').prioritized, score, id)
    }
    for (const queue of ['one', 'two']) await redis.hset(bull.keys(queue).meta, 'opts.maxLenEvents', 10_000)
    const expected: string[] = []
    const stay = (queue: string, id: string): void => void expected.push(`${queue}:${id}`)
    // Times within a line are no order: some were put back, some were delayed.
    for (let n = 0; n < 700; n++) await arrive('one', `s${n}`, T0 + ((n * 7_919) % 700)).then(() => stay('one', `s${n}`)) // prettier-ignore
    for (let n = 0; n < 90; n++) await arrive('two', `s${n}`, T0 + n).then(() => stay('two', `s${n}`))
    for (let n = 0; n < 400; n++) await urgent(`p${n}`, 1_000 + n).then(() => stay('one', `p${n}`))
    await bull.discover()
    const where = term('state', 'in', ['waiting', 'prioritized'])
    const walked = await idsOf({ jobs, me }, where, { limit: 37 }, async (turn) => {
      for (let n = 0; n < 11; n++) await arrive('one', `new${turn}-${n}`, T0 + 10_000 + turn)
      await arrive('two', `new${turn}`, T0 + 10_000 + turn)
      await arrive(`fresh${turn}`, 'new', T0 + 10_000)
      await urgent(`urgent${turn}`, turn)
      await redis.hset(bull.keys(`fresh${turn}`).meta, 'opts.maxLenEvents', 10_000)
      await bull.discover()
    })
    expect(new Set(walked).size).toBe(walked.length)
    expect(expected.filter((id) => !walked.includes(id))).toEqual([])
  })

  test('of many queues come to the end of each', async ({ jobs, me, bull, kernel }) => {
    const pipeline = kernel.redis.pipeline()
    for (let queue = 0; queue < 60; queue++) {
      pipeline.hset(bull.keys(`q${queue}`).meta, 'opts.maxLenEvents', 10_000)
      for (let n = 0; n < 15; n++) {
        pipeline.hset(bull.keys(`q${queue}`).job(`j${n}`), { name: 'x', timestamp: T0 + n })
        pipeline.lpush(bull.keys(`q${queue}`).wait, `j${n}`)
      }
    }
    await pipeline.exec()
    await bull.discover()
    const walked = await idsOf({ jobs, me }, term('state', 'eq', 'waiting'))
    expect([walked.length, new Set(walked).size]).toEqual([900, 900])
  })

  test('of all jobs neither lose nor repeat one while jobs arrive', async ({ jobs, me, bull, kernel, foreign }) => {
    const { redis } = kernel
    const queue = foreign('outside')
    const arrive = async (n: number): Promise<void> => {
      const job = await queue.add(n % 2 ? 'odd' : 'even', {}, { timestamp: T0 + n })
      await redis.zadd(kernel.key('jobs', 'recent'), T0 + n, `outside:${job.id ?? ''}`)
    }
    for (let n = 0; n < 60; n++) await arrive(n)
    await bull.discover()
    const walked = await idsOf({ jobs, me }, term('name', 'eq', 'odd'), { limit: 7 }, async (turn) => {
      for (let n = 0; n < 5; n++) await arrive(100 + turn * 5 + n)
    })
    expect([walked.length, new Set(walked).size]).toEqual([30, 30])
  })

  test('end when their time is over, and go on from there', async ({ jobs, me, bull, kernel, clock }) => {
    const pipeline = kernel.redis.pipeline()
    for (let n = 0; n < 500; n++) {
      const hash = { name: n % 100 === 0 ? 'rare' : 'x', timestamp: T0, finishedOn: T0 + n }
      pipeline.hset(bull.keys('mail').job(`j${n}`), hash)
      pipeline.zadd(bull.keys('mail').completed, T0 + n, `j${n}`)
    }
    await pipeline.exec()
    const readRaw = bull.readRaw.bind(bull)
    bull.readRaw = async (...args) => {
      await clock.advance(7)
      return readRaw(...args)
    }
    const where = { and: [term('state', 'eq', 'completed'), term('name', 'eq', 'rare')] }
    const page = await jobs.search(me, asked(where))
    expect(page).toMatchObject({
      page: { has_more: true },
      searched: { stopped_by: 'time', complete: false, searched: 301 },
    })
    expect(await idsOf({ jobs, me }, where)).toEqual([400, 300, 200, 100, 0].map((n) => `mail:j${n}`))
  })

  test('that are full are not cut short by the time, and do not say so', async ({ jobs, me, bull, kernel, clock }) => {
    const pipeline = kernel.redis.pipeline()
    for (let n = 0; n < 300; n++) {
      pipeline.hset(bull.keys('mail').job(`j${n}`), { name: 'x', timestamp: T0, finishedOn: T0 + n })
      pipeline.zadd(bull.keys('mail').completed, T0 + n, `j${n}`)
    }
    await pipeline.exec()
    const readRaw = bull.readRaw.bind(bull)
    bull.readRaw = async (...args) => {
      await clock.advance(60)
      return readRaw(...args)
    }
    for (const limit of [100, 200]) {
      const page = await jobs.search(me, asked(term('state', 'eq', 'completed'), { limit }))
      expect(page.data).toHaveLength(limit)
      expect(page).toMatchObject({ page: { has_more: true }, searched: { stopped_by: null, complete: true } })
    }
  })

  test('of few jobs are whole however slow Redis is', async ({ jobs, me, bull, kernel, clock }) => {
    const pipeline = kernel.redis.pipeline()
    const list = kernel.key('jobs', 'recent')
    for (let n = 0; n < 1_500; n++) pipeline.zadd(list, T0 + n, `loud:j${n}`)
    for (const [n, state] of (['wait', 'active'] as const).entries()) {
      pipeline.hset(bull.keys('calm').job(`j-${state}`), { name: 'x', timestamp: T0 - n })
      pipeline.lpush(bull.keys('calm')[state], `j-${state}`)
      pipeline.zadd(list, T0 - n, `calm:j-${state}`)
    }
    pipeline.hset(bull.keys('calm').job('done'), { name: 'x', timestamp: T0 - 9, finishedOn: T0 })
    pipeline.zadd(bull.keys('calm').completed, T0, 'done')
    pipeline.hset(bull.keys('calm').meta, 'opts.maxLenEvents', 10_000)
    await pipeline.exec()
    await bull.discover()
    const readRaw = bull.readRaw.bind(bull)
    bull.readRaw = async (...args) => {
      await clock.advance(60)
      return readRaw(...args)
    }
    const whole = { page: { has_more: false }, searched: { stopped_by: null, complete: true } }
    const newest = await jobs.search(me, asked(term('queue', 'eq', 'calm')))
    expect(newest.data.map(({ id }) => id)).toEqual(['calm:j-wait', 'calm:j-active'])
    expect(newest).toMatchObject(whole)
    const byState = { and: [term('queue', 'eq', 'calm'), term('state', 'in', ['waiting', 'active', 'completed'])] }
    const all = await jobs.search(me, asked(byState))
    expect(all.data.map(({ id }) => id)).toEqual(['calm:j-wait', 'calm:j-active', 'calm:done'])
    expect(all).toMatchObject(whole)
  })

  test('count each job once that is looked at or passed', async ({ jobs, me, bull, kernel }) => {
    const pipeline = kernel.redis.pipeline()
    for (let n = 0; n < 300; n++) {
      const queue = n % 10 === 0 ? 'calm' : 'loud'
      pipeline.hset(bull.keys(queue).job(`j${n}`), { name: 'x', timestamp: T0 + n })
      pipeline.lpush(bull.keys(queue).wait, `j${n}`)
      pipeline.zadd(kernel.key('jobs', 'recent'), T0 + n, `${queue}:j${n}`)
    }
    await pipeline.exec()
    const [where, counts]: [SearchWhere, number[]] = [term('queue', 'eq', 'calm'), []]
    let cursor: string | undefined
    do {
      const { page, searched } = await jobs.search(me, asked(where, { limit: 7, ...(cursor && { cursor }) }))
      counts.push(searched.searched)
      cursor = page.next_cursor ?? undefined
    } while (cursor)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(300)
  })

  test('belong to their search', async ({ jobs, me, bull, kernel }) => {
    await arrange({ bull, kernel })
    const waits = term('state', 'eq', 'waiting')
    const { page } = await jobs.search(me, asked(waits, { limit: 1 }))
    const cursor = page.next_cursor ?? ''
    const refused = async (who: typeof me, where: SearchWhere, given: string) =>
      (await problemOf(jobs.search(who, asked(where, { cursor: given })))).code
    expect(await refused(me, term('state', 'eq', 'active'), cursor)).toBe('invalid-cursor')
    expect(await refused(person({ queues: ['mail'] }), waits, cursor)).toBe('invalid-cursor')
    expect(await refused(me, waits, `${cursor.slice(0, -1)}_`)).toBe('invalid-cursor')
  })
})

describe('hostile jobs', () => {
  test('harm nobody', async ({ jobs, me, bull, kernel }) => {
    const given = { jobs, me, bull, kernel }
    await arrange(given)
    const { redis } = kernel
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
    const odd: Record<string, string>[] = [
      { data: deep, opts: deep },
      { data: '{"__proto__":{"to":"ada"},"to":{"toString":1}}', opts: '{"k1n":{"tags":"eu","service":7}}' },
      { data: 'no json', opts: '\u0000', failedReason: '\u0000💥', timestamp: 'NaN' },
      { data: '', opts: '', k1nError: deep, k1nPark: '{}', finishedOn: '-1' },
    ]
    for (const [n, hash] of odd.entries()) {
      await redis.hset(bull.keys('mail').job(`odd\u0000😈${n}`), { name: 'mail.send', timestamp: T0, ...hash })
      await redis.lpush(bull.keys('mail').wait, `odd\u0000😈${n}`)
    }
    await redis.set(bull.keys('mail').job('text'), 'no hash')
    await redis.lpush(bull.keys('mail').wait, 'text')
    await redis.set(bull.keys('broken').wait, 'no list')
    await redis.set(bull.keys('broken').failed, 'no set')
    await redis.hset(bull.keys('broken').meta, 'opts.maxLenEvents', 10_000)
    await bull.discover()
    const waits = term('state', 'eq', 'waiting')
    expect(await idsOf(given, { and: [waits, term('data.to', 'eq', 'ada')] })).toEqual(['mail:m'])
    expect(await idsOf(given, { and: [waits, term('id', 'contains', '😈')] })).toHaveLength(4)
    expect(await idsOf(given, { and: [waits, term('tag', 'eq', 'eu')] })).toEqual(['shop:w'])
    expect(await idsOf(given, { and: [waits, term('queue', 'eq', '__proto__')] })).toEqual([])
  })

  test('of many megabytes are read a few at a time', async ({ jobs, me, bull, kernel }) => {
    const { redis } = kernel
    await redis.hset(bull.keys('mail').meta, 'opts.maxLenEvents', 10_000)
    for (let n = 0; n < 12; n++) {
      const failedReason = `${'x'.repeat(1_000_000)}needle${n}`
      await redis.hset(bull.keys('mail').job(`j${n}`), { name: 'x', timestamp: T0, finishedOn: T0 + n, failedReason })
      await redis.zadd(bull.keys('mail').failed, T0 + n, `j${n}`)
    }
    const where = { and: [term('state', 'eq', 'failed'), term('id', 'prefix', 'mail:j1')] }
    expect((await idsOf({ jobs, me }, where)).sort()).toEqual(['mail:j1', 'mail:j10', 'mail:j11'])
  })
})
