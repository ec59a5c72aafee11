// What searching the inbox promises: all that is meant, nothing else, with a bounded look, whatever the index knows.
import { describe, expect, person, problemOf } from '../../test/support/rooms.ts'
import { layDead, tellDead, test } from '../../test/support/dead.ts'
import type { Left } from '../../test/support/dead.ts'
import { SCOPES } from '../auth/contract.ts'
import { DlqQuery } from './contract.ts'
import type { Dlq } from './dlq.ts'
import { createSelect } from './select.ts'
import type { Select } from './select.ts'
import type { DlqFilter } from './words.ts'

const query = (asked: Record<string, unknown> = {}) => DlqQuery.parse(asked)
const T = Date.UTC(2026, 0, 1)

/** Some of everything: two queues, three errors, two versions. */
const some: Left[] = Array.from({ length: 24 }, (_, n) => ({
  queue: n % 2 === 0 ? 'mail' : 'reports',
  id: `j${String(n).padStart(2, '0')}`,
  at: T + n,
  name: n % 2 === 0 ? 'mail.send' : 'report.build',
  error: ['TypeError', 'SmtpError', 'DiskError'][n % 3] ?? '',
  message: [`no property of ${n}`, `mailbox ${n} is full`, `disk ${n} is full`][n % 3] ?? '',
  version: n < 12 ? '1.0' : '1.1',
  data: { customer: { id: n }, vip: n === 7 },
}))
const idsOf = async (dlq: Dlq, asked: Record<string, unknown>, who = person()): Promise<string[]> =>
  (await dlq.list(who, query({ limit: 200, ...asked }))).data.map(({ task_id }) => task_id.replace(/^.*:/, ''))
const meant = (fits: (n: number) => boolean): string[] => some.flatMap(({ id }, n) => (fits(n) ? id : [])).reverse()

describe.each([
  ['an index', true],
  ['none yet', false],
] as const)('with %s', (_says, isIndexed) => {
  const filled = test.extend<{ filled: undefined }>({
    filled: [
      async ({ kernel, bull, recorder }, use) => {
        await layDead(kernel, bull, ...some)
        if (isIndexed) await recorder.catchUp()
        await bull.discover()
        await use(undefined)
      },
      { auto: true },
    ],
  })

  filled('each filter finds all it means, newest first', async ({ dlq }) => {
    expect(await idsOf(dlq, {})).toEqual(meant(() => true))
    expect(await idsOf(dlq, { queue: 'mail' })).toEqual(meant((n) => n % 2 === 0))
    expect(await idsOf(dlq, { name: 'report.build' })).toEqual(meant((n) => n % 2 === 1))
    expect(await idsOf(dlq, { error_name: ['SmtpError', 'DiskError'] })).toEqual(meant((n) => n % 3 > 0))
    expect(await idsOf(dlq, { error_class: 'permanent', version: '1.1' })).toEqual(meant((n) => n >= 12))
    expect(await idsOf(dlq, { error_class: 'timeout' })).toEqual([])
    expect(await idsOf(dlq, { version: '9' })).toEqual([])
    const range = { from: new Date(T + 3).toISOString(), to: new Date(T + 9).toISOString() }
    expect(await idsOf(dlq, { ...range, error_name: 'TypeError' })).toEqual(['j06', 'j03'])
    for (const wide of [{ from: '0001-01-01T00:00:00Z' }, { to: '9999-12-31T23:59:59Z' }])
      expect(await idsOf(dlq, { ...wide, error_name: 'TypeError' })).toEqual(meant((n) => n % 3 === 0))
    expect(await idsOf(dlq, { q: 'IS FULL' })).toEqual(meant((n) => n % 3 > 0))
    expect(await idsOf(dlq, { q: 'disk 17' })).toEqual(['j17'])
    expect(await idsOf(dlq, { q: 'j05' })).toEqual(['j05'])
    expect(await idsOf(dlq, { data: 'customer.id=7' })).toEqual(['j07'])
    expect(await idsOf(dlq, { data: ['vip=true', 'customer.id=8'] })).toEqual([])
    expect(await idsOf(dlq, { error_name: 'SmtpError' }, person({ queues: ['mail'] }))).toEqual(
      meant((n) => n % 3 === 1 && n % 2 === 0),
    )
  })

  filled('pages of every filter add up to the whole', async ({ dlq, me }) => {
    for (const asked of [
      { name: 'mail.send' },
      { q: 'full' },
      { q: 'mail' },
      { data: 'vip=false' },
      { version: '1.0' },
    ]) {
      const whole = await idsOf(dlq, asked)
      const walked: string[] = []
      for (let cursor: string | null | undefined; cursor !== null;) {
        const page = await dlq.list(me, query({ ...asked, limit: 5, ...(cursor ? { cursor } : {}) }))
        walked.push(...page.data.map(({ task_id }) => task_id.replace(/^.*:/, '')))
        cursor = page.page.next_cursor
      }
      expect(walked).toEqual(whole)
      expect(whole.length).toBeGreaterThan(0)
    }
  })

  filled('work on many chooses the same, the oldest first, up to its limit', async ({ kernel, bull, clock }) => {
    const select = createSelect(kernel, bull)
    const chosen = async (filter: DlqFilter, limit = 1_000) =>
      (await collect(select, filter, limit)).map(({ id }) => id)
    expect(await chosen({})).toEqual(meant(() => true).reverse())
    expect(await chosen({ error_name: ['SmtpError'], version: ['1.0'] })).toEqual(['j01', 'j04', 'j07', 'j10'])
    expect(await chosen({ q: 'full' }, 3)).toEqual(['j01', 'j02', 'j04'])
    const late = { queue: 'mail', id: 'late', at: clock.now() + 1_000 }
    await layDead(kernel, bull, late)
    expect(await chosen({})).not.toContain('late')
    await clock.advance(1_000)
    expect(await chosen({})).toContain('late')
  })
})

const collect = async (select: Select, filter: DlqFilter, limit: number) => {
  const found = []
  for await (const slice of select(filter, { limit })) found.push(...slice)
  return found
}

describe('what the index knows', () => {
  test('is not told of dead letters that live again or were cancelled since', async ({
    kernel,
    bull,
    recorder,
    dlq,
  }) => {
    await tellDead(kernel, bull, { id: 'a', at: T }, { id: 'b', at: T + 1 }, { id: 'c', at: T + 2 })
    await recorder.catchUp()
    await bull.revive({ queue: 'mail', id: 'a' }, { from: 'failed', resetAttempts: true, delayMs: 0 })
    await bull.queue('mail').remove('b')
    expect(await idsOf(dlq, { name: 'mail.send' })).toEqual(['c'])
  })

  test('finds few among many without looking at the others, and says so', async ({
    kernel,
    bull,
    recorder,
    dlq,
    me,
  }) => {
    const many = Array.from({ length: 2_500 }, (_, n) => ({ id: `m${n}`, at: T + n, message: `mailbox ${n} is full` }))
    await layDead(kernel, bull, { id: 'needle', at: T - 1, error: 'RareError', message: 'a needle' }, ...many)
    await recorder.catchUp()
    const searched = async (asked: Record<string, unknown>) => {
      const { data, searched: told } = await dlq.list(me, query(asked))
      return [data[0]?.task_id, told.searched, told.complete, told.titles, told.indexed]
    }
    expect(await searched({ error_name: 'RareError' })).toEqual(['mail:needle', 1, true, 0, true])
    expect((await dlq.list(me, query({ q: 'needle' }))).data[0]?.task_id).toBe('mail:needle')
    expect(await searched({ q: 'm0' })).toEqual([undefined, 1_000, false, 2, true])
  })

  test('says of each which group it is in, and finds a group', async ({ kernel, bull, recorder, dlq, me }) => {
    await layDead(kernel, bull, { id: 'a', at: T }, { id: 'b', at: T + 1, message: 'other' })
    await recorder.catchUp()
    const listed = await dlq.list(me, query({ queue: 'mail' }))
    const groups = listed.data.map(({ group }) => group ?? '')
    expect(new Set(groups).size).toBe(2)
    expect(await idsOf(dlq, { group: groups[0] })).toEqual(['b'])
    expect(await dlq.show(me, listed.data[0]?.id ?? '')).toMatchObject({ group: groups[0] })
    await layDead(kernel, bull, { id: 'unseen', at: T + 9 })
    expect((await dlq.show(me, 'mail:unseen')).group).toBeNull()
  })

  test('payloads are searched only by who may see them', async ({ dlq }) => {
    const blind = person({ scopes: SCOPES.filter((scope) => scope !== 'jobs:data') })
    expect((await problemOf(dlq.list(blind, query({ data: 'a=1' })))).code).toBe('insufficient-scope')
  })
})

describe('a remark', () => {
  test('is kept with the death it is about', async ({ kernel, bull, dlq, me }) => {
    const { id } = { id: `mail:a~${T.toString(36)}` }
    await layDead(kernel, bull, { id: 'a', at: T, more: { opts: '{"k1n":{"tags":["vip"]}}' } })
    expect(await dlq.show(me, id)).toMatchObject({ note: null, tags: ['vip'] })
    expect(await dlq.change(me, id, { note: 'asked the bank' })).toMatchObject({
      note: 'asked the bank',
      tags: ['vip'],
    })
    expect(await dlq.change(me, id, { tags: ['bank'] })).toMatchObject({ note: 'asked the bank', tags: ['bank'] })
    expect((await dlq.list(me, query({ queue: 'mail' }))).data).toMatchObject([
      { note: 'asked the bank', tags: ['bank'] },
    ])
    await bull.revive({ queue: 'mail', id: 'a' }, { from: 'failed', resetAttempts: true, delayMs: 0 })
    expect((await problemOf(dlq.change(me, id, { note: 'late' }))).code).toBe('already-resubmitted')
    await layDead(kernel, bull, { id: 'a', at: T + 5 })
    expect(await dlq.show(me, 'mail:a')).toMatchObject({ note: null })
    expect((await problemOf(dlq.change(me, 'mail:none', { note: 'x' }))).code).toBe('task-not-found')
  })
})
