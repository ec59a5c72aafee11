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

const PRECISION: Record<Precision, Intl.DateTimeFormatOptions> = {
  minute: { hour: '2-digit', minute: '2-digit' },
  second: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
  tenth: { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 1 },
  milli: { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 },
  day: { day: 'numeric', month: 'short' },
}

export const timeOf = (time: number, zone: string, precision: Precision = 'second'): string =>
  format(zone, precision, PRECISION[precision]).format(time)

const offsets = new Map<string, number>()

/** How far the zone's clock is ahead of UTC at a time, in milliseconds; zones only ever change at quarter hours. */
export const offsetAt = (time: number, zone: string): number => {
  if (zone === 'UTC') return 0
  const key = `${Math.floor(time / 900_000)} ${zone}`
  const known = offsets.get(key)
  if (known !== undefined) return known
  if (offsets.size > 2000) offsets.clear()
  const offset = measure(Math.floor(time / 900_000) * 900_000, zone)
  offsets.set(key, offset)
  return offset
}

const measure = (time: number, zone: string): number => {
  const fields: Record<string, number> = {}
  const options = { year: 'numeric', month: 'numeric', day: 'numeric', ...PRECISION.second } as const
  for (const { type, value } of format(zone, 'fields', options).formatToParts(time)) fields[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields
  return Date.UTC(year, month - 1, day, hour, minute, second) - time
}
