// What a tick does: it carries its schedule out at the slot that its id tells, and comes again when that is too early.
import { describe, every, expect, test } from '../../test/support/scheduling.ts'
import type { HandlerContext } from '../../shared/catalog/handler.ts'
import { carry } from '../../shared/schedules/carry.ts'
import { scheduleTick } from './schedule-tick.ts'

const context = (id: string) => ({ id, payload: { schedule_id: 'digest' } }) as HandlerContext<{ schedule_id: string }>

describe('schedule.tick', () => {
  test('makes the job of its slot', async ({ room, put, clock, made }) => {
    await put('digest', every(60_000))
    await carry(room, 'digest')
    const slot = Math.ceil((clock.now() + 1) / 60_000) * 60_000
    await clock.advance(slot - clock.now())
    expect(await scheduleTick(room)(context(`repeat:digest:${slot}`))).toMatchObject({ result: { made: 1 } })
    expect(await made()).toEqual([`s_digest_${slot}`])
  })

  test('that is early by a wrong clock comes again at its slot', async ({ room, put, clock, made }) => {
    await put('digest', every(60_000))
    const slot = Math.ceil((clock.now() + 1) / 60_000) * 60_000
    await clock.advance(slot - clock.now() - 30_000)
    const said = await scheduleTick(room)(context(`repeat:digest:${slot}`))
    expect(said).toMatchObject({ directive: 'snooze', delayMs: 30_000 })
    expect(await made()).toEqual([])
  })
})
