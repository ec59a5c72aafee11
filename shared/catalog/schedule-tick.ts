// schedule.tick: carries out the slots of a schedule that are due. k1n adds these jobs itself; see `shared/schedules`.
import { z } from 'zod'
import { kind } from './kind.ts'

export const scheduleTick = kind({
  name: 'schedule.tick',
  queue: 'k1n-schedules',
  isOurs: true,
  summary: 'Carries out the slots of a schedule that are due. k1n adds these jobs itself.',
  payload: z.strictObject({ schedule_id: z.string().min(1).max(64) }),
  result: z.object({ made: z.int() }),
  retry: { attempts: 10, backoff: { type: 'exponential', delay_ms: 500, max_ms: 10_000, jitter: 'full' } },
  timeoutMs: 60_000,
})
