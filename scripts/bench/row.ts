// What a row of the scoreboard is: a piece of work, its floor beside it in the same run, and the bars it is held to.
import type { Load, LoadMeter } from './machine.ts'
import { startBenchRedis } from './redis.ts'
import type { BenchRedis } from './redis.ts'
import { startSide } from './side.ts'
import type { Side } from './side.ts'
import type { Bar } from './stats.ts'

/** A number of ours held against its bar: one value for each pair of slices, or a single exact one. */
export interface Figure {
  readonly bar: Bar
  readonly values: readonly number[]
}

export interface Finding {
  readonly figures: readonly Figure[]
  /** What else a reader wants to know: absolute figures of both sides, what was made smaller to fit the time. */
  readonly notes: readonly string[]
}

export interface Row {
  readonly id: string
  readonly title: string
  readonly floor: string
  run(bench: Bench): Promise<Finding>
}

/** What rows work with; everything they start ends with the row. */
export interface Bench {
  readonly load: LoadMeter
  redis(args?: string[]): Promise<BenchRedis>
  /** A floor is started with Node's own settings, a process of k1n with `flags` as it is in production. */
  side(file: string, env?: Record<string, string>, args?: string[], flags?: readonly string[]): Promise<Side>
  /** Runs when the row is over, last one first. */
  after(work: () => unknown): void
}

/** Starts a row's Bench. `end` stops what the row started. */
export const openBench = (load: LoadMeter): Bench & { end(): Promise<void> } => {
  const ends: (() => unknown)[] = []
  return {
    load,
    async redis(args) {
      const redis = await startBenchRedis(args)
      ends.push(() => redis.stop())
      return redis
    },
    async side(file, env, args, flags) {
      const side = await startSide(new URL(file, new URL('../../', import.meta.url)), env, args, flags)
      ends.push(() => side.stop())
      return side
    },
    after: (work) => void ends.push(work),
    async end() {
      for (const end of ends.reverse()) await end()
    },
  }
}

export interface RowResult extends Finding {
  readonly row: Row
  readonly load: Load
  readonly seconds: number
}
