// Counts failed sign-ins per address, in memory that cannot grow without end.
import type { Clock } from '../kernel/clock.ts'
import { TooManyAuthFailures } from '../kernel/problems.ts'

const WINDOW_MS = 60_000
const FAILURES_MAX = 20
const ADDRESSES_MAX = 10_000

export interface Throttle {
  /** Throws `too-many-auth-failures` when this address has failed 20 times in the last minute. */
  check(ip: string): void
  failed(ip: string): void
}

/** IPv6 addresses count by their /64, as one customer has all of it. */
const groupOf = (ip: string): string =>
  ip.includes(':') && !ip.startsWith('::ffff:') ? ip.split(':').slice(0, 4).join(':') : ip

export const createThrottle = (clock: Clock): Throttle => {
  const windows = new Map<string, { since: number; failures: number }>()
  const current = (ip: string): { since: number; failures: number } | undefined => {
    const window = windows.get(groupOf(ip))
    return window && clock.now() - window.since < WINDOW_MS ? window : undefined
  }
  return {
    check(ip) {
      const window = current(ip)
      if (!window || window.failures < FAILURES_MAX) return
      throw TooManyAuthFailures('Too many requests with a credential that is not known came from this address.', {
        retryAfterMs: window.since + WINDOW_MS - clock.now(),
      })
    },
    failed(ip) {
      const window = current(ip) ?? { since: clock.now(), failures: 0 }
      window.failures++
      windows.delete(groupOf(ip))
      windows.set(groupOf(ip), window)
      const [oldest] = windows.keys()
      if (windows.size > ADDRESSES_MAX && oldest !== undefined) windows.delete(oldest)
    },
  }
}
