// Whether what is shown is of now: a connection can be open while the server itself hears nothing new.
import { clockTime, instant } from '../ui/format.ts'
import type { Status } from './live/status.ts'

/** The overview comes every five seconds even when nothing happens; after so long something is wrong. */
export const SILENT_MS = 12_000

/** The moment the page shows, when that is too long ago to be called now. */
export const staleSince = (overviewAt: string | undefined, now: number): number | undefined => {
  const at = instant(overviewAt)
  return at !== undefined && now - at > SILENT_MS ? at : undefined
}

/** What the corner of the page says, given what the connection says and since when nothing new came. */
export const freshStatus = (status: Status, since: number | undefined, zone?: string): Status =>
  since === undefined || status.tone === 'lost'
    ? status
    : { words: `Stale, data as of ${clockTime(since, zone)}`, tone: 'lost' }

/** What the page says above everything else when it is not of now; undefined while it is. */
export const warning = (status: Status, since: number | undefined, zone?: string): string | undefined => {
  if (since === undefined) return undefined
  const asOf = `What you see is as of ${clockTime(since, zone)}`
  return status.tone === 'lost'
    ? `The connection to k1n is lost. ${asOf}; it comes up to date by itself when the connection is back.`
    : `k1n answers but has nothing new, most likely because it cannot reach Redis. ${asOf}; actions may be refused.`
}
