// Performs schedule.tick: carries out what is due of a schedule.
import { done, snooze } from '../../shared/catalog/handler.ts'
import type { Handler } from '../../shared/catalog/handler.ts'
import type { scheduleTick as kind } from '../../shared/catalog/schedule-tick.ts'
import { tick } from '../../shared/schedules/executor.ts'
import type { Carrying } from '../../shared/schedules/carry.ts'

export const scheduleTick =
  (room: Carrying): Handler<typeof kind> =>
  async ({ id, payload }) => {
    const { made, earlyMs } = await tick(room, payload.schedule_id, id)
    return earlyMs > 0 ? snooze(earlyMs, 'by the clock of Redis it is too early') : done({ made })
  }
