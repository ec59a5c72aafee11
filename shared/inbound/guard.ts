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
/** Requests at once: each may hold a body that nobody has checked yet. */
const AT_ONCE_MAX = 1_000
const AT_ONCE_OF_ONE_MAX = 100
const AGAIN_MS = 1_000

export interface Guard {
  /** Counts a request and answers what to call when it is done, once. Throws `too-many-deliveries` when the address has sent too
   *  many, or been refused by this source too often, in the last minute, or when too many are under way. */
  admit(ip: string, source: string): () => void
  refused(ip: string, source: string): void
}

export const createGuard = (clock: Clock): Guard => {
  const requests = createWindows(clock, { ms: WINDOW_MS, keysMax: KEYS_MAX })
  const refusals = createWindows(clock, { ms: WINDOW_MS, keysMax: KEYS_MAX })
  const underWay = new Map<string, number>()
  let atOnce = 0
  const keyOf = (ip: string, source: string): string => `${networkOf(ip)} ${source}`
  /** When to come again; undefined for who may come now. */
  const fullUntil = (network: string, key: string): number | undefined => {
    if (requests.count(network) >= REQUESTS_MAX) return requests.endsAt(network)
    if (refusals.count(key) >= REFUSED_MAX) return refusals.endsAt(key)
    const isBusy = atOnce >= AT_ONCE_MAX || (underWay.get(network) ?? 0) >= AT_ONCE_OF_ONE_MAX
    return isBusy ? clock.now() + AGAIN_MS : undefined
  }
  const change = (network: string, by: 1 | -1): void => {
    const count = (underWay.get(network) ?? 0) + by
    atOnce += by
    if (count > 0) underWay.set(network, count)
    else underWay.delete(network)
  }
  return {
    admit(ip, source) {
      const network = networkOf(ip)
      const until = fullUntil(network, keyOf(ip, source))
      if (until !== undefined)
        throw TooManyDeliveries('This address sends too much, or what it sends is not signed.', {
          retryAfterMs: until - clock.now(),
        })
      requests.add(network)
      change(network, 1)
      return () => change(network, -1)
    },
    refused: (ip, source) => refusals.add(keyOf(ip, source)),
  }
}
