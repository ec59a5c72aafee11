// What is counted, and where: one small hash a minute for everything, and one for the queues; the latter also five
// seconds, a half hour and a quarter of a day, as there are many queues.
import type { Kernel } from '../kernel/kernel.ts'
import { FINE_MS, MINUTE_MS, QUARTER_MS, slotWords } from './slots.ts'

const DAY_MS = 24 * 60 * 60 * 1_000
/** How long figures are kept. */
export const KEPT_MS = 90 * DAY_MS
/** How long those of queues are kept, by the width of the slot. */
export const keptMs = (widthMs: number): number =>
  widthMs === FINE_MS ? DAY_MS / 12 : widthMs === MINUTE_MS ? 3 * DAY_MS : KEPT_MS
/** Buckets at the edge of a series begin before it does. */
const edgeMs = (widthMs: number): number => Math.max(widthMs, 5 * MINUTE_MS)

/** Seconds until a hash of everything, or a hash of queues, may go. */
export const totalsAgeS = (widthMs: number): number => queuesAgeS(widthMs === MINUTE_MS ? QUARTER_MS : widthMs)
export const queuesAgeS = (widthMs: number): number => (keptMs(widthMs) + edgeMs(widthMs)) / 1_000

/** What is counted. `first` are completions at the first attempt; the last two are dead letters that left the inbox. */
export type Counter = 'added' | 'completed' | 'failed' | 'cancelled' | 'retried' | 'first' | 'resubmitted' | 'discarded'

export const minuteOf = (ms: number): number => Math.floor(ms / 60_000)

/** The key of a minute, or of a wider slot, by its number. */
export type KeyOf = (kernel: Kernel, no: number, widthMs?: number) => string

/** Everything of one minute: fields are counters, `w<n>` and `r<n>` histogram steps of waits and runs, and gauges. Wider ones
 *  hold gauges only. */
export const totalsKey: KeyOf = (kernel, no, widthMs = MINUTE_MS) =>
  kernel.key('metrics', 'all', ...slotWords(no, widthMs))

/** The queues of a slot: fields are `<queue>|<counter>`. */
export const queuesKey: KeyOf = (kernel, no, widthMs = MINUTE_MS) =>
  kernel.key('metrics', 'm', ...slotWords(no, widthMs))

/** Histogram step of a duration: four steps to each doubling, so a percentile is right to a fifth of its value. */
export const stepOf = (ms: number): number => Math.floor(Math.log2(Math.max(0, ms) + 1) * 4)

/** The upper end of a step, in milliseconds. */
export const stepEnd = (step: number): number => 2 ** ((step + 1) / 4) - 1

/** The value below which `share` of all measurements lie; null when there are none. */
export const percentile = (steps: ReadonlyMap<number, number>, share: number): number | null => {
  const total = [...steps.values()].reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  let seen = 0
  for (const [step, count] of [...steps].sort(([a], [b]) => a - b)) {
    seen += count
    if (seen >= total * share) return stepEnd(step)
  }
  return null
}
