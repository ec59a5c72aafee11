// Schedules that code declares: what is refused when it is written, what becomes of their records, and whose code holds.
import { describe, every, expect, test } from '../../test/support/scheduling.ts'
import { demoReport } from '../catalog/demo.ts'
import { demoSchedules } from '../catalog/schedules.ts'
import { declaredAs } from './apply-declared.ts'
import { schedule, schedulesOf } from './declare.ts'
import type { DeclaredSchedule, ScheduleOptions } from './declare.ts'
import { LIFE_MS, declare } from './declaring.ts'
import { createScheduleServices } from './executor.ts'

const MINUTE = 60_000
const job = { name: 'report.build', queue: 'reports' }
const declared = (id: string, over: Partial<ScheduleOptions<typeof job>> = {}): DeclaredSchedule =>
  schedule({ ...{ id, name: 'A digest', job }, ...every(MINUTE), ...over })
const nightly = { type: 'cron', expression: '30 2 * * *', timezone: 'Europe/Berlin' } as const
const now = Date.UTC(2026, 0, 1)

describe('a declaration', () => {
  test('fills in what it leaves out', () => {
    expect(declared('digest').definition).toMatchObject({ misfire: 'run_once', overlap: 'allow', queue: 'reports' })
    const of = schedule({
      id: 'night',
      name: 'Night',
      job: demoReport,
      trigger: nightly,
      data: { title: '{{slot.date}}' },
    })
    expect(of.definition).toMatchObject({ job_name: 'demo.report', data: { title: '{{slot.date}}' } })
    expect(of.definition).not.toHaveProperty('queue')
  })

  test.each<[string, () => unknown, string]>([
    ['an id that is none', () => declared('Digest'), 'must be 1 to 64'],
    [
      'a zone that is none',
      () => declared('a', { trigger: { ...nightly, timezone: 'Moon/Sea' } }),
      'no time zone Moon/Sea',
    ],
    [
      'times that are none',
      () => declared('a', { trigger: { ...nightly, expression: '61 * * * *' } }),
      '#/trigger/expression',
    ],
    ['a place that nothing fills', () => declared('a', { data: { to: '{{event.id}}' } }), 'needs an event trigger'],
    [
      'what only times can do, on events',
      () => declared('a', { trigger: { type: 'event', event: 'order.*' }, misfire: 'skip' }),
      '#/misfire: must be run_once',
    ],
    [
      'a payload of another kind',
      () => schedule({ id: 'a', name: 'A', job: demoReport, trigger: nightly, data: { title: 'x'.repeat(300) } }),
      '#/data/title',
    ],
  ])('with %s says which schedule it is', (_what, wrong, sentence) => {
    expect(wrong).toThrow(/the schedule \S+ is not declared right/)
    expect(wrong).toThrow(sentence)
  })

  test('cannot be given twice', () => {
    expect(() => schedulesOf(declared('digest'), declared('digest'))).toThrow('two schedules are called digest')
  })

  test('of the demo is one for each manner of telling times', () => {
    expect([...demoSchedules.keys()]).toEqual(['demo-digest', 'demo-nightly-report', 'demo-monthly-archive'])
  })
})

describe('a record', () => {
  const first = declared('digest').definition
  const made = { ...declaredAs('digest', first, undefined, now), version: 1 } as NonNullable<
    Parameters<typeof declaredAs>[2]
  >

  test('is made by the first deploy and stays as it is by the next', () => {
    expect(made).toMatchObject({
      origin: 'code',
      definition: first,
      declared: first,
      changed: [],
      by: 'code',
      since: now,
    })
    expect(declaredAs('digest', first, made, now + 1)).toBeUndefined()
  })

  test('becomes what a later deploy declares, but for what operators changed', () => {
    const edited = {
      ...made,
      definition: { ...first, name: 'Mine', max_runs: 5 },
      changed: ['name', 'max_runs'] as const,
    }
    const next = declared('digest', { name: 'Theirs', tags: ['new'] }).definition
    const after = declaredAs('digest', next, edited, now + 1)
    expect(after).toMatchObject({ declared: next, changed: ['name', 'max_runs'], since: now })
    expect(after?.definition).toEqual({ ...next, name: 'Mine', max_runs: 5 })
  })

  test('keeps what operators changed even where code comes to say the same, as an older deploy may come back', () => {
    const edited = { ...made, definition: { ...first, name: 'Mine' }, changed: ['name'] as const }
    const same = { ...edited, ...declaredAs('digest', { ...first, name: 'Mine' }, edited, now + 1) }
    expect(declaredAs('digest', first, same, now + 2)?.definition.name).toBe('Mine')
  })

  test('begins anew when its times change, and only then', () => {
    const other = declared('digest', { trigger: nightly }).definition
    expect(declaredAs('digest', other, made, now + 1)?.since).toBe(now + 1)
    expect(declaredAs('digest', { ...first, grace_ms: 2_000 }, made, now + 1)?.since).toBe(now)
  })

  test('that is declared no more is kept, fires no more, and fires again from the deploy that declares it again', () => {
    const paused = { ...made, pause: { reason: 'a storm', by: 'Ada', at: now, until: null } }
    const orphan = { ...paused, ...declaredAs('digest', undefined, paused, now + 1) }
    expect(orphan).toMatchObject({ orphanedAt: now + 1, declared: first, pause: paused.pause })
    expect(declaredAs('digest', undefined, orphan, now + 2)).toBeUndefined()
    expect(declaredAs('digest', first, orphan, now + 3)).toMatchObject({ orphanedAt: null, since: now + 3 })
  })

  test('that an operator made keeps all it says when code declares it too, and goes on when code stops', () => {
    const theirs = { ...made, origin: 'api' as const, declared: null, definition: { ...first, name: 'Mine' } }
    const both = { ...theirs, ...declaredAs('digest', first, theirs, now + 1) }
    expect(both).toMatchObject({ origin: 'api', declared: first, changed: ['name'], definition: theirs.definition })
    const after = declaredAs('digest', undefined, both, now + 2)
    expect(after).toMatchObject({ declared: null, changed: [], orphanedAt: null, definition: theirs.definition })
  })

  test('that nobody ever declared is left alone', () => {
    expect(declaredAs('digest', undefined, { ...made, origin: 'api', declared: null }, now)).toBeUndefined()
  })
})

describe('code', () => {
  const old = schedulesOf(declared('digest'), declared('gone'))
  const next = schedulesOf(declared('digest', { name: 'Better' }))
  const nameOf = async (room: Parameters<typeof declare>[0], id: string) =>
    (await room.catalogue.look()).get(id)?.definition.name

  test('makes its schedules when a worker process starts', async ({ kernel, bull, room, store }) => {
    const services = createScheduleServices(kernel, bull, room.catalog, old)
    for (const service of services) await service.start()
    await expect.poll(async () => [...(await store.records()).keys()].sort()).toEqual(['digest', 'gone'])
    for (const service of services) await service.stop()
  })

  test('makes its schedules once, however many processes start', async ({ another, store }) => {
    const changed = await Promise.all(Array.from({ length: 5 }, () => declare(another(), old)))
    expect(changed.flat().sort()).toEqual(['digest', 'gone'])
    expect(await store.revision()).toBe(2)
    expect(await declare(another(), old)).toEqual([])
  })

  test('of the deploy that was seen last holds while both run, so that nothing goes to and fro', async ({
    room,
    another,
    store,
    clock,
  }) => {
    await declare(room, old)
    expect(await declare(another(), next)).toEqual(['digest', 'gone'])
    const revision = await store.revision()
    for (let n = 0; n < 20; n++) {
      expect(await declare(another(), old)).toBeUndefined()
      expect(await declare(another(), next)).toEqual([])
      await clock.advance(LIFE_MS / 4)
    }
    expect(await store.revision()).toBe(revision)
    expect((await room.catalogue.look()).get('gone')?.orphanedAt).not.toBeNull()
  })

  test('that is rolled back holds again when the newer processes have ended', async ({ room, another, clock }) => {
    await declare(room, old)
    await declare(another(), next)
    expect(await declare(room, old)).toBeUndefined()
    for (let beats = 0; beats < 6; beats++) {
      expect(await declare(room, old)).toBeUndefined()
      await clock.advance(LIFE_MS / 6)
    }
    expect(await declare(room, old)).toEqual(['digest', 'gone'])
    expect(await nameOf(room, 'digest')).toBe('A digest')
  })

  test('that is older does not hold for being the first to come back after Redis was away', async ({
    room,
    another,
    clock,
  }) => {
    await declare(room, old)
    await declare(another(), next)
    await clock.advance(2 * LIFE_MS)
    expect(await declare(room, old)).toBeUndefined()
    expect(await declare(another(), next)).toEqual([])
    expect(await nameOf(room, 'digest')).toBe('Better')
  })

  test('leaves a record alone that another version of k1n wrote', async ({ room, kernel, store }) => {
    await kernel.redis.hset(kernel.key('schedules', 'records'), 'digest', '7 {"moon":1}')
    await kernel.redis.zadd(kernel.key('schedules', 'versions'), 7, 'digest')
    expect(await declare(room, old)).toEqual(['gone'])
    expect((await store.findMany(['digest'])).get('digest')).toBe('unreadable')
  })
})
