// Calls on their way to the fleet: one byte each, in the order in which they ended.

/** How long calls took is kept in doublings: bucket b holds what took less than 2^b ms, the last one all that took longer. */
export const BUCKETS = 28

/** Bit 0: it failed. Bit 1: it was slow. The rest: the bucket of its duration. */
export const callCode = (failed: boolean, slow: boolean, durationMs: number): number =>
  (failed ? 1 : 0) + (slow ? 2 : 0) + 4 * bucketOf(durationMs)

/** The least bucket whose end lies above the duration. */
export const bucketOf = (durationMs: number): number =>
  durationMs >= 1 ? Math.min(BUCKETS - 1, 32 - Math.clz32(durationMs)) : 0

/** The end of a bucket in ms. */
export const bucketEnd = (bucket: number): number => 2 ** bucket

export const isFailure = (code: number): boolean => (code & 1) === 1
export const isSlow = (code: number): boolean => (code & 2) === 2

/** What some calls come to. `lead` and `trail` are the failures before the first and after the last success, `worst` the most
 *  in a row. */
export interface Tally {
  calls: number
  failures: number
  slow: number
  lead: number
  trail: number
  worst: number
}

export const NO_CALLS: Tally = { calls: 0, failures: 0, slow: 0, lead: 0, trail: 0, worst: 0 }

export const tallyOf = (calls: string): Tally => {
  const tally = { ...NO_CALLS, calls: calls.length }
  let run = 0
  for (let i = 0; i < calls.length; i++) {
    const code = calls.charCodeAt(i)
    if (isSlow(code)) tally.slow++
    run = isFailure(code) ? run + 1 : 0
    if (isFailure(code)) tally.failures++
    if (run === i + 1) tally.lead = run
    tally.worst = Math.max(tally.worst, run)
  }
  tally.trail = run
  return tally
}

/** One after the other. */
export const joined = (a: Tally, b: Tally): Tally => ({
  calls: a.calls + b.calls,
  failures: a.failures + b.failures,
  slow: a.slow + b.slow,
  lead: a.lead === a.calls ? a.calls + b.lead : a.lead,
  trail: b.trail === b.calls ? a.trail + b.calls : b.trail,
  worst: Math.max(a.worst, b.worst, a.trail + b.lead),
})

/** A digit for each call: 1 failed, 2 slow, 3 both. */
export const digitsOf = (calls: string): string => {
  let digits = ''
  for (let i = 0; i < calls.length; i++) digits += String(calls.charCodeAt(i) & 3)
  return digits
}

/** How many calls each bucket has, as the script reads it: `<bucket>=<calls>;…`. */
export const durationsOf = (calls: string): string => {
  const counts = new Map<number, number>()
  for (let i = 0; i < calls.length; i++) {
    const bucket = calls.charCodeAt(i) >> 2
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
  }
  return [...counts].map(([bucket, count]) => `${bucket}=${count}`).join(';')
}
