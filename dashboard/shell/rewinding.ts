// The moment a link looks back to, and where the now-line lies on the Pulse when it is dragged or stepped there.
import type { Lost } from '../data/looking-back.ts'
import type { SearchChanges } from '../path.ts'
import { absolute, age } from '../ui/format.ts'

const MINUTE = 60_000
/** Moments are kept so long, once a minute. */
export const REACH_MS = 24 * 60 * MINUTE
/** Nearer to now than this is now. */
const NOW_MS = MINUTE

/** The moment that `as_of` in a link names; undefined for one that is live, and for what is no time or not past. */
export const momentIn = (text: string | undefined, now: number): number | undefined => {
  const at = text === undefined ? Number.NaN : Date.parse(text)
  return at <= now ? at : undefined
}

/** What a link says of a moment: to the minute, as they are kept so; nothing for now, and none that goes within the next minute. */
export const momentSearch = (at: number | undefined, now: number): SearchChanges =>
  at === undefined || now - at < NOW_MS
    ? { as_of: undefined }
    : { as_of: new Date(Math.max(at, now - REACH_MS + MINUTE)).toISOString().replace(/:\d\d\.\d+Z$/, ':59Z') }

/** Where the line lies: a share of the strip, which ends now. */
export const shareOf = (at: number | undefined, now: number, rangeMs: number): number =>
  at === undefined ? 1 : Math.min(1, Math.max(0, 1 - (now - at) / rangeMs))

/** The moment at a share of the strip. */
export const momentAt = (share: number, now: number, rangeMs: number): number =>
  now - (1 - Math.min(1, Math.max(0, share))) * rangeMs

/** How far each key moves the line, in ms; `Home` goes to the beginning of the strip, `End` to now. */
export const stepFor = (key: string, isShifted: boolean): number | undefined => {
  const step = isShifted ? 10 * MINUTE : MINUTE
  if (key === 'ArrowLeft' || key === 'ArrowDown') return -step
  if (key === 'ArrowRight' || key === 'ArrowUp') return step
  if (key === 'PageDown') return -10 * MINUTE
  return key === 'PageUp' ? 10 * MINUTE : undefined
}

/** A moment in words: `10:41:59, 23 min ago`. */
export const momentWords = (at: number, now: number, zone?: string): string =>
  `${absolute(at, now, zone)}, ${age(at, now)}`

/** Why a moment is not told, and the one that can be looked at in its place, if any. */
export const lostWords = (
  { oldest, detail }: Lost,
  at: number,
  now: number,
  zone?: string,
): { why: string; instead: number | undefined } =>
  oldest !== undefined && at < oldest
    ? { why: `How things stood is kept since ${momentWords(oldest, now, zone)}.`, instead: oldest }
    : { why: detail, instead: undefined }
