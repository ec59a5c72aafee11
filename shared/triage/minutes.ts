// Deaths by minute of the last day.
import type { Kernel } from '../kernel/kernel.ts'
import { hourKey } from './keys.ts'
import { HOUR_MS, TREND_HOURS, partField } from './part.ts'
import type { Part } from './part.ts'

const MINUTE_MS = 60_000
const PER_HOUR = 60

/** How often each part died in each of some minutes, which follow each other: one command for each hour. */
export const deathsOf = async (
  kernel: Kernel,
  parts: readonly Part[],
  minutes: readonly number[],
): Promise<number[][]> => {
  if (parts.length === 0) return []
  const hours = [...new Set(minutes.map((minute) => Math.floor(minute / PER_HOUR)))]
  const stored = await Promise.all(
    hours.map((hour) => {
      const within = minutes.filter((minute) => Math.floor(minute / PER_HOUR) === hour)
      const fields = within.flatMap((minute) => parts.map((part) => `${minute % PER_HOUR}|${partField(part)}`))
      return kernel.redis.hmget(hourKey(kernel, hour), ...fields)
    }),
  )
  const counts = stored.flat()
  return parts.map((_, which) => minutes.map((_minute, index) => Number(counts[index * parts.length + which] ?? 0)))
}

/** The minutes of the last 24 hours in which one of the parts died, oldest first. */
export const minutesOf = async (kernel: Kernel, parts: readonly Part[]): Promise<{ at: number; count: number }[]> => {
  const now = kernel.clock.now()
  const first = Math.floor((now - TREND_HOURS * HOUR_MS) / MINUTE_MS) + 1
  const minutes = Array.from({ length: TREND_HOURS * PER_HOUR }, (_, index) => first + index)
  const deaths = await deathsOf(kernel, parts, minutes)
  return minutes.flatMap((minute, index) => {
    const count = deaths.reduce((sum, part) => sum + (part[index] ?? 0), 0)
    return count > 0 ? [{ at: minute * MINUTE_MS, count }] : []
  })
}
