// Alerts from the figures that there are until they are resolved, with a real Redis and a stopped clock.
import { vi } from 'vitest'
import { count, countRuns, describe, expect, person, problemOf, test } from '../../test/support/alerts.ts'
import { toIso } from '../kernel/clock.ts'
import { queuesKey, minuteOf } from '../metrics/buckets.ts'
import { ENDED_MAX, createAlertStore, placeOf } from './store.ts'
import type { AlertQuery } from './contract.ts'
import { RULE_IDS } from './words.ts'

const all: AlertQuery = { limit: 50, state: ['firing', 'pending', 'resolved'], severity: undefined, rule: undefined, queue: undefined } // prettier-ignore
const ENOUGH = { completed: 70, failed: 30 }

describe('the life of an alert', () => {
  test('is told when it fires and when it is resolved, each once', async ({
    kernel,
    alerts,
    pass,
    told,
    me,
    clock,
  }) => {
    await count(kernel, 'mail', ENOUGH)
    await pass(15)
    const [high, critical] = (await alerts.list(me, { ...all, rule: ['failure_rate_high', 'failure_rate_critical'] }))
      .data
    expect(high).toMatchObject({ rule_id: 'failure_rate_high', state: 'firing', severity: 'warning', value: 0.3, samples: 100, title: '30.0 % of the jobs of mail fail' }) // prettier-ignore
    expect(critical).toMatchObject({ rule_id: 'failure_rate_critical', state: 'pending', fired_at: null })
    await pass(120)
    expect(await alerts.show(me, critical?.id ?? '')).toMatchObject({ state: 'firing', severity: 'critical' })
    await kernel.redis.del(queuesKey(kernel, minuteOf(clock.now() - 135_000)), queuesKey(kernel, minuteOf(clock.now() - 120_000))) // prettier-ignore
    await pass(240)
    expect(await alerts.show(me, critical?.id ?? '')).toMatchObject({ state: 'resolved', value: null, worst: 0.3 })
    const said = (await told()).filter(({ data }) => data['rule_id'] === 'failure_rate_critical')
    expect(said.map(({ name }) => name)).toEqual(['alert.firing', 'alert.resolved'])
    expect(said[0]?.data).toMatchObject({ alert_id: critical?.id, queue: 'mail', severity: 'critical', value: 0.3, threshold: 0.1 }) // prettier-ignore
  })

  test('one of two jobs that fails is no alarm', async ({ kernel, alerts, pass, me }) => {
    await count(kernel, 'mail', { completed: 1, failed: 1 })
    await pass(60)
    expect((await alerts.list(me, all)).data).toEqual([])
  })

  test('jobs that take twice as long as yesterday fire after five minutes, told by their name', async ({
    kernel,
    alerts,
    pass,
    me,
    clock,
  }) => {
    const mail = { queue: 'mail', name: 'mail.send' }
    await countRuns(kernel, mail, 400, 100, clock.now() - 4 * 3_600_000)
    // Of another name nothing is known of yesterday.
    for (let minute = 0; minute < 7; minute++) {
      await countRuns(kernel, mail, 1_500, 30)
      await countRuns(kernel, { queue: 'mail', name: 'mail.new' }, 9_000, 30)
      await pass(60)
      if (minute === 3) expect((await alerts.list(me, all)).data.map(({ state }) => state)).toEqual(['pending', 'pending']) // prettier-ignore
    }
    const { data } = await alerts.list(me, all)
    expect(data.map(({ rule_id, state, subject }) => [rule_id, state, subject.id])).toEqual([
      ['run_time_very_slow', 'firing', 'mail:mail.send'],
      ['run_time_slow', 'firing', 'mail:mail.send'],
    ])
  })

  test('a queue with jobs and nobody to take them fires, and one that somebody pauses does not', async ({
    alerts,
    pass,
    me,
    foreign,
    bull,
    queues,
  }) => {
    await foreign('orders').add('order', {})
    await foreign('stopped').add('order', {})
    await bull.discover()
    await queues.pause(me, 'stopped')
    await pass(15 + 60)
    const { data } = await alerts.list(me, all)
    expect(data.map(({ rule_id, state, subject }) => [rule_id, state, subject.id])).toEqual([['no_worker', 'firing', 'orders']]) // prettier-ignore
    await foreign('orders').drain()
    await pass(15 + 60)
    expect((await alerts.list(me, all)).data).toMatchObject([{ state: 'resolved' }])
  })
})

describe('two processes', () => {
  test('that check at once begin and tell an alert once', async ({ kernel, another, told, clock, alerts, me }) => {
    await count(kernel, 'mail', ENOUGH)
    const checkers = [another(), another(), another()]
    for (let turn = 0; turn < 4; turn++) {
      await Promise.all(checkers.map((checker) => checker.check()))
      await clock.advance(60_000)
    }
    const names = (await told()).map(({ data }) => data['rule_id'])
    expect([...names].sort()).toEqual(['dead_letters_growing', 'failure_rate_critical', 'failure_rate_high'])
    expect((await alerts.list(me, all)).data).toHaveLength(3)
  })
})

describe('looking after it', () => {
  test('an acknowledgement says who and why, is told, and outlasts further looks', async ({
    kernel,
    alerts,
    pass,
    told,
    me,
  }) => {
    await count(kernel, 'mail', ENOUGH)
    await pass(15)
    const [alert] = (await alerts.list(me, { ...all, rule: ['failure_rate_high'] })).data
    await alerts.acknowledge(me, alert?.id ?? '', 'restarting the mail server')
    await count(kernel, 'mail', { failed: 30 })
    await pass(15)
    expect(await alerts.show(me, alert?.id ?? '')).toMatchObject({ value: 0.4615, acknowledged: { by: 'Ada', note: 'restarting the mail server' } }) // prettier-ignore
    expect((await told()).map(({ name }) => name)).toContain('alert.acknowledged')
  })

  test('a silenced alert is not told until the silence ends, and then at once', async ({
    kernel,
    alerts,
    pass,
    told,
    me,
    clock,
  }) => {
    await count(kernel, 'mail', ENOUGH)
    await pass(15)
    const [critical] = (await alerts.list(me, { ...all, rule: ['failure_rate_critical'] })).data
    const until = new Date(clock.now() + 200_000).toISOString()
    expect(await alerts.silence(me, critical?.id ?? '', { until, reason: 'deploy' })).toMatchObject({ silence: { until, by: 'Ada', reason: 'deploy' } }) // prettier-ignore
    await pass(150)
    const said = async () => (await told()).filter(({ name, data }) => name === 'alert.firing' && data['rule_id'] === 'failure_rate_critical') // prettier-ignore
    expect((await alerts.show(me, critical?.id ?? '')).state).toBe('firing')
    expect(await said()).toEqual([])
    await count(kernel, 'mail', ENOUGH)
    await pass(60)
    expect(await said()).toHaveLength(1)
    expect((await alerts.show(me, critical?.id ?? '')).silence).toBeNull()
  })

  test('a silence that is made anew while a look sweeps the one before stays', async ({
    kernel,
    alerts,
    pass,
    me,
    clock,
  }) => {
    await count(kernel, 'mail', ENOUGH)
    await pass(15)
    const [alert] = (await alerts.list(me, { ...all, rule: ['failure_rate_high'] })).data
    const id = alert?.id ?? ''
    const silence = () => alerts.silence(me, id, { until: new Date(clock.now() + 60_000).toISOString() })
    await silence()
    const store = createAlertStore(kernel)
    const read = await store.now()
    await clock.advance(60_000)
    const { silence: made } = await silence()
    await store.sweep(read.silences, clock.now())
    expect((await alerts.show(me, id)).silence).toEqual(made)
    await clock.advance(60_000)
    await store.sweep((await store.now()).silences, clock.now())
    expect((await store.now()).silences.size).toBe(0)
  })

  test('what has ended is neither acknowledged nor silenced', async ({ kernel, alerts, pass, me, clock }) => {
    await count(kernel, 'mail', ENOUGH)
    await pass(15)
    const [alert] = (await alerts.list(me, { ...all, rule: ['failure_rate_high'] })).data
    await alerts.editRule(me, 'failure_rate_high', { enabled: false })
    await pass(15)
    const id = alert?.id ?? ''
    expect((await alerts.show(me, id)).state).toBe('resolved')
    expect((await problemOf(alerts.acknowledge(me, id, undefined))).code).toBe('alert-ended')
    const until = new Date(clock.now() + 60_000).toISOString()
    expect((await problemOf(alerts.silence(me, id, { until }))).code).toBe('alert-ended')
  })
})

describe('rules', () => {
  test('are changed member by member, told, kept apart by versions, and given back', async ({ alerts, told, me }) => {
    const edited = await alerts.editRule(me, 'failure_rate_high', { threshold: 0.2, for_s: 30 }, { versions: [0] })
    expect(edited).toMatchObject({ threshold: 0.2, for_s: 30, min_samples: 20, changed: ['threshold', 'for_s'], updated_by: 'Ada' }) // prettier-ignore
    expect((await problemOf(alerts.editRule(me, 'failure_rate_high', { for_s: 0 }, { versions: [0] }))).code).toBe('precondition-failed') // prettier-ignore
    const back = await alerts.editRule(me, 'failure_rate_high', { threshold: null, for_s: null })
    expect(back).toMatchObject({ threshold: 0.05, for_s: 0, changed: [] })
    expect((await told()).map(({ data }) => data)).toEqual([
      { rule_id: 'failure_rate_high', actor: 'Ada', version: edited.version },
      { rule_id: 'failure_rate_high', actor: 'Ada', version: back.version },
    ])
  })
  test('refuse what cannot be', async ({ alerts, me }) => {
    expect((await problemOf(alerts.editRule(me, 'failure_rate_high', { threshold: 5 }))).extras.errors).toMatchObject([{ pointer: '#/threshold' }]) // prettier-ignore
    expect((await problemOf(alerts.editRule(me, 'no_worker', { min_samples: 5 }))).extras.errors).toMatchObject([{ pointer: '#/min_samples' }]) // prettier-ignore
    expect((await problemOf(alerts.editRule(person({ queues: ['mail'] }), 'no_worker', {}))).code).toBe('resource-forbidden') // prettier-ignore
  })
  test('tell what they measured, minute by minute, with what fired', async ({ kernel, alerts, pass, me }) => {
    await count(kernel, 'mail', ENOUGH)
    await count(kernel, 'sms', { completed: 99, failed: 1 })
    await pass(30)
    const series = await alerts.series(me, 'failure_rate_high', { hours: 1 })
    expect(series.series.map(({ subject, y }) => [subject.id, y.at(-1)])).toEqual([['mail', 0.3], ['sms', 0.01]]) // prettier-ignore
    expect(series.x).toHaveLength(60)
    expect(series.alerts).toMatchObject([{ state: 'firing', subject: { id: 'mail' } }])
    const narrow = await alerts.series(person({ queues: ['sms'] }), 'failure_rate_high', { hours: 1 })
    expect(narrow.series.map(({ subject }) => subject.id)).toEqual(['sms'])
    expect(narrow.alerts).toEqual([])
  })
  test('tell what they measured in a stretch of time, and nothing of one that is longer ago than a day', async ({
    kernel,
    alerts,
    pass,
    me,
    clock,
  }) => {
    await count(kernel, 'mail', ENOUGH)
    await pass(15)
    const minute = Math.floor(clock.now() / 60_000) * 60_000
    const between = (from: number, to: number) =>
      alerts.series(me, 'failure_rate_high', { hours: 6, from: toIso(from), to: toIso(to) })
    await pass(600)
    const shown = await between(minute - 300_000, minute + 60_000)
    expect(shown.x).toEqual([5, 4, 3, 2, 1, 0].map((back) => minute - back * 60_000))
    expect(shown.series.map(({ subject, y }) => [subject.id, y.at(-1)])).toEqual([['mail', 0.3]])
    expect(shown.alerts).toMatchObject([{ subject: { id: 'mail' } }])
    // Of the time before there is neither the value nor the alert.
    expect(await between(minute - 300_000, minute)).toMatchObject({ series: [], alerts: [] })
    const old = await between(minute - 3 * 86_400_000, minute - 2 * 86_400_000)
    expect(old).toMatchObject({ x: [], series: [], alerts: [] })
    expect((await between(minute - 3 * 86_400_000, clock.now())).x).toHaveLength(1_440)
  })
})

test('a look at queues that rest costs the same few commands however many they are', async ({
  kernel,
  checker,
  bull,
  foreign,
  clock,
}) => {
  for (let n = 0; n < 60; n++) await foreign(`q${n}`).waitUntilReady()
  for (let n = 0; n < 60; n++) await foreign(`q${n}`).setGlobalConcurrency(9)
  expect((await bull.discover()).length).toBeGreaterThanOrEqual(60)
  await checker.check()
  await clock.advance(15_000)
  const sent = vi.spyOn(kernel.redis, 'sendCommand')
  await checker.check()
  expect(sent.mock.calls.length).toBeLessThan(40)
})

test('keys of some queues see alerts of these, and none of services', async ({ kernel, alerts, pass, me }) => {
  await count(kernel, 'mail', ENOUGH)
  await count(kernel, 'sms', ENOUGH)
  const store = createAlertStore(kernel)
  await pass(15)
  const { active } = await store.now()
  const [any] = [...active.values()]
  if (any === undefined) throw new Error('nothing fires')
  const { version: _version, ...draft } = any
  const service = { kind: 'service' as const, id: 'smtp', label: 'smtp', queue: null }
  const next = { ...draft, id: 'al_00000000000000000000', rule: 'breaker_open' as const, subject: service }
  await store.settle([{ place: placeOf('breaker_open', service), read: 0, next }])
  const seen = async (queues: string[]) => [...new Set((await alerts.list(person({ queues }), all)).data.map(({ subject }) => subject.id))].sort() // prettier-ignore
  expect(await seen(['*'])).toEqual(['mail', 'sms', 'smtp'])
  expect(await seen(['ma*'])).toEqual(['mail'])
  const hidden = await problemOf(alerts.show(person({ queues: ['mail'] }), next.id))
  expect(hidden.code).toBe('alert-not-found')
  expect((await alerts.show(me, next.id)).subject.id).toBe('smtp')
})

test('pages walk through all of them in order, and no further are kept than so many', async ({
  kernel,
  alerts,
  me,
  clock,
}) => {
  const store = createAlertStore(kernel)
  const ended = (n: number) => ({
    ...{ id: `al_${String(n).padStart(20, '0')}`, rule: RULE_IDS[n % RULE_IDS.length] ?? 'no_worker' },
    ...{ subject: { kind: 'queue' as const, id: `q${n}`, label: `q${n}`, queue: `q${n}` }, severity: 'warning' as const },
    ...{ threshold: 1, state: 'resolved' as const, since: 1, firedAt: 2, resolvedAt: clock.now() + n, clearSince: 3 },
    ...{ value: null, worst: 2, samples: null, told: true, acknowledged: null },
  }) // prettier-ignore
  const changes = Array.from({ length: ENDED_MAX + 20 }, (_, n) => ({
    place: `p${n}`,
    read: 0,
    next: undefined,
    ended: ended(n),
  }))
  await store.settle(changes)
  const resolved = { ...all, state: ['resolved' as const], limit: 200 }
  const ids: string[] = []
  for (let cursor: string | undefined; ;) {
    const { data, page } = await alerts.list(me, { ...resolved, ...(cursor === undefined ? {} : { cursor }) })
    ids.push(...data.map(({ id }) => id))
    if (page.next_cursor === null) break
    cursor = page.next_cursor
  }
  expect(ids).toHaveLength(ENDED_MAX)
  expect(ids).toEqual([...ids].sort().reverse())
})
