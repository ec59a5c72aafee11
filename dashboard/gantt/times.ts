// The clock of the axis: times in a zone as precisely as asked, and how far a zone is ahead of UTC.

const formats = new Map<string, Intl.DateTimeFormat>()

const format = (zone: string, kind: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => {
  const key = `${zone} ${kind}`
  const known = formats.get(key)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', ...options })
  formats.set(key, made)
  return made
}

/** How precisely a time is written: `10:22`, `10:22:08`, `10:22:08.5`, `10:22:08.512`, `3 Nov`. */
export type Precision = 'minute' | 'second' | 'tenth' | 'milli' | 'day'

/** By arithmetic, as a drawing writes tens of times and a formatter takes ten times as long. */
export const timeOf = (time: number, zone: string, precision: Precision = 'second'): string => {
  if (precision === 'day') return format(zone, 'day', { day: 'numeric', month: 'short' }).format(time)
  const ms = Math.floor(time) + offsetAt(time, zone)
  const minute = `${digits(ms / 3_600_000, 24)}:${digits(ms / 60_000, 60)}`
  if (precision === 'minute') return minute
  const second = `${minute}:${digits(ms / 1000, 60)}`
  if (precision === 'second') return second
  const milli = digits(ms, 1000).padStart(3, '0')
  return `${second}.${precision === 'tenth' ? milli.slice(0, 1) : milli}`
}

/** What a part of a clock that begins anew after so many shows, in two digits at least. */
const digits = (parts: number, modulus: number): string => {
  const part = ((Math.floor(parts) % modulus) + modulus) % modulus
  return part < 10 ? `0${part}` : `${part}`
}

const QUARTER_MS = 900_000
const OFFSETS_MAX = 2000
/** By zone, then by quarter hour since the epoch. */
const offsets = new Map<string, Map<number, number>>()

/** How far the zone's clock is ahead of UTC at a time, in milliseconds; zones only ever change at quarter hours. */
export const offsetAt = (time: number, zone: string): number => {
  if (zone === 'UTC') return 0
  const ofZone = offsets.get(zone) ?? new Map<number, number>()
  offsets.set(zone, ofZone)
  const quarter = Math.floor(time / QUARTER_MS)
  const known = ofZone.get(quarter)
  if (known !== undefined) return known
  if (ofZone.size > OFFSETS_MAX) ofZone.clear()
  const offset = measure(quarter * QUARTER_MS, zone)
  ofZone.set(quarter, offset)
  return offset
}

const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const

const measure = (time: number, zone: string): number => {
  const fields: Record<string, number> = {}
  const options = { year: 'numeric', month: 'numeric', day: 'numeric', ...CLOCK } as const
  for (const { type, value } of format(zone, 'fields', options).formatToParts(time)) fields[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields
  return Date.UTC(year, month - 1, day, hour, minute, second) - time
}
