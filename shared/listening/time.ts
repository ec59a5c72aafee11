// Reads the times of listening histories: UTC, to the minute or to the second.

export type PlayTime = {
  /** Unix time in seconds. */
  seconds: number
  /** False when the text gave only the minute. */
  precise: boolean
}

const pattern = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(?:Z|([+-])(\d\d):?(\d\d))?$/

/** Reads `2021-03-04 05:06`, `2021-03-04 05:06:07` and ISO 8601 with `T`, a fraction (dropped), `Z` or an offset.
 *  Without an offset the time is UTC, as both documented forms say. Undefined for anything else, also for days and hours
 *  the calendar does not have. */
export const parseTime = (text: string): PlayTime | undefined => {
  const parts = pattern.exec(text)
  if (!parts) return undefined
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((index) => Number(parts[index] ?? 0)) as Six
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
  const real = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60
  const offset = offsetSeconds(parts[7], parts[8], parts[9])
  if (!real || offset === undefined) return undefined
  return { seconds: date.getTime() / 1000 - offset, precise: parts[6] !== undefined }
}

type Six = [number, number, number, number, number, number]

const offsetSeconds = (sign: string | undefined, hours: string | undefined, minutes: string | undefined) => {
  if (sign === undefined) return 0
  if (Number(hours) > 14 || Number(minutes) > 59) return undefined
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60)
}
