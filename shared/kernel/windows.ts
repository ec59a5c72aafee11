// Counts by key in windows of time, in memory that cannot grow without end.
import ipaddr from 'ipaddr.js'
import type { Clock } from './clock.ts'

export interface Windows {
  /** How many were counted in the window that is open; 0 when none is. */
  count(key: string): number
  /** Counts one more; the first one opens a window. */
  add(key: string): void
  /** When the window closes, in epoch ms; now when none is open. */
  endsAt(key: string): number
}

/** Of more keys than `keysMax` those that were counted longest ago are forgotten. */
export const createWindows = (clock: Clock, { ms, keysMax }: { ms: number; keysMax: number }): Windows => {
  const windows = new Map<string, { since: number; count: number }>()
  const current = (key: string): { since: number; count: number } | undefined => {
    const window = windows.get(key)
    return window && clock.now() - window.since < ms ? window : undefined
  }
  return {
    count: (key) => current(key)?.count ?? 0,
    add(key) {
      const window = current(key) ?? { since: clock.now(), count: 0 }
      window.count++
      windows.delete(key)
      windows.set(key, window)
      const [oldest] = windows.keys()
      if (windows.size > keysMax && oldest !== undefined) windows.delete(oldest)
    },
    endsAt: (key) => (current(key)?.since ?? clock.now() - ms) + ms,
  }
}

/** The part of an address that one customer has: an IPv4 address, or the /64 of an IPv6 one. IPv6 leaves zeros out when it is
 *  written, so the text tells no network. */
export const networkOf = (ip: string): string => {
  if (!ip.includes(':') || !ipaddr.isValid(ip)) return ip
  const address = ipaddr.process(ip)
  return address instanceof ipaddr.IPv6
    ? address.parts.slice(0, 4).map((part) => part.toString(16)).join(':') // prettier-ignore
    : address.toString()
}
