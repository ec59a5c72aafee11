// Schedules on real worker processes that are killed, and a Redis that restarts: each slot is one job, or told as passed over.
import { expect, test } from 'vitest'
import { storm } from './testing/schedule-storm.ts'

test(
  'every slot is one job or is told, with a worker killed and Redis restarted on the way',
  { timeout: 120_000 },
  async () => {
    const calm = await storm({ schedules: 40, everyMs: 1_000, workers: 2, seconds: 6, kills: [2], restarts: [4] })
    expect(calm.lost).toEqual([])
    expect(calm.slots).toBe(240)
    expect(calm.jobs + calm.skipped).toBe(240)
  },
)
