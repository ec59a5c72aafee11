// What becomes of the slots of a time in which nobody carried schedules out.
import { after, describe, every, expect, slotsOf, test } from '../../test/support/scheduling.ts'
import { carry } from './carry.ts'

const MINUTE = 60_000

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
