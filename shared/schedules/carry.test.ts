// What schedules promise when they are carried out: one job for each slot, whoever does it and wherever it is cut off.
import { describe, every, expect, slotsOf, test } from '../../test/support/scheduling.ts'
import { carry } from './carry.ts'
import { jobIdOf, scheduleKeys } from './keys.ts'
import { paused, redefined, resumed } from './policy.ts'
import { trigger } from './trigger.ts'
import { wakeDue } from './waker.ts'

const MINUTE = 60_000
const after = (now: number, every_ms: number): number => Math.ceil((now + 1) / every_ms) * every_ms

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

describe('after a time in which nobody ran', () => {
  test('the newest slot runs once, and the history tells the others as one', async ({
    room,
    put,
    clock,
    made,
    history,
  }) => {
    await put('digest', { ...every(1_000), grace_ms: 1_000 })
    await carry(room, 'digest')
    const from = after(clock.now(), 1_000)
    await clock.advance(600_000)
    await carry(room, 'digest')
    const slots = slotsOf(await made())
    const [skipped] = await history('digest')
    expect(skipped).toMatchObject({ scheduled_for: from, skipped: 'missed' })
    expect((skipped?.['slots'] as number) + slots.length).toBe(600)
    expect(slots.length).toBeLessThanOrEqual(3)
  })

  test('a schedule that makes up for all starts its newest, oldest first', async ({ room, put, clock, made }) => {
    await put('digest', { ...every(MINUTE), misfire: 'run_all', catchup_limit: 5, grace_ms: 1_000 })
    await carry(room, 'digest')
    await clock.advance(60 * MINUTE)
    await carry(room, 'digest')
    const slots = slotsOf(await made())
    const newest = Math.floor(clock.now() / MINUTE) * MINUTE
    expect(slots).toEqual([4, 3, 2, 1, 0].map((ago) => newest - ago * MINUTE))
  })

  test('of days of seconds each slot is counted, and few are looked at', async ({
    room,
    put,
    clock,
    made,
    history,
  }) => {
    await put('digest', { ...every(1_000), grace_ms: 1_000 })
    await carry(room, 'digest')
    await clock.advance(3 * 86_400_000)
    await carry(room, 'digest')
    const passed = (await history('digest')).reduce((sum, { slots = 0 }) => sum + (slots as number), 0)
    expect(passed + (await made()).length).toBe(3 * 86_400)
  })
})

describe('beside a job that has not ended', () => {
  test('the next slot is passed over, until it ends', async ({ room, put, clock, made, bull }) => {
    await put('digest', { ...every(MINUTE), overlap: 'skip' })
    await carry(room, 'digest')
    for (let n = 0; n < 3; n++) {
      await clock.advance(MINUTE)
      await carry(room, 'digest')
    }
    const [first = '', ...more] = await made()
    expect(more).toEqual([])
    await bull.queue('reports').remove(first)
    await clock.advance(MINUTE)
    await carry(room, 'digest')
    expect(await made()).toHaveLength(1)
  })

  test('a job that somebody wished for later is not in the way before then', async ({ room, put, clock, made, me }) => {
    await put('digest', { ...every(MINUTE), overlap: 'skip' })
    const later = { run_at: new Date(clock.now() + 30 * 86_400_000).toISOString(), force: false }
    await trigger(room, me, 'digest', later, undefined)
    await carry(room, 'digest')
    await clock.advance(MINUTE)
    await carry(room, 'digest')
    expect(await made()).toHaveLength(2)
  })

  test('one slot waits, and starts when the job ends although no tick comes', async ({
    room,
    put,
    clock,
    made,
    bull,
  }) => {
    await put('digest', { ...every(MINUTE), overlap: 'queue_one' })
    await carry(room, 'digest')
    for (let n = 0; n < 3; n++) {
      await clock.advance(MINUTE)
      await carry(room, 'digest')
    }
    const [first = ''] = await made()
    await clock.advance(4_000)
    await wakeDue(room)
    expect(await made()).toHaveLength(1)
    await bull.queue('reports').remove(first)
    await clock.advance(4_000)
    await wakeDue(room)
    expect(slotsOf(await made())).toEqual([slotsOf([first]).map((slot) => slot + MINUTE)[0]])
  })

  test('it is cancelled, and the newest slot follows it', async ({ room, put, clock, made }) => {
    await put('digest', { ...every(MINUTE), overlap: 'cancel_running' })
    await carry(room, 'digest')
    await clock.advance(MINUTE)
    await carry(room, 'digest')
    await clock.advance(MINUTE)
    await carry(room, 'digest')
    // It had not begun, so that it is gone at once.
    expect(await made()).toEqual([])
    await clock.advance(4_000)
    await wakeDue(room)
    expect(await made()).toHaveLength(1)
  })
})

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

describe('a schedule whose state was lost', () => {
  test('makes no job and tells nothing twice, though its jobs have gone', async ({
    room,
    put,
    clock,
    made,
    told,
    kernel,
    bull,
  }) => {
    const keys = scheduleKeys(kernel)
    await put('digest', every(1_000))
    await carry(room, 'digest')
    await clock.advance(3_000)
    await carry(room, 'digest')
    const before = await made()
    for (const id of before) await bull.queue('reports').remove(id)
    await kernel.redis.multi().del(keys.state('digest'), keys.open('digest')).hdel(keys.heard, 'digest').exec()
    await carry(room, 'digest')
    expect(await made()).toEqual([])
    await clock.advance(1_000)
    await carry(room, 'digest')
    expect(slotsOf(await made())).toEqual([(slotsOf(before).at(-1) ?? 0) + 1_000])
    expect(await told()).toHaveLength(4)
  })

  test('knows slots that were passed over in a row', async ({ room, put, clock, made, told, kernel }) => {
    await put('digest', { ...every(1_000), overlap: 'skip' })
    await carry(room, 'digest')
    await clock.advance(5_000)
    await carry(room, 'digest')
    const before = { made: await made(), told: await told() }
    await kernel.redis.del(scheduleKeys(kernel).state('digest'))
    await carry(room, 'digest')
    expect({ made: await made(), told: await told() }).toEqual(before)
  })

  test('makes what was claimed before, once', async ({ room, another, put, clock, made, told, history, kernel }) => {
    await put('digest', every(1_000))
    await carry(room, 'digest')
    await clock.advance(3_000)
    const killed = another()
    const cut = { ...killed, bull: { ...killed.bull, add: () => Promise.reject(new Error('killed')) } }
    await expect(carry(cut, 'digest')).rejects.toThrow('killed')
    await kernel.redis.del(scheduleKeys(kernel).state('digest'))
    await carry(room, 'digest')
    await clock.advance(3_000)
    await carry(room, 'digest')
    expect(await made()).toHaveLength(6)
    expect(await told()).toHaveLength(6)
    expect(await history('digest')).toHaveLength(6)
  })

  test('makes no job of a slot whose job began and was not told of', async ({
    room,
    put,
    clock,
    made,
    told,
    kernel,
  }) => {
    await put('digest', every(MINUTE))
    await carry(room, 'digest')
    const slot = after(clock.now(), MINUTE)
    await clock.advance(slot - clock.now())
    await kernel.redis.hset(scheduleKeys(kernel).runs('digest'), `${slot}:began`, String(slot))
    await carry(room, 'digest')
    expect(await made()).toEqual([])
    expect(await told()).toHaveLength(1)
  })
})

test('who was stopped after a claim makes no job that somebody else has made, and that is gone, meanwhile', async ({
  room,
  another,
  put,
  clock,
  bull,
  made,
  told,
}) => {
  await put('digest', every(MINUTE))
  await carry(room, 'digest')
  await clock.advance(MINUTE)
  const { state, ...rest } = another()
  const stopped: typeof room = {
    ...rest,
    state: {
      ...state,
      async claim(...step) {
        const answer = await state.claim(...step)
        await clock.advance(3_000)
        expect((await carry(room, 'digest')).made).toBe(1)
        for (const id of await made()) await bull.queue('reports').remove(id)
        return answer
      },
    },
  }
  expect((await carry(stopped, 'digest')).made).toBe(0)
  expect(await made()).toEqual([])
  expect(await told()).toHaveLength(1)
})

describe('a claim that cannot be read', () => {
  test('is made anew from its slot', async ({ room, another, put, clock, made, told, history, kernel }) => {
    await put('digest', { ...every(MINUTE), overlap: 'queue_one' })
    await carry(room, 'digest')
    await clock.advance(MINUTE)
    const killed = another()
    const cut = { ...killed, bull: { ...killed.bull, add: () => Promise.reject(new Error('killed')) } }
    await expect(carry(cut, 'digest')).rejects.toThrow('killed')
    const open = scheduleKeys(kernel).open('digest')
    const [slot = ''] = await kernel.redis.hkeys(open)
    await kernel.redis.hset(open, slot, '{"torn')
    await clock.advance(3_000)
    await wakeDue(room)
    expect(await made()).toEqual([jobIdOf('digest', slot)])
    expect(await told()).toHaveLength(1)
    expect(await history('digest')).toMatchObject([{ source: 'interval', scheduled_for: Number(slot) }])
    expect(await kernel.redis.exists(open)).toBe(0)
  })

  test.for(['{"torn', '7', '{}'])(
    'as %s, and is of no slot, is given up',
    async (torn, { room, put, clock, made, kernel }) => {
      await put('digest', every(MINUTE))
      await put('paused', every(MINUTE), { pause: { reason: null, by: 'Ada', at: clock.now(), until: null } })
      const keys = scheduleKeys(kernel)
      for (const id of ['digest', 'paused']) {
        await carry(room, id)
        await kernel.redis.hset(keys.open(id), { '1': torn, 'm-7': torn })
      }
      await clock.advance(MINUTE)
      for (const id of ['digest', 'paused']) await carry(room, id)
      expect(await made()).toHaveLength(1)
      expect(await kernel.redis.exists(keys.open('digest'), keys.open('paused'))).toBe(0)
    },
  )
})

describe('ticks', () => {
  test('of times that repeat come from a job scheduler of BullMQ, on the times of the schedule', async ({
    room,
    put,
    clock,
    bull,
  }) => {
    await put('minutely', { trigger: { type: 'interval', every_ms: MINUTE, offset_ms: 5_000 } })
    await put('nightly', { trigger: { type: 'cron', expression: '30 2 * * *', timezone: 'Europe/Berlin' } })
    await carry(room, 'minutely')
    await carry(room, 'nightly')
    const found = await bull.queue('k1n-schedules').getJobSchedulers()
    expect(found).toMatchObject([
      { key: 'nightly', pattern: '30 2 * * *', tz: 'Europe/Berlin' },
      { key: 'minutely', every: MINUTE, next: after(clock.now() - 5_000, MINUTE) + 5_000 },
    ])
  })

  test('of one time are one job, which goes when the schedule does', async ({ room, put, clock, bull }) => {
    const at = clock.now() + MINUTE
    await put('launch', { trigger: { type: 'once', run_at: new Date(at).toISOString() } })
    await carry(room, 'launch')
    expect(await bull.stateOf([{ queue: 'k1n-schedules', id: `tick-launch-${at}` }])).toEqual(['delayed'])
    const later = at + MINUTE
    await put('launch', { trigger: { type: 'once', run_at: new Date(later).toISOString() } })
    await carry(room, 'launch')
    const ids = [at, later].map((slot) => ({ queue: 'k1n-schedules', id: `tick-launch-${slot}` }))
    expect(await bull.stateOf(ids)).toEqual(['missing', 'delayed'])
  })
})
