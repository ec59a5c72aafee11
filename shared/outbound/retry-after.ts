// Reads when a service wants to be asked again.

const SECOND = 1000
const DAY = 24 * 60 * 60 * SECOND
const MIN_MS = SECOND

// The three forms of RFC 9110 §5.6.7. `Date.parse` alone takes far too much for a date.
const IMF_OR_RFC850 = /^[A-Za-z]{3,9}, \d{2}[ -][A-Za-z]{3}[ -]\d{2,4} \d{2}:\d{2}:\d{2} GMT$/
const ASCTIME = /^[A-Za-z]{3} [A-Za-z]{3} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/

/** Milliseconds from `now` (ms since 1970) until the `retry-after` of lower-case `headers`, clamped to 1 s…24 h; a
 *  past date means 1 s. `undefined` when there is none or it is garbage. */
export function retryAfterMs(headers: Readonly<Record<string, unknown>>, now: number): number | undefined {
  const value = headers['retry-after']
  if (typeof value !== 'string') return undefined
  const wait = waitOf(value.trim(), now)
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, MIN_MS), DAY)
}

function waitOf(value: string, now: number): number {
  if (/^\d+$/.test(value)) return Number(value) * SECOND
  if (IMF_OR_RFC850.test(value)) return Date.parse(value) - now
  return ASCTIME.test(value) ? Date.parse(`${value} GMT`) - now : Number.NaN
}
