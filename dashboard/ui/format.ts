// Numbers, durations, ages and clock times as words; one form per thing, never changing shape on a refresh.

const grouped = new Intl.NumberFormat('en')
const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `4377` → `4,377`. */
export const count = (value: number): string => grouped.format(value)

/** A count with its noun: `1 job`, `4,377 jobs`. */
export const countOf = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`

/** A share of 0–1 as `98.62 %`; null (nothing measured yet) is a dash. */
export const percent = (share: number | null | undefined): string =>
  share === null || share === undefined ? '–' : `${(share * 100).toFixed(share > 0.9 && share < 1 ? 2 : 0)} %`

const two = (big: number, bigUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${count(big)} ${bigUnit}` : `${count(big)} ${bigUnit} ${small} ${smallUnit}`

/** A length of time in at most two units: `380 ms`, `2.4 s`, `41 s`, `3 min 50 s`, `5 h 12 min`, `40 d 3 h`. */
export const duration = (ms: number | null | undefined): string => {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return '–'
  if (ms < 0) return `−${duration(-ms)}`
  if (ms < SECOND) return `${Math.round(ms)} ms`
  if (ms < 10 * SECOND) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`
  if (ms < HOUR) return two(Math.floor(ms / MINUTE), 'min', Math.floor((ms % MINUTE) / SECOND), 's')
  if (ms < DAY) return two(Math.floor(ms / HOUR), 'h', Math.floor((ms % HOUR) / MINUTE), 'min')
  return two(Math.floor(ms / DAY), 'd', Math.floor((ms % DAY) / HOUR), 'h')
}

const coarse = (ms: number): string => {
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h`
  return `${count(Math.floor(ms / DAY))} d`
}

/** How long ago or how far ahead, in one unit: `2 min ago`, `in 41 s`, `now` within a second either way. */
export const age = (at: number, now: number): string => {
  const distance = now - at
  if (Math.abs(distance) < SECOND) return 'now'
  return distance > 0 ? `${coarse(distance)} ago` : `in ${coarse(-distance)}`
}

const formatters = new Map<string, Intl.DateTimeFormat>()
const formatter = (zone: string | undefined, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => {
  const key = `${zone ?? ''}|${JSON.stringify(options)}`
  const known = formatters.get(key) ?? new Intl.DateTimeFormat('en-GB', { ...options, ...(zone && { timeZone: zone }) })
  formatters.set(key, known)
  return known
}

/** `10:22:08` in a zone (IANA name; the browser's own when absent). */
export const clockTime = (at: number, zone?: string): string =>
  formatter(zone, { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(at)

/** `22 Nov`. */
export const dayOf = (at: number, zone?: string): string =>
  formatter(zone, { day: 'numeric', month: 'short' }).format(at)

/** `10:00 to 10:15`; with the day of a moment where that is not plain: `27 Nov 23:50 to 28 Nov 00:05`. */
export const stretch = (from: number, to: number, now: number, zone?: string): string => {
  const [today, first, last] = [now, from, to].map((at) => dayOf(at, zone))
  const moment = (at: number, day: string | undefined, known: string | undefined): string =>
    `${day === known ? '' : `${day} `}${clockTime(at, zone).slice(0, 5)}`
  return `${moment(from, first, today)} to ${moment(to, last, first)}`
}

/** `22 Nov 2026, 10:22:08`. */
export const dateTime = (at: number, zone?: string): string =>
  formatter(zone, { dateStyle: 'medium', timeStyle: 'medium' }).format(at)

const sameDay = (one: number, other: number, zone?: string): boolean => {
  const day = formatter(zone, { dateStyle: 'short' })
  return day.format(one) === day.format(other)
}

/** The shortest absolute time that is still clear: the clock for today, the date with it for any other day. */
export const absolute = (at: number, now: number, zone?: string): string =>
  sameDay(at, now, zone) ? clockTime(at, zone) : dateTime(at, zone)

/** Milliseconds of an ISO timestamp, or undefined for anything that is none. */
export const instant = (iso: string | number | null | undefined): number | undefined => {
  if (typeof iso === 'number') return iso
  const at = iso ? Date.parse(iso) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}

const UNITS = ['B', 'kB', 'MB', 'GB']

/** A size in bytes: `512 B`, `4.2 MB`. */
export const bytes = (size: number): string => {
  const power = Math.min(UNITS.length - 1, size < 1 ? 0 : Math.floor(Math.log10(size) / 3))
  return `${power === 0 ? size : (size / 1_000 ** power).toFixed(1)} ${UNITS[power] ?? 'B'}`
}

/** The middle of an id left out, so that both ends can be compared: `t_0198…77ff`. */
export const shortId = (id: string, length = 20): string =>
  id.length <= length ? id : `${id.slice(0, length - 5)}…${id.slice(-4)}`

// Marks that turn text around or take no room: what is read would be another text than what is there.
const HIDDEN = /[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g

/** Text of strangers with the marks in it made to be seen, as `‹U+202E›`. */
export const withMarksShown = (text: string): string =>
  text.replaceAll(HIDDEN, (mark) => `‹U+${mark.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}›`)

/** The same words, with each number kept on one line with its unit. */
export const bound = (words: string): string => words.replaceAll(/(?<=\d) (?=(?:ms|s|min|h|d|%)(?![a-z]))/g, '\u00a0')
