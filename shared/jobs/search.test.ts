// What a search for jobs promises: each field and operator, and and or, and answers that are true of the jobs as they are now.
import { describe, expect, input, person, problemOf, test } from '../../test/support/rooms.ts'
import { T0, arrange, asked, at, idsOf, term } from '../../test/support/searching.ts'
import type { SearchTerm, SearchWhere } from './search-words.ts'

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
    await arrange({ bull, kernel })
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
    await arrange({ bull, kernel })
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

  test('keeps to the queues of a key', async ({ jobs, bull, kernel }) => {
    await arrange({ bull, kernel })
    const mine = person({ queues: ['ma*'] })
    expect(await idsOf({ jobs, me: mine }, term('queue', 'eq', '*'))).toEqual(['mail:m'])
    expect(
      await idsOf({ jobs, me: mine }, { or: [term('queue', 'eq', 'shop'), term('state', 'eq', 'failed')] }),
    ).toEqual([])
  })
})

describe('payloads', () => {
  test('are for those who may see them, at paths that are declared', async ({ jobs, me, bull, kernel }) => {
    await arrange({ bull, kernel })
    const blind = person({ scopes: ['jobs:read'] })
    const where: SearchWhere = { and: [term('state', 'eq', 'waiting'), { or: [term('data.secret', 'eq', 1)] }] }
    const refused = await problemOf(jobs.search(blind, asked(where)))
    expect(refused).toMatchObject({ code: 'insufficient-scope', extras: { members: { needed: 'jobs:data' } } })
    const unknown = await problemOf(jobs.search(me, asked(where)))
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
