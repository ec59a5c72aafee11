// What wakes schedules: job schedulers of BullMQ for times that repeat, a job for one time.
import { after, describe, expect, test } from '../../test/support/scheduling.ts'
import { carry } from './carry.ts'

const MINUTE = 60_000

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
