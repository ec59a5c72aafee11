// What lists tell of what came of schedules: counted as they were carried out, and nothing of another of the same id.
import { describe, every, expect, test } from '../../test/support/scheduling.ts'
import { carry } from './carry.ts'
import { scheduleKeys } from './keys.ts'
import { NOTHING_RAN, readRunStates } from './run-states.ts'

describe('what came of schedules', () => {
  test('is how often each ran and how the last run went', async ({ room, put, clock, kernel }) => {
    const digest = await put('digest', every(60_000))
    const idle = await put('idle', every(86_400_000))
    await carry(room, 'digest')
    const slot = Math.ceil((clock.now() + 1) / 60_000) * 60_000
    await clock.advance(slot - clock.now())
    await carry(room, 'digest')
    const [state, none] = await readRunStates(kernel, [digest, idle])
    expect(state).toMatchObject({ runs: 1, skipped: 0, lastRun: { scheduled_for: new Date(slot).toISOString(), outcome: null } }) // prettier-ignore
    expect(none).toEqual(NOTHING_RAN)
    await kernel.redis.hset(scheduleKeys(kernel).runs('digest'), `${slot}:ended`, '{"outcome":"failed"}')
    expect((await readRunStates(kernel, [digest]))[0]?.lastRun?.outcome).toBe('failed')
    expect(await readRunStates(kernel, [{ ...digest, createdAt: 1 }])).toEqual([NOTHING_RAN])
  })
})
