// Minutes as they are counted: one small hash for everything and one for the queues, each for 90 days.
import type { Kernel } from '../kernel/kernel.ts'

export const BUCKET_AGE_S = 90 * 24 * 60 * 60

/** What is counted. `first` are completions at the first attempt; the last two are dead letters that left the inbox. */
export type Counter = 'added' | 'completed' | 'failed' | 'cancelled' | 'retried' | 'first' | 'resubmitted' | 'discarded'

export const minuteOf = (ms: number): number => Math.floor(ms / 60_000)

/** Everything of one minute: fields are counters, `w<n>` and `r<n>` histogram steps of waits and runs, and gauges. */
export const totalsKey = (kernel: Kernel, minute: number): string => kernel.key('metrics', 'all', minute)

/** The queues of one minute: fields are `<queue>|<counter>`. */
export const queuesKey = (kernel: Kernel, minute: number): string => kernel.key('metrics', 'm', minute)

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
