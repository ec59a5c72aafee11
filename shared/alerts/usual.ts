// How long jobs usually take, by their name: the 95th percentile of the last 24 hours without the last one, where it has samples enough.
import type { Kernel } from '../kernel/kernel.ts'
import { percentile } from '../metrics/buckets.ts'
import { addRuns, runsKey } from '../metrics/run-counts.ts'
import type { RunSteps } from '../metrics/run-counts.ts'
import { HALF_HOUR_MS, slotNo } from '../metrics/slots.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** Fewer samples say nothing of what is usual. */
export const USUAL_MIN = 100
const SHARE = 0.95

/** Answers what is usual, in ms by `<queue>:<name>`. Told anew each half hour: until then nothing of it changes. */
export const createUsual = (kernel: Kernel): (() => Promise<ReadonlyMap<string, number>>) => {
  let known: { half: number; p95: ReadonlyMap<string, number> } | undefined
  return async () => {
    const now = kernel.clock.now()
    const half = slotNo(now, HALF_HOUR_MS)
    if (known?.half !== half) known = { half, p95: await read(kernel, now) }
    return known.p95
  }
}

/** One half hour after another, so that nobody waits long behind it. */
const read = async (kernel: Kernel, now: number): Promise<ReadonlyMap<string, number>> => {
  const all: RunSteps = new Map()
  const end = slotNo(now - HOUR_MS, HALF_HOUR_MS)
  for (let no = slotNo(now - DAY_MS, HALF_HOUR_MS); no < end; no++)
    addRuns(all, await kernel.redis.hgetall(runsKey(kernel, no, HALF_HOUR_MS)))
  return new Map(
    [...all].flatMap(([name, steps]) => {
      const samples = sizeOf(steps)
      const p95 = samples < USUAL_MIN ? null : percentile(steps, SHARE)
      return p95 === null ? [] : [[name, p95] as const]
    }),
  )
}

export const sizeOf = (steps: ReadonlyMap<number, number>): number =>
  [...steps.values()].reduce((sum, count) => sum + count, 0)

/** The percentile that is compared. */
export const p95Of = (steps: ReadonlyMap<number, number>): number => percentile(steps, SHARE) ?? 0
