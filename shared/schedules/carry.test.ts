// What schedules promise when they are carried out: one job for each slot, whoever does it and wherever it is cut off.
import { after, describe, every, expect, slotsOf, test } from '../../test/support/scheduling.ts'
import { carry } from './carry.ts'
import { jobIdOf } from './keys.ts'
import { wakeDue } from './waker.ts'

const MINUTE = 60_000

describe('a slot', () => {
  test('becomes one job with its time in the id, and is told once', async ({
    room,
    put,
    clock,
    made,
    told,
    history,
  }) => {
    await put('digest', { ...every(MINUTE), data: { to: '{{slot.at}}' } })
    expect(await carry(room, 'digest')).toMatchObject({ made: 0 })
    const slot = after(clock.now(), MINUTE)
    await clock.advance(slot - clock.now() + 7)
    expect(await carry(room, 'digest')).toMatchObject({ made: 1 })
    expect(await carry(room, 'digest')).toMatchObject({ made: 0 })
    expect(await made()).toEqual([jobIdOf('digest', String(slot))])
    const at = new Date(slot).toISOString()
    expect(await told()).toEqual([
      {
        name: 'scheduler.schedule_triggered',
        data: {
          ...{ schedule_id: 'digest', task_id: `reports:s_digest_${slot}`, queue: 'reports', source: 'interval' },
          ...{ scheduled_for: at, triggered_at: new Date(slot + 7).toISOString(), lag_ms: 7 },
        },
      },
    ])
    expect(await history('digest')).toMatchObject([{ scheduled_for: slot, triggered_at: slot + 7, queue: 'reports' }])
  })

  test('becomes one job when many carry it out at once', async ({ another, put, clock, made, told }) => {
    await put('digest', every(1_000))
    await carry(another(), 'digest')
    await clock.advance(10_000)
    const all = await Promise.all(Array.from({ length: 8 }, () => carry(another(), 'digest')))
    expect(all.reduce((sum, each) => sum + each.made, 0)).toBe(10)
    expect(await made()).toHaveLength(10)
    expect(await told()).toHaveLength(10)
  })

  test('that was claimed by one who was killed is made by the next', async ({
    room,
    another,
    put,
    clock,
    made,
    told,
  }) => {
    await put('digest', every(MINUTE))
    await carry(room, 'digest')
    await clock.advance(MINUTE)
    const killed = another()
    const cut = { ...killed, bull: { ...killed.bull, add: () => Promise.reject(new Error('killed')) } }
    await expect(carry(cut, 'digest')).rejects.toThrow('killed')
    expect(await made()).toEqual([])
    expect(await wakeDue(room)).toBe(0)
    await clock.advance(3_000)
    expect(await wakeDue(room)).toBe(1)
    expect(await made()).toHaveLength(1)
    expect(await told()).toHaveLength(1)
  })

  test('whose job was made by one who was killed before telling is told by the next, and is no second job', async ({
    room,
    another,
    put,
    clock,
    made,
    told,
  }) => {
    await put('digest', every(MINUTE))
    await carry(room, 'digest')
    await clock.advance(MINUTE)
    const killed = another()
    const cut = { ...killed, state: { ...killed.state, tell: () => Promise.reject(new Error('killed')) } }
    await expect(carry(cut, 'digest')).rejects.toThrow('killed')
    expect(await made()).toHaveLength(1)
    await clock.advance(3_000)
    await wakeDue(room)
    expect(await made()).toHaveLength(1)
    expect(await told()).toHaveLength(1)
  })

  test('is taken by a tick that comes a little too early, and its job still waits for it', async ({
    room,
    put,
    clock,
    made,
    bull,
  }) => {
    await put('digest', every(MINUTE))
    await carry(room, 'digest')
    const slot = after(clock.now(), MINUTE)
    await clock.advance(slot - clock.now() - 300)
    expect(await carry(room, 'digest', slot)).toMatchObject({ made: 1 })
    const [id = ''] = await made()
    expect(slotsOf([id])).toEqual([slot])
    const [job] = await bull.readStated([{ queue: 'reports', id }])
    expect(job).toMatchObject({ state: 'delayed', score: slot })
  })

  test('is left alone by a tick that comes much too early', async ({ room, put, clock, made }) => {
    await put('digest', every(MINUTE))
    const slot = after(clock.now(), MINUTE)
    await clock.advance(slot - clock.now() - 20_000)
    expect(await carry(room, 'digest', slot)).toMatchObject({ made: 0 })
    expect(await made()).toEqual([])
  })

  test('that would make a job its kind does not take is passed over, with the reason', async ({
    room,
    put,
    clock,
    told,
    history,
  }) => {
    await put('digest', { ...every(MINUTE), job_name: 'mail.send', data: { to: 1 } })
    await carry(room, 'digest')
    await clock.advance(MINUTE)
    await carry(room, 'digest')
    expect(await told()).toMatchObject([{ name: 'scheduler.run_skipped', data: { reason: 'invalid', slots: 1 } }])
    expect(await history('digest')).toMatchObject([{ skipped: 'invalid', detail: expect.stringContaining('mail.send') as unknown }]) // prettier-ignore
  })
})

describe('a slot whose kind of job has gone', () => {
  test('is passed over where the queue does not take its options, and keeps no claim open', async ({
    room,
    put,
    clock,
    told,
    kernel,
  }) => {
    const job_options = { attempts: 10, backoff: { type: 'exponential' as const, delay_ms: 1_000, max_ms: 2_000 } }
    await put('digest', { ...every(MINUTE), job_name: 'report.old', queue: 'reports', job_options })
    await carry(room, 'digest')
    await clock.advance(MINUTE)
    await carry(room, 'digest')
    expect(await told()).toMatchObject([{ name: 'scheduler.run_skipped', data: { reason: 'invalid', slots: 1 } }])
    expect(await kernel.redis.exists(kernel.key('schedules', 'open', 'digest'))).toBe(0)
  })
})
