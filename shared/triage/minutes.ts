// Deaths by minute of the last day.
import type { Kernel } from '../kernel/kernel.ts'
import { hourKey } from './keys.ts'
import { HOUR_MS, TREND_HOURS, partField } from './part.ts'
import type { Part } from './part.ts'

const MINUTE_MS = 60_000
const PER_HOUR = 60

/** The minutes of the last 24 hours in which one of the parts died, oldest first: one command for each hour. */
export const minutesOf = async (kernel: Kernel, parts: readonly Part[]): Promise<{ at: number; count: number }[]> => {
  const now = kernel.clock.now()
  const hours = Array.from({ length: TREND_HOURS + 1 }, (_, back) => Math.floor(now / HOUR_MS) - TREND_HOURS + back)
  const fields = Array.from({ length: PER_HOUR }, (_, minute) => parts.map((part) => `${minute}|${partField(part)}`))
  const flat = fields.flat()
  const stored = await Promise.all(hours.map((hour) => kernel.redis.hmget(hourKey(kernel, hour), ...flat)))
  return hours.flatMap((hour, which) =>
    fields.flatMap((_, minute) => {
      const at = hour * HOUR_MS + minute * MINUTE_MS
      const counts = stored[which]?.slice(minute * parts.length, (minute + 1) * parts.length) ?? []
      const count = counts.reduce((sum, text) => sum + Number(text ?? 0), 0)
      return count > 0 && at > now - TREND_HOURS * HOUR_MS ? [{ at, count }] : []
    }),
  )
}
