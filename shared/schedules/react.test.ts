// What schedules with an event trigger promise: a job for each event that is meant, once, with what the event said.
import { describe, expect, test } from '../../test/support/scheduling.ts'
import { carry } from './carry.ts'
import type { Carrying } from './carry.ts'
import { scheduleKeys } from './keys.ts'
import { wakeDue } from './waker.ts'
import { react } from './react.ts'

const paid = (id: string, data: object = {}, at = 0) => ({ id, name: 'invoice.paid', at, data })
const on = (over: object = {}) => ({
  trigger: { type: 'event' as const, event: 'invoice.*', ...over },
  data: { id: '{{event.data.id}}' },
})

/** Redis keeps that time by its own clock. */
const throttleIsOver = async ({ kernel }: Carrying): Promise<void> => {
  await kernel.redis.del(await kernel.redis.keys(kernel.key('schedules', 'throttle', '*')))
}

describe('an event', () => {
  test('sets off the schedules that mean it, and is answered with their jobs', async ({ room, put, made, told }) => {
    await put('receipt', on())
    await put('large', on({ filter: [{ path: 'amount', op: 'gt', value: 100 }] }))
    await put('other', on({ event: 'order.*' }))
    const started = await react(room, paid('evt_1', { amount: 40 }))
    const ids = await made()
    expect(started).toEqual([{ schedule_id: 'receipt', task_id: `reports:${ids[0] ?? ''}` }])
    expect(ids).toHaveLength(1)
    expect(await told()).toMatchObject([{ data: { schedule_id: 'receipt', source: 'event', lag_ms: 0 } }])
    expect((await react(room, paid('evt_2', { amount: 400 }))).map((each) => each.schedule_id).sort()).toEqual([
      'large',
      'receipt',
    ])
  })

  test('that comes again makes no second job, and is answered the same', async ({ room, another, put, made, told }) => {
    await put('receipt', on())
    const all = await Promise.all([room, another(), another()].map((each) => react(each, paid('evt_1'))))
    const [first, ...more] = all
    expect(first).toHaveLength(1)
    for (const each of more) expect(each).toEqual(first)
    expect(await react(room, paid('evt_1'))).toEqual(first)
    expect(await made()).toHaveLength(1)
    expect(await told()).toHaveLength(1)
  })

  test('hands on to its job how often it went through k1n', async ({ room, put, made }) => {
    await put('receipt', on())
    await react(room, { ...paid('evt_1'), hop: 2 })
    const [id = ''] = await made()
    expect((await room.bull.queue('reports').getJob(id))?.opts).toMatchObject({ k1n: { hop: 3, via: ['receipt'] } })
  })

  test('sets nothing off while the schedule is paused, nor more often than it may', async ({
    room,
    put,
    made,
    clock,
  }) => {
    await put('paused', on(), { pause: { reason: null, by: 'Ada', at: clock.now(), until: null } })
    await put('twice', { ...on(), max_runs: 2 })
    const all = await Promise.all(['a', 'b', 'c', 'd'].map((id) => react(room, paid(id))))
    expect(all.flat()).toHaveLength(2)
    expect(await made()).toHaveLength(2)
  })

  test('whose process is killed before the job is made still gets it', async ({ room, another, put, made, clock }) => {
    await put('receipt', on())
    const killed = another()
    const cut = { ...killed, bull: { ...killed.bull, add: () => Promise.reject(new Error('killed')) } }
    await expect(react(cut, paid('evt_1'))).rejects.toThrow('killed')
    await clock.advance(3_000)
    await wakeDue(room)
    expect(await made()).toHaveLength(1)
    expect(await react(room, paid('evt_1'))).toHaveLength(1)
    expect(await made()).toHaveLength(1)
  })
})

describe('an event that was passed over', () => {
  test('stays so when it comes again, and the history tells each', async ({ room, put, made, bull, history, told }) => {
    await put('receipt', { ...on(), overlap: 'skip' })
    await react(room, paid('a'))
    for (const id of ['b', 'c', 'b']) expect(await react(room, paid(id))).toEqual([])
    expect(await history('receipt')).toHaveLength(3)
    const [job = ''] = await made()
    await bull.queue('reports').remove(job)
    expect(await react(room, paid('b'))).toEqual([])
    expect(await made()).toEqual([])
    expect((await told()).filter(({ name }) => name === 'scheduler.run_skipped')).toHaveLength(2)
  })

  test('takes no turn of a throttle from the next', async ({ room, put, made, bull }) => {
    await put('receipt', { ...on({ throttle_ms: 60_000 }), overlap: 'skip' })
    await react(room, paid('a'))
    await throttleIsOver(room)
    expect(await react(room, paid('b'))).toEqual([])
    await bull.queue('reports').remove((await made())[0] ?? '')
    expect(await react(room, paid('c'))).toHaveLength(1)
  })
})

describe('an event that comes again', () => {
  test('makes no second job when the history of its run is trimmed', async ({ room, put, made, bull, kernel }) => {
    await put('receipt', on())
    const first = await react(room, paid('a'))
    const keys = scheduleKeys(kernel)
    await kernel.redis.del(keys.runs('receipt'), keys.order('receipt'), keys.history)
    await bull.queue('reports').remove((await made())[0] ?? '')
    expect(await react(room, paid('a'))).toEqual(first)
    expect(await made()).toEqual([])
  })

  test('stays throttled when the time of the throttle is over', async ({ room, put, made }) => {
    await put('receipt', on({ throttle_ms: 60_000 }))
    await react(room, paid('a'))
    expect(await react(room, paid('b'))).toEqual([])
    await throttleIsOver(room)
    expect(await react(room, paid('b'))).toEqual([])
    expect(await react(room, paid('c'))).toHaveLength(1)
    expect(await made()).toHaveLength(2)
  })
})

describe('events that come at once', () => {
  test('keep to what may run beside what', async ({ another, put, made, history }) => {
    await put('receipt', { ...on(), overlap: 'skip' })
    const all = await Promise.all(Array.from({ length: 12 }, (_, n) => react(another(), paid(`evt_${n}`))))
    expect(all.flat()).toHaveLength(1)
    expect(await made()).toHaveLength(1)
    expect(await history('receipt')).toHaveLength(12)
  })

  test.for([
    ['each of which cancels the one before', { overlap: 'cancel_running' as const }],
    ['of which each is one of so many', { max_runs: 1_000 }],
  ] as const)('%s, are all taken', async ([, over], { room, another, put, made }) => {
    await put('receipt', { ...on(), ...over })
    const all = Array.from({ length: 60 }, (_, n) => react(n % 20 === 0 ? another() : room, paid(`evt_${n}`)))
    expect((await Promise.all(all)).flat()).toHaveLength(60)
    // Of those that cancel one another the newest is there, or comes when the one before it is gone.
    if ('max_runs' in over) expect(await made()).toHaveLength(60)
    else expect((await made()).length).toBeLessThanOrEqual(1)
  })

  test('keep the times of one another, whoever looked before', async ({ room, another, put, made, clock }) => {
    await put('receipt', on({ debounce_ms: 10_000 }))
    const slow = another()
    const late = {
      ...slow,
      state: {
        ...slow.state,
        claim: async (...args: Parameters<typeof slow.state.claim>) => {
          await react(room, paid('a'))
          return slow.state.claim(...args)
        },
      },
    }
    await carry(late, 'receipt')
    await clock.advance(10_000)
    await wakeDue(room)
    expect(await made()).toHaveLength(1)
  })
})

describe('a throttle', () => {
  test('lets in the first of a key, and the next when its time is over', async ({ room, put, made, kernel }) => {
    await put('receipt', on({ key: 'customer', throttle_ms: 60_000 }))
    expect(await react(room, paid('a', { customer: 1 }))).toHaveLength(1)
    expect(await react(room, paid('b', { customer: 1 }))).toEqual([])
    expect(await react(room, paid('c', { customer: 2 }))).toHaveLength(1)
    expect(await react(room, paid('a', { customer: 1 }))).toHaveLength(1)
    expect(await made()).toHaveLength(2)
    const gates = await kernel.redis.keys(kernel.key('schedules', 'throttle', 'receipt', '*'))
    for (const gate of gates) expect(await kernel.redis.pttl(gate)).toBeGreaterThan(0)
  })
})

describe('a debounce', () => {
  const quiet = on({ key: 'customer', debounce_ms: 10_000 })

  test('makes one job of what comes before it is quiet, which is known from the first', async ({
    room,
    put,
    made,
    clock,
  }) => {
    await put('receipt', quiet)
    const first = await react(room, paid('a', { customer: 1, id: 'first' }))
    await clock.advance(6_000)
    expect(await react(room, paid('b', { customer: 1, id: 'second' }))).toEqual(first)
    await clock.advance(6_000)
    await wakeDue(room)
    expect(await made()).toEqual([])
    await clock.advance(4_000)
    await wakeDue(room)
    const [id = ''] = await made()
    expect(first).toEqual([{ schedule_id: 'receipt', task_id: `reports:${id}` }])
    expect((await room.bull.queue('reports').getJob(id))?.data).toEqual({ id: 'second' })
  })

  test('gathers an event without reading all that waits', async ({ room, put }) => {
    await put('receipt', quiet)
    const blind = { ...room, state: { ...room.state, look: () => Promise.reject(new Error('all was read')) } }
    expect(await react(blind, paid('a', { customer: 1 }))).toHaveLength(1)
  })

  test('comes although whoever heard the events was killed, and does not come again', async ({
    another,
    put,
    made,
    clock,
  }) => {
    await put('receipt', quiet)
    await react(another(), paid('a', { customer: 1 }))
    const killed = another()
    const cut = { ...killed, bull: { ...killed.bull, add: () => Promise.reject(new Error('killed')) } }
    await clock.advance(10_000)
    await wakeDue(cut)
    expect(await made()).toEqual([])
    await clock.advance(5_000)
    await wakeDue(another())
    expect(await made()).toHaveLength(1)
    await clock.advance(20_000)
    await react(another(), paid('a', { customer: 1 }))
    await clock.advance(20_000)
    await wakeDue(another())
    expect(await made()).toHaveLength(1)
  })

  test('loses no event that comes in the moment in which it is over', async ({ room, another, put, made, clock }) => {
    await put('receipt', quiet)
    await react(room, paid('a', { customer: 1 }))
    await clock.advance(10_000)
    const slow = another()
    const late = {
      ...slow,
      state: {
        ...slow.state,
        settle: async (...args: Parameters<typeof slow.state.settle>) => {
          await react(room, paid('b', { customer: 1 }))
          return slow.state.settle(...args)
        },
      },
    }
    await wakeDue(late)
    expect(await made()).toEqual([])
    await clock.advance(10_000)
    await wakeDue(room)
    expect(await made()).toHaveLength(1)
  })
})
