// What a search for jobs promises: each field and operator, and and or, and answers that are true of the jobs as they are now.
import { describe, expect, input, person, problemOf, test } from '../../test/support/rooms.ts'
import type { RoomFixtures } from '../../test/support/rooms.ts'
import { JobsSearch } from './search-words.ts'
import type { SearchTerm, SearchWhere } from './search-words.ts'

type Given = Pick<RoomFixtures, 'jobs' | 'me' | 'bull' | 'kernel'>

const T0 = Date.UTC(2026, 10, 20)
const at = (n: number): string => new Date(T0 + n * 1_000).toISOString()
const term = (field: string, op: SearchTerm['op'], value: SearchTerm['value']): SearchTerm => ({ field, op, value })
const asked = (where: SearchWhere, more: Record<string, unknown> = {}): JobsSearch =>
  JobsSearch.parse({ where, limit: 200, ...more })

/** The ids of all pages. */
const idsOf = async ({ jobs, me }: Pick<Given, 'jobs' | 'me'>, where: SearchWhere, more = {}): Promise<string[]> => {
  const found: string[] = []
  let cursor: string | null = null
  do {
    const page = await jobs.search(me, asked(where, { ...more, ...(cursor === null ? {} : { cursor }) }))
    found.push(...page.data.map(({ id }) => id))
    cursor = page.page.next_cursor
  } while (cursor !== null)
  return found
}

/** Jobs in each state, made at seconds 1 to 6 and ended at twice that; the recorder's list knows them all. */
const arrange = async ({ kernel, bull }: Given): Promise<void> => {
  const { redis } = kernel
  await redis.hset(bull.keys('shop').meta, 'opts.maxLenEvents', 10_000)
  const make = async (n: number, id: string, hash: Record<string, string | number>, queue = 'shop') => {
    const told = { name: 'order.place', timestamp: T0 + n * 1_000, data: '{}', opts: '{}', ...hash }
    await redis.hset(bull.keys(queue).job(id), told)
    await redis.zadd(kernel.key('jobs', 'recent'), T0 + n * 1_000, `${queue}:${id}`)
  }
  const k1n = (extras: object): string => JSON.stringify({ k1n: extras })
  await make(1, 'w', { opts: k1n({ tags: ['vip', 'eu'] }) })
  await redis.lpush(bull.keys('shop').wait, 'w')
  await make(2, 'a', { opts: k1n({ service: 'bank' }), ats: 1 })
  await redis.lpush(bull.keys('shop').active, 'a')
  await make(3, 'd', { delay: 60_000 })
  await redis.zadd(bull.keys('shop').delayed, (T0 + 60_000) * 4_096, 'd')
  await make(4, 'c', { finishedOn: T0 + 8_000, atm: 1, opts: k1n({ tags: ['eu'] }) })
  await redis.zadd(bull.keys('shop').completed, T0 + 8_000, 'c')
  const judged = JSON.stringify({ attempt: 1, name: 'E', class: 'timeout' })
  await make(5, 'f', { finishedOn: T0 + 10_000, atm: 1, failedReason: 'Bank 🏦 was silent', k1nError: judged })
  await redis.zadd(bull.keys('shop').failed, T0 + 10_000, 'f')
  await make(6, 'm', { name: 'mail.send', data: '{"to":"ada","n":7}' }, 'mail')
  await redis.lpush(bull.keys('mail').wait, 'm')
  await bull.discover()
}

const all = ['mail:m', 'shop:f', 'shop:c', 'shop:d', 'shop:a', 'shop:w']
const but = (...ids: string[]): string[] => all.filter((id) => !ids.includes(id))

describe('a term', () => {
  const cases: [SearchTerm, string[]][] = [
    [term('id', 'eq', 'shop:f'), ['shop:f']],
    [term('id', 'eq', 'f'), ['shop:f']],
    [term('id', 'ne', 'f'), but('shop:f')],
    [term('id', 'in', ['f', 'mail:m']), ['mail:m', 'shop:f']],
    [term('id', 'not_in', ['f', 'm']), but('shop:f', 'mail:m')],
    [term('id', 'prefix', 'mail:'), ['mail:m']],
    [term('id', 'contains', 'IL:M'), ['mail:m']],
    [term('queue', 'eq', 'mail'), ['mail:m']],
    [term('queue', 'eq', 'sh*'), but('mail:m')],
    [term('queue', 'ne', 'sh*'), ['mail:m']],
    [term('queue', 'in', ['mail', 'none']), ['mail:m']],
    [term('queue', 'not_in', ['mail', 'x*']), but('mail:m')],
    [term('queue', 'eq', 'none'), []],
    [term('name', 'eq', 'mail.send'), ['mail:m']],
    [term('name', 'ne', 'mail.send'), but('mail:m')],
    [term('name', 'in', ['mail.send', 'x']), ['mail:m']],
    [term('name', 'not_in', ['mail.send', 'x']), but('mail:m')],
    [term('name', 'prefix', 'order.'), but('mail:m')],
    [term('name', 'contains', 'DER'), but('mail:m')],
    [term('state', 'eq', 'active'), ['shop:a']],
    [term('state', 'ne', 'waiting'), but('shop:w', 'mail:m')],
    [term('state', 'in', ['completed', 'failed']), ['shop:f', 'shop:c']],
    [term('state', 'not_in', ['completed', 'failed', 'delayed']), but('shop:f', 'shop:c', 'shop:d')],
    [term('state', 'eq', 'skipped'), []],
    [term('state', 'eq', 'unknown'), []],
    [term('tag', 'eq', 'eu'), ['shop:c', 'shop:w']],
    [term('tag', 'ne', 'eu'), but('shop:c', 'shop:w')],
    [term('tag', 'in', ['vip']), ['shop:w']],
    [term('tag', 'not_in', ['vip', 'x']), but('shop:w')],
    [term('tag', 'prefix', 'vi'), ['shop:w']],
    [term('service', 'eq', 'bank'), ['shop:a']],
    [term('service', 'eq', 'smtp'), ['mail:m']],
    [term('service', 'in', ['bank', 'smtp']), ['mail:m', 'shop:a']],
    [term('service', 'prefix', 'ba'), ['shop:a']],
    [term('service', 'ne', 'bank'), but('shop:a')],
    [term('service', 'not_in', ['bank', 'smtp']), but('shop:a', 'mail:m')],
    [term('error_class', 'eq', 'timeout'), ['shop:f']],
    [term('error_class', 'ne', 'timeout'), but('shop:f')],
    [term('error_class', 'in', ['timeout', 'unknown']), ['shop:f']],
    [term('error_class', 'not_in', ['timeout', 'unknown']), but('shop:f')],
    [term('created_at', 'gt', at(5)), ['mail:m']],
    [term('created_at', 'gte', at(5)), ['mail:m', 'shop:f']],
    [term('created_at', 'lt', at(2)), ['shop:w']],
    [term('created_at', 'lte', at(2)), ['shop:a', 'shop:w']],
    [term('finished_at', 'gt', at(8)), ['shop:f']],
    [term('finished_at', 'gte', at(8)), ['shop:f', 'shop:c']],
    [term('finished_at', 'lt', at(10)), ['shop:c']],
    [term('finished_at', 'lte', at(10)), ['shop:f', 'shop:c']],
    [term('text', 'contains', 'bank 🏦'), ['shop:f']],
    [term('text', 'contains', 'MAIL'), ['mail:m']],
    [term('text', 'contains', '__proto__'), []],
    [term('data.to', 'eq', 'ada'), ['mail:m']],
    [term('data.to', 'ne', 'ada'), but('mail:m')],
    [term('data.to', 'in', ['eve', 'ada']), ['mail:m']],
    [term('data.to', 'not_in', ['ada']), but('mail:m')],
    [term('data.to', 'prefix', 'ad'), ['mail:m']],
    [term('data.n', 'eq', 7), ['mail:m']],
    [term('data.n', 'eq', '7'), []],
    [term('data.n', 'gt', 6), ['mail:m']],
    [term('data.n', 'gte', 7), ['mail:m']],
    [term('data.n', 'lt', 7), []],
    [term('data.n', 'lte', 7), ['mail:m']],
    [term('data.n', 'gt', 'a'), []],
  ]
  test('of each field and operator finds what it says, in any page size alike', async ({ jobs, me, bull, kernel }) => {
    const given = { jobs, me, bull, kernel }
    await arrange(given)
    for (const [where, expected] of cases)
      for (const limit of [200, 1])
        expect({ where, found: (await idsOf(given, where, { limit })).sort() }).toEqual({
          where,
          found: [...expected].sort(),
        })
  })

  test('finds the same when the recorder has noted nothing', async ({ jobs, me, bull, kernel }) => {
    const given = { jobs, me, bull, kernel }
    await arrange(given)
    await kernel.redis.del(kernel.key('jobs', 'recent'))
    for (const [where, expected] of cases)
      expect({ where, found: (await idsOf(given, where)).sort() }).toEqual({ where, found: [...expected].sort() })
  })
})

describe('a tree', () => {
  const timeout = term('error_class', 'eq', 'timeout')
  const waits = term('state', 'eq', 'waiting')
  const vip = term('tag', 'eq', 'vip')
  const ada = term('data.to', 'eq', 'ada')
  const cases: [SearchWhere, string[]][] = [
    [{ and: [waits, vip] }, ['shop:w']],
    [{ or: [waits, timeout] }, ['mail:m', 'shop:f', 'shop:w']],
    [{ and: [waits, { or: [vip, ada] }] }, ['mail:m', 'shop:w']],
    [{ or: [{ and: [waits, vip] }, { and: [timeout, vip] }] }, ['shop:w']],
    [{ and: [{ or: [{ and: [waits, vip] }, timeout] }, term('queue', 'eq', 'shop')] }, ['shop:f', 'shop:w']],
    [{ and: [waits, timeout] }, []],
    [{ and: [term('state', 'eq', 'failed'), term('name', 'eq', 'order.place'), timeout] }, ['shop:f']],
    [{ or: [term('created_at', 'lt', at(2)), term('finished_at', 'gte', at(10))] }, ['shop:f', 'shop:w']],
    [{ and: [term('created_at', 'gte', at(2)), term('created_at', 'lt', at(4))] }, ['shop:d', 'shop:a']],
    [{ and: [term('state', 'ne', 'failed'), term('state', 'ne', 'waiting')] }, ['shop:a', 'shop:c', 'shop:d']],
  ]
  test('joins by and and or, with and without the list of the recorder', async ({ jobs, me, bull, kernel }) => {
    const given = { jobs, me, bull, kernel }
    await arrange(given)
    for (const isNoted of [true, false]) {
      if (!isNoted) await kernel.redis.del(kernel.key('jobs', 'recent'))
      for (const [where, expected] of cases)
        expect({ where, found: (await idsOf(given, where)).sort() }).toEqual({ where, found: [...expected].sort() })
    }
  })
})

describe('an answer', () => {
  test('says what was searched and since when that knows', async ({ jobs, me, bull, kernel }) => {
    await arrange({ jobs, me, bull, kernel })
    const byTag = await jobs.search(me, asked({ and: [term('tag', 'eq', 'eu'), term('queue', 'eq', 'shop')] }))
    expect(byTag.searched).toEqual({
      searched: 6,
      complete: true,
      fields: ['tag', 'queue'],
      way: 'created',
      since: at(1),
      stopped_by: null,
      unread: 0,
    })
    const byState = await jobs.search(me, asked(term('state', 'eq', 'completed')))
    expect(byState.searched).toMatchObject({ searched: 1, complete: true, way: 'state', since: null })
  })

  test('shows a job as it is now, or not at all', async ({ jobs, me, bull, kernel }) => {
    await arrange({ jobs, me, bull, kernel })
    const { redis } = kernel
    // The list says it failed; between the walk and the reading it was put back.
    const readStated = bull.readStated.bind(bull)
    let moved = false
    bull.readStated = async (...args) => {
      if (!moved) {
        moved = true
        await redis.zrem(bull.keys('shop').failed, 'f')
        await redis.hdel(bull.keys('shop').job('f'), 'finishedOn', 'failedReason', 'k1nError')
        await redis.lpush(bull.keys('shop').wait, 'f')
      }
      return readStated(...args)
    }
    expect(await idsOf({ jobs, me }, term('state', 'eq', 'failed'))).toEqual([])
    expect(moved).toBe(true)
    bull.readStated = readStated
    const { data } = await jobs.search(me, asked({ and: [term('id', 'eq', 'f'), term('state', 'eq', 'waiting')] }))
    expect(data).toMatchObject([{ id: 'shop:f', state: 'waiting' }])
  })

  test('tells cancelled jobs, those that never ran too', async ({ jobs, me, bull, kernel }) => {
    const given = { jobs, me, bull, kernel }
    await arrange(given)
    await jobs.enqueue(me, input({ name: 'mail.send', data: { to: 'eve' }, id: 'gone', tags: ['x'] }))
    await jobs.cancel(me, { queue: 'mail', id: 't_gone' }, 'enough')
    const cancelled = term('state', 'eq', 'cancelled')
    expect(await idsOf(given, cancelled)).toEqual(['mail:t_gone'])
    expect(await idsOf(given, { and: [cancelled, term('tag', 'eq', 'x')] })).toEqual(['mail:t_gone'])
    expect(await idsOf(given, { and: [cancelled, term('data.to', 'eq', 'eve')] })).toEqual(['mail:t_gone'])
    expect(await idsOf(given, { and: [cancelled, term('tag', 'eq', 'y')] })).toEqual([])
    expect(await idsOf(given, term('state', 'eq', 'failed'))).toEqual(['shop:f'])
  })

  test('keeps to the queues of a key', async ({ jobs, bull, kernel, me }) => {
    await arrange({ jobs, me, bull, kernel })
    const mine = person({ queues: ['ma*'] })
    expect(await idsOf({ jobs, me: mine }, term('queue', 'eq', '*'))).toEqual(['mail:m'])
    expect(
      await idsOf({ jobs, me: mine }, { or: [term('queue', 'eq', 'shop'), term('state', 'eq', 'failed')] }),
    ).toEqual([])
  })
})

describe('payloads', () => {
  test('are for those who may see them, at paths that are declared', async ({ jobs, me, bull, kernel }) => {
    await arrange({ jobs, me, bull, kernel })
    const blind = person({ scopes: ['jobs:read'] })
    const where: SearchWhere = { and: [term('state', 'eq', 'waiting'), { or: [term('data.secret', 'eq', 1)] }] }
    const refused = await problemOf(Promise.resolve().then(() => jobs.search(blind, asked(where))))
    expect(refused).toMatchObject({ code: 'insufficient-scope', extras: { members: { needed: 'jobs:data' } } })
    const unknown = await problemOf(Promise.resolve().then(() => jobs.search(me, asked(where))))
    expect(unknown.code).toBe('validation-failed')
    expect(unknown.extras.errors).toMatchObject([{ pointer: '#/where/and/1/or/0/field', code: 'not_indexed' }])
  })

  test('of jobs of another name are not looked at', async ({ jobs, me, bull, kernel }) => {
    const given = { jobs, me, bull, kernel }
    await arrange(given)
    await kernel.redis.hset(bull.keys('shop').job('w'), 'data', '{"to":"ada"}')
    expect(await idsOf(given, term('data.to', 'eq', 'ada'))).toEqual(['mail:m'])
  })

  test('too long to be read are told, and a look ends at so many bytes', async ({ jobs, me, bull, kernel }) => {
    const given = { jobs, me, bull, kernel }
    await arrange(given)
    const { redis } = kernel
    await redis.hset(bull.keys('mail').job('m'), 'data', JSON.stringify({ to: 'ada', pad: 'x'.repeat(300_000) }))
    const where = { and: [term('state', 'eq', 'waiting'), term('data.to', 'eq', 'ada')] }
    const page = await jobs.search(me, asked(where))
    expect(page).toMatchObject({ data: [], searched: { unread: 1, complete: true } })
    const data = JSON.stringify({ to: 'ada', pad: 'x'.repeat(100_000) })
    for (let n = 0; n < 120; n++) {
      await redis.hset(bull.keys('mail').job(`big${n}`), { name: 'mail.send', timestamp: T0 + n, data })
      await redis.lpush(bull.keys('mail').wait, `big${n}`)
    }
    const first = await jobs.search(me, asked(where))
    expect(first).toMatchObject({ page: { has_more: true }, searched: { complete: false, stopped_by: 'bytes' } })
    const found = await idsOf(given, where)
    expect([found.length, new Set(found).size]).toEqual([120, 120])
  })
})

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
    let turn = 0
    const walked: string[] = []
    let cursor: string | null = null
    do {
      const where = term('state', 'in', ['waiting', 'prioritized'])
      const page = await jobs.search(me, asked(where, { limit: 37, ...(cursor === null ? {} : { cursor }) }))
      walked.push(...page.data.map(({ id }) => id))
      cursor = page.page.next_cursor
      expect(cursor?.length ?? 0).toBeLessThan(2_048)
      turn++
      for (let n = 0; n < 11; n++) await arrive('one', `new${turn}-${n}`, T0 + 10_000 + turn)
      await arrive('two', `new${turn}`, T0 + 10_000 + turn)
      await arrive(`fresh${turn}`, 'new', T0 + 10_000)
      await urgent(`urgent${turn}`, turn)
      await redis.hset(bull.keys(`fresh${turn}`).meta, 'opts.maxLenEvents', 10_000)
      await bull.discover()
    } while (cursor !== null)
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
    const walked: string[] = []
    let cursor: string | null = null
    for (let turn = 0; turn === 0 || cursor !== null; turn++) {
      const more = { limit: 7, ...(cursor === null ? {} : { cursor }) }
      const page = await jobs.search(me, asked(term('name', 'eq', 'odd'), more))
      walked.push(...page.data.map(({ id }) => id))
      cursor = page.page.next_cursor
      for (let n = 0; n < 5; n++) await arrive(100 + turn * 5 + n)
    }
    expect([walked.length, new Set(walked).size]).toEqual([30, 30])
  })

  test('belong to their search', async ({ jobs, me, bull, kernel }) => {
    await arrange({ jobs, me, bull, kernel })
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
