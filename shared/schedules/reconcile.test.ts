// What the reconciler promises: changes are acted on, lost ticks are made anew, and nothing wakes schedules that are gone.
import type { Redis } from 'ioredis'
import { describe, every, expect, test } from '../../test/support/scheduling.ts'
import { carry } from './carry.ts'
import { scheduleKeys } from './keys.ts'
import { actOnChanges, mendTicks } from './reconcile.ts'
import { tickId } from './ticks.ts'

const QUEUE = 'k1n-schedules'
const nightly = { trigger: { type: 'cron', expression: '30 2 * * *', timezone: 'Europe/Berlin' } } as const

describe('a change', () => {
  test('is acted on once', async ({ room, put, bull }) => {
    await put('minutely', every(60_000))
    await put('nightly', nightly)
    expect((await actOnChanges(room)).sort()).toEqual(['minutely', 'nightly'])
    expect(await actOnChanges(room)).toEqual([])
    expect(await bull.schedulerIds(QUEUE, 10)).toHaveLength(2)
    await put('nightly', { trigger: { ...nightly.trigger, timezone: 'Asia/Tokyo' } })
    expect(await actOnChanges(room)).toEqual(['nightly'])
    expect((await bull.schedulers(QUEUE, ['nightly'])).get('nightly')).toMatchObject({ tz: 'Asia/Tokyo' })
  })

  test('to a pause takes the ticks away, and the end of it brings them back', async ({ room, put, bull, clock }) => {
    await put('minutely', every(60_000))
    await actOnChanges(room)
    await put('minutely', every(60_000), { pause: { reason: null, by: 'Ada', at: clock.now(), until: null } })
    await actOnChanges(room)
    expect(await bull.schedulerIds(QUEUE, 10)).toEqual([])
    await put('minutely', every(60_000), { pause: null })
    await actOnChanges(room)
    expect(await bull.schedulerIds(QUEUE, 10)).toEqual(['minutely'])
  })

  test('to another kind of time leaves one thing that wakes', async ({ room, put, bull, clock }) => {
    await put('launch', every(60_000))
    await actOnChanges(room)
    const at = clock.now() + 90_000
    await put('launch', { trigger: { type: 'once', run_at: new Date(at).toISOString() } })
    await actOnChanges(room)
    expect(await bull.schedulerIds(QUEUE, 10)).toEqual([])
    expect(await bull.stateOf([{ queue: QUEUE, id: tickId('launch', at) }])).toEqual(['delayed'])
  })

  test('to one time, which is the next of those before, takes their job scheduler away', async ({
    room,
    put,
    bull,
    kernel,
  }) => {
    await put('launch', nightly)
    await actOnChanges(room)
    const next = Number(await kernel.redis.zscore(scheduleKeys(kernel).next, 'launch'))
    await put('launch', { trigger: { type: 'once', run_at: new Date(next).toISOString() } })
    await actOnChanges(room)
    expect(await bull.schedulerIds(QUEUE, 10)).toEqual([])
    expect(await bull.stateOf([{ queue: QUEUE, id: tickId('launch', next) }])).toEqual(['delayed'])
  })

  test('to nothing leaves nothing', async ({ room, put, bull, store, kernel }) => {
    const { version } = await put('minutely', every(60_000))
    await actOnChanges(room)
    await store.save({ schedule_id: 'minutely', queue: 'reports', change: 'deleted', actor: 'Ada' }, version, undefined)
    expect(await actOnChanges(room)).toEqual(['minutely'])
    expect(await bull.schedulerIds(QUEUE, 10)).toEqual([])
    const { heard, next, due } = scheduleKeys(kernel)
    expect(await kernel.redis.exists(heard, next, due)).toBe(0)
  })
})

describe('a schedule', () => {
  const HOUR_MS = 3_600_000

  test('whose next slot is lost is carried out again, and keeps what wakes it', async ({ room, put, bull, kernel }) => {
    const { next, due } = scheduleKeys(kernel)
    await put('minutely', every(60_000))
    await actOnChanges(room)
    const slot = await kernel.redis.zscore(next, 'minutely')
    await kernel.redis.multi().zrem(next, 'minutely').zrem(due, 'minutely').exec()
    expect(await mendTicks(room)).toEqual(['minutely'])
    expect(await kernel.redis.zscore(next, 'minutely')).toBe(slot)
    expect(await kernel.redis.zscore(due, 'minutely')).toBe(String(Number(slot) + 2_000))
    expect(await bull.schedulerIds(QUEUE, 10)).toContain('minutely')
    expect(await mendTicks(room)).toEqual([])
  })

  test('whose next slot was lost until after it is carried out for it', async ({ room, put, kernel, clock, made }) => {
    const { next, due } = scheduleKeys(kernel)
    const at = clock.now() + 5_000
    await put('launch', { trigger: { type: 'once', run_at: new Date(at).toISOString() } })
    await actOnChanges(room)
    await kernel.redis.multi().zrem(next, 'launch').zrem(due, 'launch').exec()
    await clock.advance(15_000)
    await mendTicks(room)
    expect(await made()).toEqual([`s_launch_${at}`])
  })

  test('that rests, or has had all its runs, is left alone', async ({ room, another, put, clock }) => {
    await put('paused', every(60_000), { pause: { reason: null, by: 'Ada', at: clock.now(), until: null } })
    await put('done', { ...every(60_000), max_runs: 1 })
    await actOnChanges(room)
    await clock.advance(60_000)
    await carry(room, 'done')
    const looked: string[] = []
    const watched = another()
    const look: typeof watched.state.look = (record) => (looked.push(record.id), watched.state.look(record))
    await watched.catalogue.look()
    expect(await mendTicks({ ...watched, state: { ...watched.state, look } })).toEqual([])
    expect(looked).toEqual([])
  })

  test('whose next slot is told an hour late while its tick is lost is armed for the right one', async ({
    room,
    put,
    bull,
    kernel,
    clock,
  }) => {
    const keys = scheduleKeys(kernel)
    await put('minutely', every(60_000))
    await actOnChanges(room)
    const slot = Number(await kernel.redis.zscore(keys.next, 'minutely'))
    const before = (await bull.schedulers(QUEUE, ['minutely'])).get('minutely')
    const later = slot + HOUR_MS
    const stale = kernel.redis.multi().zadd(keys.next, later, 'minutely').zadd(keys.due, later, 'minutely')
    await stale.hset(keys.state('minutely'), 'next', later).exec()
    await bull.queue(QUEUE).removeJobScheduler('minutely')
    const mended = mendTicks(room)
    await expect.poll(() => clock.sleepers).toBe(1)
    await clock.advance(250)
    expect(await mended).toEqual(['minutely'])
    expect(Number(await kernel.redis.zscore(keys.next, 'minutely'))).toBe(slot)
    expect((await bull.schedulers(QUEUE, ['minutely'])).get('minutely')).toEqual(before)
    expect(await mendTicks(room)).toEqual([])
  })
})

describe('a tick that', () => {
  const harms = {
    'was removed': async (redis, prefix, id) => redis.zrem(`${prefix}delayed`, id),
    'has lost its job': async (redis, prefix, id) => redis.del(prefix + id),
    'has lost its scheduler': async (redis, prefix) => redis.del(`${prefix}repeat:minutely`),
    'belongs to another time': async (redis, prefix) => redis.zincrby(`${prefix}repeat`, 7_000, 'minutely'),
    'is of another rhythm': async (redis, prefix) => redis.hset(`${prefix}repeat:minutely`, 'every', '61000'),
  } satisfies Record<string, (redis: Redis, prefix: string, id: string) => Promise<unknown>>

  test.for(Object.entries(harms))('%s comes again', async ([, harm], { room, put, bull, kernel, clock }) => {
    await put('minutely', every(60_000))
    await put('hourly', every(3_600_000))
    await actOnChanges(room)
    expect(await mendTicks(room)).toEqual([])
    const before = (await bull.schedulers(QUEUE, ['minutely'])).get('minutely')
    await harm(kernel.redis, bull.keys(QUEUE).prefix, `repeat:minutely:${before?.next}`)
    const mended = mendTicks(room)
    await expect.poll(() => clock.sleepers).toBe(1)
    await clock.advance(250)
    expect(await mended).toEqual(['minutely'])
    expect(await mendTicks(room)).toEqual([])
    expect((await bull.schedulers(QUEUE, ['minutely'])).get('minutely')).toEqual(before)
  })

  test('wakes nobody is removed', async ({ room, bull, put, clock }) => {
    await put('launch', { trigger: { type: 'once', run_at: new Date(clock.now() + 60_000).toISOString() } })
    await actOnChanges(room)
    for (const id of ['nobody', 'launch'])
      await bull.queue(QUEUE).upsertJobScheduler(id, { pattern: '0 0 1 1 *' }, { name: 'schedule.tick' })
    expect((await mendTicks(room)).sort()).toEqual(['launch', 'nobody'])
    expect(await bull.schedulerIds(QUEUE, 10)).toEqual([])
  })
})
