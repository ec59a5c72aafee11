// No slot is lost or comes twice where what is kept beside the records is lost or torn.
import { after, describe, every, expect, slotsOf, test } from '../../test/support/scheduling.ts'
import { carry } from './carry.ts'
import { jobIdOf, scheduleKeys } from './keys.ts'
import { wakeDue } from './waker.ts'

const MINUTE = 60_000

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
