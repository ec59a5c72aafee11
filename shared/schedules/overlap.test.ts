// What becomes of a slot beside a job of an earlier one that has not ended.
import { describe, every, expect, slotsOf, test } from '../../test/support/scheduling.ts'
import { carry } from './carry.ts'
import { trigger } from './trigger.ts'
import { wakeDue } from './waker.ts'

const MINUTE = 60_000

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
