// What the index promises: it holds what lies in the failed sets and nothing else, however that came to be.
import { describe, die, expect } from '../../test/support/rooms.ts'
import type { RoomFixtures } from '../../test/support/rooms.ts'
import { applying, layDead, tellDead, test } from '../../test/support/dead.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { systemClock, toIso } from '../kernel/clock.ts'
import { createRecorder } from '../recorder/recorder.ts'
import { readAllBuilt } from './built.ts'
import { createDeadIndex } from './dead-index.ts'
import { DlqQuery } from '../dlq/contract.ts'
import { dlqId } from '../dlq/id.ts'
import { recheck, recheckKey } from './recheck.ts'
import { createSweep } from './sweep.ts'
import { DlqGroupQuery } from './contract.ts'
import { builtKey, entriesKey, partsKey } from './keys.ts'
import { facetOf, timeOf } from './place.ts'

type Given = Pick<RoomFixtures, 'bull'> & { kernel: Kernel }
const all = (asked: object = {}) => DlqGroupQuery.parse(asked)

/** Ids and moments that the index of a queue holds, and how many of them have a cause. */
const indexed = async ({ kernel }: Given, queue = 'mail') => {
  const rows = await kernel.redis.zrange(entriesKey(kernel, queue), 0, -1, 'WITHSCORES')
  const places = Array.from({ length: rows.length / 2 }, (_, row): [string, number | string] => {
    const score = Number(rows[2 * row + 1])
    return [rows[2 * row] ?? '', facetOf(score) === 0 ? 'no death' : timeOf(score)]
  })
  return Object.fromEntries(places)
}
const T = Date.UTC(2026, 0, 1)

describe('what the recorder sees', () => {
  test('is in the index as it happens: deaths, other lives, removal', async ({
    kernel,
    bull,
    foreign,
    work,
    recorder,
    triage,
    me,
  }) => {
    const queue = foreign('theirs')
    for (const id of ['a', 'b', 'c']) await queue.add('welcome', {}, { jobId: id })
    await die({ work, bull }, 'theirs', ['a', 'b', 'c'], () => new TypeError('no such mailbox 17'))
    await recorder.catchUp()
    const [group] = (await triage.list(me, all())).data
    expect(group).toMatchObject({
      title: 'no such mailbox <n>',
      names: ['welcome'],
      error_names: ['TypeError'],
      open: 3,
      total: 3,
      last_hour: 3,
      state: 'new',
      queues: [{ queue: 'theirs', open: 3 }],
    })
    expect(Object.keys(await indexed({ kernel, bull }, 'theirs')).sort()).toEqual(['a', 'b', 'c'])
    await queue.remove('a')
    await (await queue.getJob('b'))?.retry()
    await recorder.catchUp()
    expect(Object.keys(await indexed({ kernel, bull }, 'theirs'))).toEqual(['c'])
    expect((await triage.list(me, all())).data).toMatchObject([{ open: 1, total: 3 }])
    const figures = await triage.metrics(me, { window: '5m' })
    expect(figures).toMatchObject({ depth: 1, added: 3, resubmitted: 1, discarded: 1 })
  })

  test('counts a job that dies, lives and dies again twice, and holds it once', async ({
    kernel,
    bull,
    recorder,
    triage,
    me,
  }) => {
    await tellDead(kernel, bull, { id: 'a', at: T })
    await bull.revive({ queue: 'mail', id: 'a' }, { from: 'failed', resetAttempts: true, delayMs: 0 })
    await tellDead(kernel, bull, { id: 'a', at: T + 5 })
    await recorder.catchUp()
    expect(await indexed({ kernel, bull })).toEqual({ a: T + 5 })
    expect((await triage.list(me, all())).data).toMatchObject([{ open: 1, total: 2 }])
  })

  test('counts a death once that was found lying there before it was told', async ({
    kernel,
    bull,
    recorder,
    triage,
    me,
  }) => {
    const dead = [
      { id: 'a', at: T },
      { id: 'b', at: T + 1 },
    ]
    await layDead(kernel, bull, ...dead)
    await recorder.catchUp()
    await tellDead(kernel, bull, ...dead, { id: 'c', at: T + 2 })
    await recorder.catchUp()
    expect((await triage.list(me, all())).data).toMatchObject([{ open: 3, total: 3 }])
    expect(await triage.metrics(me, { window: '5m' })).toMatchObject({ depth: 3, added: 3 })
  })

  test('names one of a group by when it died, not by when that was told', async ({
    kernel,
    bull,
    recorder,
    triage,
    me,
  }) => {
    await tellDead(kernel, bull, { id: 'a', at: T })
    await recorder.catchUp()
    const [group] = (await triage.list(me, all())).data
    expect(group).toMatchObject({
      sample: { dlq_id: dlqId({ queue: 'mail', id: 'a' }, T), task_id: 'mail:a' },
      first_seen: toIso(T),
      last_seen: toIso(T),
    })
  })

  test('leaves cancelled jobs out of all groups', async ({ kernel, bull, recorder, triage, me }) => {
    await tellDead(kernel, bull, { id: 'a', at: T, more: { k1nCancelled: 'enough' } })
    await recorder.catchUp()
    expect(await indexed({ kernel, bull })).toEqual({ a: 'no death' })
    expect((await triage.list(me, all())).data).toEqual([])
    expect(await triage.metrics(me, { window: '5m' })).toMatchObject({ depth: 0, oldest_age_s: null })
  })
})

describe('the index', () => {
  test('is made from what lies there already, in slices, and has the same groups when it is made again', async ({
    kernel,
    bull,
    recorder,
    triage,
    me,
  }) => {
    const dead = Array.from({ length: 1_234 }, (_, n) => ({
      id: `j${n}`,
      at: T + Math.floor(n / 4) * 2 + (n % 2),
      message: ['mailbox 17 is full', 'no route to host 10.0.0.1'][n % 2] ?? '',
      version: ['1.0', '1.1'][n % 2] ?? '',
    }))
    await layDead(kernel, bull, ...dead)
    await recorder.catchUp()
    const groups = await triage.list(me, all({ sort: '-open' }))
    expect(groups.data.map(({ title, open }) => [title, open])).toEqual([
      ['no route to host <ip>', 617],
      ['mailbox <n> is full', 617],
    ])
    expect(Object.keys(await indexed({ kernel, bull }))).toHaveLength(1_234)
    await triage.rebuild(['mail'])
    expect((await triage.metrics(me, { window: '5m' })).index).toMatchObject({ usable: false })
    await recorder.catchUp()
    expect(await triage.list(me, all({ sort: '-open' }))).toEqual(groups)
    expect((await triage.metrics(me, { window: '5m' })).index).toEqual({ usable: true, done: 1_234, total: 1_234 })
  })

  test('of an older form is made anew', async ({ kernel, bull, recorder }) => {
    await layDead(kernel, bull, { id: 'a', at: T })
    await kernel.redis.zadd(entriesKey(kernel, 'mail'), 12, 'stray')
    await kernel.redis.hset(builtKey(kernel), 'mail', JSON.stringify({ version: '0', phase: 'ready' }))
    await recorder.catchUp()
    expect(await indexed({ kernel, bull })).toEqual({ a: T })
    expect((await readAllBuilt(kernel)).get('mail')).toMatchObject({ phase: 'ready', usable: true })
  })

  test('comes right after others cleaned a failed set or put something there, also where the counts agree', async ({
    kernel,
    bull,
    recorder,
    triage,
    me,
  }) => {
    await tellDead(kernel, bull, { id: 'a', at: T }, { id: 'b', at: T + 1 }, { id: 'c', at: T + 2 })
    await recorder.catchUp()
    await bull.queue('mail').clean(0, 2, 'failed')
    await layDead(kernel, bull, { id: 'd', at: T + 3 }, { id: 'e', at: T + 4, message: 'another' })
    await recorder.catchUp()
    expect(await indexed({ kernel, bull })).toEqual({ c: T + 2, d: T + 3, e: T + 4 })
    expect((await triage.list(me, all({ sort: '-open' }))).data.map(({ open, total }) => [open, total])).toEqual([
      [2, 3],
      [1, 1],
    ])
  })

  test('survives members without a job and sets that are none', async ({ kernel, bull, recorder, triage, me }) => {
    await layDead(kernel, bull, { id: 'a', at: T })
    await kernel.redis.zadd(bull.keys('mail').failed, T, 'ghost')
    await kernel.redis.set(bull.keys('odd').failed, 'not a set')
    await kernel.redis.hset(bull.keys('odd').meta, 'opts.maxLenEvents', 10)
    await recorder.catchUp()
    expect(await indexed({ kernel, bull })).toEqual({ a: T, ghost: 'no death' })
    expect((await triage.list(me, all())).data).toMatchObject([{ open: 1 }])
  })

  test('forgets nothing that was counted when its entries go', async ({ kernel, bull, recorder, triage, me }) => {
    await tellDead(kernel, bull, { id: 'a', at: T })
    await recorder.catchUp()
    await bull.queue('mail').remove('a')
    await recorder.catchUp()
    expect((await triage.list(me, all())).data).toMatchObject([{ open: 0, total: 1 }])
    expect(await kernel.redis.hlen(partsKey(kernel))).toBe(1)
  })

  test('is told of what our own scripts change without an event, and follows in both directions', async ({
    kernel,
    bull,
    recorder,
    triage,
    dlq,
    me,
  }) => {
    await tellDead(kernel, bull, ...['a', 'b', 'c'].map((id, n) => ({ id, at: T + n })))
    await recorder.catchUp()
    await kernel.redis.zrem(bull.keys('mail').failed, 'a', 'b')
    const seen = async () =>
      (await dlq.list(me, DlqQuery.parse({ name: 'mail.send' }))).data.map(({ task_id }) => task_id)
    expect(await seen()).toEqual(['mail:c'])
    const both = ['a', 'b'].map((id) => ({ queue: 'mail', id }))
    await recheck(kernel, both)
    await recorder.catchUp()
    expect(await indexed({ kernel, bull })).toEqual({ c: T + 2 })
    expect(await triage.metrics(me, { window: '5m' })).toMatchObject({ depth: 1, discarded: 2 })
    await kernel.redis.zadd(bull.keys('mail').failed, T + 1, 'b')
    await recheck(kernel, both)
    await recheck(kernel, both)
    await recorder.catchUp()
    expect(await indexed({ kernel, bull })).toEqual({ b: T + 1, c: T + 2 })
    expect((await triage.list(me, all())).data).toMatchObject([{ open: 2, total: 3 }])
    expect(await kernel.redis.xlen(recheckKey(kernel))).toBeLessThanOrEqual(1)
  })

  test('of a queue that was taken away altogether goes, and what was counted stays', async ({
    kernel,
    bull,
    foreign,
    recorder,
    triage,
    me,
  }) => {
    await foreign('theirs').add('welcome', {})
    await tellDead(kernel, bull, { queue: 'theirs', id: 'a', at: T })
    await recorder.catchUp()
    await foreign('theirs').obliterate({ force: true })
    await recorder.catchUp()
    expect(await indexed({ kernel, bull }, 'theirs')).toEqual({})
    expect((await readAllBuilt(kernel)).has('theirs')).toBe(false)
    expect((await triage.list(me, all())).data).toMatchObject([{ open: 0, total: 1 }])
  })

  test('is made again also when that is asked for while it is made', async ({ kernel, bull, triage }) => {
    await layDead(kernel, bull, ...Array.from({ length: 700 }, (_, n) => ({ id: `j${n}`, at: T + n })))
    const sweep = createSweep({ kernel, bull, index: createDeadIndex(kernel), apply: applying(kernel) })
    expect(await sweep.step('mail')).toBe(false)
    await triage.rebuild(['mail'])
    const phases = []
    do phases.push((await readAllBuilt(kernel)).get('mail')?.phase)
    while (!(await sweep.step('mail')))
    expect(phases).toEqual(['wanted', 'adding', 'adding', 'counting'])
    expect(Object.keys(await indexed({ kernel, bull }))).toHaveLength(700)
  })

  test('is made and mended by a running recorder without being asked', async ({ kernel, bull, triage, me }) => {
    await layDead(kernel, bull, { id: 'a', at: T })
    await bull.discover()
    const recorder = createRecorder({ ...kernel, clock: systemClock }, bull, { roundMs: 50, blockMs: 50 })
    await recorder.start()
    const open = async () => (await triage.list(me, all())).data.map((group) => group.open)
    await expect.poll(open, { timeout: 10_000 }).toEqual([1])
    await layDead(kernel, bull, { id: 'b', at: T + 1 })
    await tellDead(kernel, bull, { id: 'c', at: T + 2 })
    await expect.poll(open, { timeout: 10_000 }).toEqual([3])
    await triage.rebuild(['mail'])
    const usable = async () => (await readAllBuilt(kernel)).get('mail')?.usable
    await expect.poll(usable, { timeout: 10_000 }).toBe(true)
    expect(await open()).toEqual([3])
    await recorder.stop()
  })
})
