// A schedule fires so often, and only then, as it may: runs, start and end, pauses, its making and its end.
import { after, describe, every, expect, slotsOf, test } from '../../test/support/scheduling.ts'
import { carry } from './carry.ts'
import { paused, redefined, resumed } from './policy.ts'
import { wakeDue } from './waker.ts'

const MINUTE = 60_000

describe('a schedule', () => {
  test('fires so often as it may, and no more', async ({ room, put, clock, made, kernel }) => {
    await put('digest', { ...every(1_000), max_runs: 3 })
    await carry(room, 'digest')
    await clock.advance(2_000)
    await carry(room, 'digest')
    await clock.advance(5_000)
    await carry(room, 'digest')
    expect(await made()).toHaveLength(3)
    await clock.advance(3_000)
    await wakeDue(room)
    expect(await made()).toHaveLength(3)
    expect(await kernel.redis.zcard(kernel.key('schedules', 'due'))).toBe(0)
  })

  test('that may run more often than it did goes on with the next slot', async ({ room, put, store, clock, made }) => {
    const before = await put('digest', { ...every(MINUTE), max_runs: 1, misfire: 'run_all' })
    for (const ms of [0, MINUTE, 20 * MINUTE]) {
      await clock.advance(ms)
      await carry(room, 'digest')
    }
    const more = redefined(before, { ...before.definition, max_runs: 3 }, { now: clock.now(), by: 'Ada' })
    await store.save({ schedule_id: 'digest', queue: 'reports', change: 'updated', actor: 'Ada' }, before.version, more)
    await carry(room, 'digest')
    expect(await made()).toHaveLength(1)
    await clock.advance(MINUTE)
    await carry(room, 'digest')
    expect(await made()).toHaveLength(2)
  })

  test('has the run that could not be made for a later slot', async ({ room, put, clock, made, bull }) => {
    const trigger = { type: 'cron', expression: '* * * * *', timezone: 'UTC' } as const
    await put('digest', { trigger, max_runs: 1, job_name: 'mail.send', data: { to: '{{schedule.id}}', n: 'one' } })
    await carry(room, 'digest')
    await clock.advance(MINUTE)
    await carry(room, 'digest')
    expect(await made()).toEqual([])
    await clock.advance(3_000)
    await wakeDue(room)
    expect(await bull.schedulerIds('k1n-schedules', 10)).toEqual(['digest'])
    await put('digest', { trigger, max_runs: 1 })
    await clock.advance(MINUTE)
    await carry(room, 'digest')
    expect(await made()).toHaveLength(1)
  })

  test('fires between its start and its end', async ({ room, put, clock, made }) => {
    const start = after(clock.now(), MINUTE) + 2 * MINUTE
    const bounds = { start_at: new Date(start).toISOString(), end_at: new Date(start + 2 * MINUTE).toISOString() }
    await put('digest', { ...every(MINUTE), ...bounds })
    for (let n = 0; n < 8; n++) {
      await carry(room, 'digest')
      await clock.advance(MINUTE)
    }
    expect(slotsOf(await made())).toEqual([0, 1, 2].map((n) => start + n * MINUTE))
  })

  test('rests while it is paused, and by itself goes on when the pause is over', async ({
    room,
    put,
    clock,
    made,
    bull,
  }) => {
    const pause = { reason: 'a storm', by: 'Ada', at: clock.now(), until: clock.now() + 5 * MINUTE }
    await put('digest', every(MINUTE), { pause })
    for (let n = 0; n < 7; n++) {
      await carry(room, 'digest')
      await clock.advance(MINUTE)
    }
    await wakeDue(room)
    const slots = slotsOf(await made())
    expect(await bull.schedulerIds('k1n-schedules', 10)).toEqual(['digest'])
    expect(slots[0]).toBeGreaterThanOrEqual(pause.until)
    expect(slots.length).toBe(2)
  })

  test('tells the slots that were due and that nobody had carried out when it was paused, once', async ({
    room,
    another,
    put,
    clock,
    made,
    told,
    history,
  }) => {
    const { since } = await put('digest', every(MINUTE))
    await carry(room, 'digest')
    const first = after(since, MINUTE)
    await clock.advance(3 * MINUTE)
    const pause = { reason: null, by: 'Ada', at: clock.now(), until: null }
    await put('digest', every(MINUTE), { pause })
    await clock.advance(MINUTE)
    await Promise.all([carry(room, 'digest'), carry(another(), 'digest')])
    await carry(room, 'digest')
    expect(await made()).toEqual([])
    const passed = { slots: 3, reason: 'paused', scheduled_for: new Date(first).toISOString() }
    expect(await told()).toMatchObject([{ name: 'scheduler.schedule_updated' }, { name: 'scheduler.run_skipped', data: passed }]) // prettier-ignore
    expect(await history('digest')).toMatchObject([{ skipped: 'paused', slots: 3, scheduled_for: first }])
  })

  test('tells them too when the pause was over before anybody looked, and carries out what came after', async ({
    room,
    put,
    clock,
    made,
    history,
  }) => {
    const { since, ...before } = await put('digest', every(MINUTE))
    await carry(room, 'digest')
    await clock.advance(MINUTE)
    const asleep = paused({ ...before, since }, { reason: null, until: null }, { now: clock.now(), by: 'Ada' })
    await clock.advance(5 * MINUTE)
    const awake = resumed({ ...asleep, version: 0 }, { now: clock.now(), by: 'Ada' })
    await put('digest', every(MINUTE), awake)
    await clock.advance(MINUTE)
    await carry(room, 'digest')
    expect(slotsOf(await made())).toEqual([after(awake.since, MINUTE)])
    expect(await history('digest')).toMatchObject([
      { skipped: 'paused', slots: 1, scheduled_for: after(since, MINUTE) },
      { task_id: expect.any(String) as unknown },
    ])
  })

  test('that was deleted leaves nothing that fires', async ({ room, put, clock, store, made, kernel, bull }) => {
    const { version } = await put('digest', every(MINUTE))
    await carry(room, 'digest')
    await store.save({ schedule_id: 'digest', queue: 'reports', change: 'deleted', actor: 'Ada' }, version, undefined)
    await clock.advance(MINUTE)
    await carry(room, 'digest')
    expect(await made()).toEqual([])
    expect(await kernel.redis.exists(kernel.key('schedules', 'state', 'digest'))).toBe(0)
    expect(await bull.queue('k1n-schedules').getJobSchedulersCount()).toBe(0)
  })

  test('with the id of a deleted one begins anew', async ({ room, put, clock, store, made }) => {
    const { version } = await put('digest', { ...every(1_000), max_runs: 1 })
    await carry(room, 'digest')
    await clock.advance(1_000)
    await carry(room, 'digest')
    await store.save({ schedule_id: 'digest', queue: 'reports', change: 'deleted', actor: 'Ada' }, version, undefined)
    await clock.advance(1_000)
    await put('digest', { ...every(1_000), max_runs: 1 })
    await clock.advance(1_000)
    await carry(room, 'digest')
    expect(await made()).toHaveLength(2)
  })
})
