// What a search makes of what the recorder keeps: jobs of other services, dead letters by their error, each once.
import { describe, expect, saysOf } from '../../test/support/rooms.ts'
import type { RoomFixtures } from '../../test/support/rooms.ts'
import { layDead, test } from '../../test/support/dead.ts'
import { T0, asked, idsOf, term } from '../../test/support/searching.ts'
import type { SearchWhere } from './search-words.ts'

const pageOf = ({ jobs, me }: Pick<RoomFixtures, 'jobs' | 'me'>, where: SearchWhere) => jobs.search(me, asked(where))

describe('a queue of another service', () => {
  test('is searched as its events tell, however often they are read', async ({
    jobs,
    me,
    bull,
    foreign,
    work,
    recorder,
    kernel,
  }) => {
    const queue = foreign('invoices')
    await queue.add('invoice.send', { to: 'ada' })
    await queue.add('invoice.print', {}, { delay: 60_000 })
    const worker = work('invoices', () => Promise.reject(new RangeError('no paper')), { autorun: false })
    const failed = saysOf(worker, 'failed', '1')
    void worker.run()
    await failed
    await worker.close()
    await queue.add('invoice.send', {})
    await bull.discover()
    await recorder.catchUp()
    await recorder.catchUp()
    const given = { jobs, me }
    const invoices = term('name', 'prefix', 'invoice.')
    const page = await pageOf(given, invoices)
    expect(page.searched).toMatchObject({ way: 'created', searched: 3, complete: true })
    expect(page.data.map(({ id, state }) => [id, state])).toEqual([
      ['invoices:3', 'waiting'],
      ['invoices:2', 'delayed'],
      ['invoices:1', 'failed'],
    ])
    expect(
      await idsOf(given, { or: [term('text', 'contains', 'NO PAPER'), term('state', 'eq', 'delayed')] }, { limit: 1 }),
    ).toEqual(['invoices:2', 'invoices:1'])
    // Removed with a word, and without one.
    await (await queue.getJob('2'))?.remove()
    await kernel.redis.unlink(bull.keys('invoices').job('3'))
    expect(await idsOf(given, invoices)).toEqual(['invoices:1'])
    await recorder.catchUp()
    expect((await pageOf(given, invoices)).searched.searched).toBe(2)
  })
})

describe('dead letters', () => {
  test('of a name or an error are found along their index', async ({ jobs, me, bull, kernel, recorder }) => {
    const dead = Array.from({ length: 40 }, (_, n) => ({
      id: `j${n}`,
      at: T0 + n,
      name: n % 10 === 0 ? 'mail.rare' : 'mail.send',
      message: `mailbox ${n} is full`,
    }))
    await layDead(kernel, bull, ...dead)
    await bull.discover()
    const where: SearchWhere = {
      and: [
        term('state', 'eq', 'failed'),
        term('queue', 'eq', 'mail'),
        { or: [term('name', 'eq', 'mail.rare'), term('name', 'in', ['mail.none'])] },
      ],
    }
    const expected = ['mail:j30', 'mail:j20', 'mail:j10', 'mail:j0']
    const before = await pageOf({ jobs, me }, where)
    expect(before).toMatchObject({ searched: { way: 'state', searched: 40 } })
    expect(before.data.map(({ id }) => id)).toEqual(expected)
    await recorder.catchUp()
    const after = await pageOf({ jobs, me }, where)
    expect(after).toMatchObject({ searched: { way: 'errors', searched: 4, complete: true } })
    expect(after.data.map(({ id }) => id)).toEqual(expected)
    expect(await idsOf({ jobs, me }, where, { limit: 1 })).toEqual(expected)
    const bounded: SearchWhere = { and: [where, term('finished_at', 'lt', new Date(T0 + 20).toISOString())] }
    expect(await idsOf({ jobs, me }, bounded, { limit: 1 })).toEqual(['mail:j10', 'mail:j0'])
    const full = { and: [where, term('text', 'contains', 'box 20 is')] }
    expect(await idsOf({ jobs, me }, full)).toEqual(['mail:j20'])
  })
})
