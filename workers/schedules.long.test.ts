// The whole proof of schedules: five worker processes, two hundred schedules each second for a minute, two kills, one restart.
import { expect, test } from 'vitest'
import { storm } from './testing/schedule-storm.ts'

test('12,000 slots, each one job or told as passed over', { timeout: 300_000 }, async () => {
  const storms = { schedules: 200, everyMs: 1_000, workers: 5, seconds: 60, kills: [15, 40], restarts: [30] }
  const calm = await storm(storms)
  expect(calm.lost).toEqual([])
  expect(calm.slots).toBe(12_000)
  expect(calm.jobs + calm.skipped).toBe(12_000)
})
