// Counts failed sign-ins per address.
import type { Clock } from '../kernel/clock.ts'
import { TooManyAuthFailures } from '../kernel/problems.ts'
import { createWindows, networkOf } from '../kernel/windows.ts'

const FAILURES_MAX = 20

export interface Throttle {
  /** Throws `too-many-auth-failures` when this address has failed 20 times in the last minute. */
  check(ip: string): void
  failed(ip: string): void
}

export const createThrottle = (clock: Clock): Throttle => {
  const windows = createWindows(clock, { ms: 60_000, keysMax: 10_000 })
  return {
    check(ip) {
      const network = networkOf(ip)
      if (windows.count(network) < FAILURES_MAX) return
      throw TooManyAuthFailures('Too many requests with a credential that is not known came from this address.', {
        retryAfterMs: windows.endsAt(network) - clock.now(),
      })
    },
    failed: (ip) => windows.add(networkOf(ip)),
  }
}
