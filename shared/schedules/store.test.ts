// Records of schedules: one change at a time, told where it is made, and what a process knows of them.
import { definition, record } from '../../test/support/schedules.ts'
import { describe, expect, test } from '../../test/support/fixtures.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createEventLog } from '../stream/log.ts'
import { createCatalogue } from './catalogue.ts'
import type { ScheduleChange } from './events.ts'
import { RECORDS_MAX, createScheduleStore } from './store.ts'

const told = (id: string, change: ScheduleChange) =>
  ({ schedule_id: id, queue: 'reports', change, actor: 'Ada' }) as const
const make = (kernel: Kernel, id: string) => createScheduleStore(kernel).save(told(id, 'created'), 0, record(id))

describe('a record', () => {
  test('is read as it was written, with the version it was given', async ({ kernel }) => {
    const store = createScheduleStore(kernel)
    const trigger = { type: 'cron', expression: '0 3 * * *', timezone: 'Europe/Berlin' } as const
    const nightly = record('nightly', {
      definition: definition({ trigger }),
      pause: { reason: 'holidays', by: 'Ada', at: 5, until: null },
    })
    const version = await store.save(told('nightly', 'created'), 0, nightly)
    expect(await store.find('nightly')).toEqual({ ...nightly, version })
    expect(await store.revision()).toBe(version)
    expect(await store.find('other')).toBeUndefined()
  })

  test('is changed once of two changes to one version, and every change is told once', async ({ kernel }) => {
    const store = createScheduleStore(kernel)
    const version = Number(await make(kernel, 'nightly'))
    const change = () => store.save(told('nightly', 'paused'), version, record('nightly'))
    const answers = await Promise.all([change(), change()])
    expect(answers.filter((answer) => answer === 'changed')).toHaveLength(1)
    expect(await store.save(told('nightly', 'deleted'), version + 1, undefined)).toBe(version + 2)
    expect(await store.find('nightly')).toBeUndefined()
    const facts = await createEventLog(kernel).readAfter('0-0', 10)
    expect(facts.map(({ name }) => name)).toEqual([
      'scheduler.schedule_created',
      'scheduler.schedule_updated',
      'scheduler.schedule_deleted',
    ])
    expect(JSON.parse(facts[1]?.data ?? '')).toEqual({ ...told('nightly', 'paused'), version: version + 1 })
  })

  test('is refused where there is no room for it', async ({ kernel }) => {
    const filler = Object.fromEntries(Array.from({ length: RECORDS_MAX }, (_, n) => [`s${n}`, '1 {}']))
    await kernel.redis.hset(kernel.key('schedules', 'records'), filler)
    expect(await make(kernel, 'one-more')).toBe('full')
  })

  test('that a newer version wrote is left out, told and not overwritten', async ({ kernel, logged }) => {
    const store = createScheduleStore(kernel)
    await make(kernel, 'mine')
    await kernel.redis.hset(kernel.key('schedules', 'records'), 'theirs', '7 {"moon":1}')
    await kernel.redis.zadd(kernel.key('schedules', 'versions'), 7, 'theirs')
    expect([...(await store.records()).keys()]).toEqual(['mine'])
    expect((await store.findMany(['theirs', 'mine', 'none'])).get('theirs')).toBe('unreadable')
    expect(await make(kernel, 'theirs')).toBe('changed')
    expect(logged).toMatchObject([{ level: 'warn', kind: 'schedule', id: 'theirs', version: 7 }])
  })
})

describe('a process', () => {
  test('reads only what changed', async ({ kernel }) => {
    const store = createScheduleStore(kernel)
    const catalogue = createCatalogue(kernel, store)
    const version = Number(await make(kernel, 'a'))
    await make(kernel, 'b')
    const before = await catalogue.look()
    expect([...before.keys()]).toEqual(['a', 'b'])
    expect(await catalogue.look()).toBe(before)
    await store.save(told('a', 'deleted'), version, undefined)
    await make(kernel, 'c')
    expect([...(await catalogue.look()).keys()]).toEqual(['b', 'c'])
    expect(catalogue.all().get('b')).toBe(before.get('b'))
  })

  test('begins anew when Redis has forgotten', async ({ kernel }) => {
    const catalogue = createCatalogue(kernel, createScheduleStore(kernel))
    for (const id of ['a', 'b', 'c']) await make(kernel, id)
    await catalogue.look()
    await kernel.redis.del(...['records', 'versions', 'revision'].map((part) => kernel.key('schedules', part)))
    await make(kernel, 'd')
    expect([...(await catalogue.look()).keys()]).toEqual(['d'])
  })

  test('begins anew when Redis has lost its last second, and gives the versions of it to others', async ({
    kernel,
  }) => {
    const catalogue = createCatalogue(kernel, createScheduleStore(kernel))
    await make(kernel, 'a')
    await make(kernel, 'lost')
    await catalogue.look()
    const key = (part: string) => kernel.key('schedules', part)
    await kernel.redis.hdel(key('records'), 'lost')
    await kernel.redis.zrem(key('versions'), 'lost')
    await kernel.redis.decr(key('revision'))
    kernel.redis.disconnect(true)
    await new Promise((resolve) => kernel.redis.once('ready', resolve))
    await make(kernel, 'b')
    expect([...(await catalogue.look()).keys()]).toEqual(['a', 'b'])
  })

  test('that asks during a look is told what was so when it asked', async ({ kernel }) => {
    const catalogue = createCatalogue(kernel, createScheduleStore(kernel))
    await make(kernel, 'a')
    const first = catalogue.look()
    await make(kernel, 'b')
    expect([...(await catalogue.look()).keys()]).toEqual(['a', 'b'])
    await first
  })
})
