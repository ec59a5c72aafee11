// Bounds what one address may send to sources before anything is read or checked, in the memory of one process.
import type { Clock } from '../kernel/clock.ts'
import { createWindows, networkOf } from '../kernel/windows.ts'
import { TooManyDeliveries } from './contract.ts'

const WINDOW_MS = 60_000
/** A hundred a second: a service that sends for all its customers sends from few addresses. */
const REQUESTS_MAX = 6_000
/** Counted for a source each, so that who is refused by one does not keep the address from the others. */
const REFUSED_MAX = 20
const KEYS_MAX = 10_000

export interface Guard {
  /** Counts a request. Throws `too-many-deliveries` when the address has sent too many, or been refused by this source too often,
   *  in the last minute. */
  admit(ip: string, source: string): void
  refused(ip: string, source: string): void
}

export const createGuard = (clock: Clock): Guard => {
  const requests = createWindows(clock, { ms: WINDOW_MS, keysMax: KEYS_MAX })
  const refusals = createWindows(clock, { ms: WINDOW_MS, keysMax: KEYS_MAX })
  const keyOf = (ip: string, source: string): string => `${networkOf(ip)} ${source}`
  return {
    admit(ip, source) {
      const [network, key] = [networkOf(ip), keyOf(ip, source)]
      const full = requests.count(network) >= REQUESTS_MAX ? requests.endsAt(network) : undefined
      const until = full ?? (refusals.count(key) >= REFUSED_MAX ? refusals.endsAt(key) : undefined)
      if (until !== undefined)
        throw TooManyDeliveries('This address sends too much, or what it sends is not signed.', {
          retryAfterMs: until - clock.now(),
        })
      requests.add(network)
    },
    refused: (ip, source) => refusals.add(keyOf(ip, source)),
  }
}
