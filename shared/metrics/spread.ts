// How long jobs waited and ran, as it is counted: histograms by queue, waits also by priority.
import { percentile, stepOf } from './buckets.ts'
import type { KeyOf } from './buckets.ts'
import { told } from './frame.ts'
import type { Column } from './frame.ts'
import { HALF_HOUR_MS, MINUTE_MS, QUARTER_MS, slotWords } from './slots.ts'
import type { Sums } from './sums.ts'

/** Histograms of one slot, all queues: fields are `<queue>|r<step>` for runs and `<queue>|q<bin>.<step>` for waits. */
export const spreadKey: KeyOf = (kernel, no, widthMs = MINUTE_MS) =>
  kernel.key('metrics', 'h', ...slotWords(no, widthMs))

/** The slots they are counted in: five seconds would be many, and tell little. */
export const SPREAD_WIDTHS = [MINUTE_MS, HALF_HOUR_MS, QUARTER_MS] as const

/** Bins of priority, as the timeline draws them. */
const BINS = ['low', 'normal', 'high', 'critical'] as const

/** The counts of one job that ended. */
export const spreadOf = (waitMs: number, runMs: number, bin: number): string[] => [
  `r${stepOf(runMs)}`,
  `q${bin}.${stepOf(waitMs)}`,
]

type Steps = ReadonlyMap<number, number>

const runsOf = (sums: Sums): Steps => stepsOf(sums, /^r(\d+)$/)
const waitsOf = (sums: Sums, bin?: number): Steps =>
  stepsOf(sums, bin === undefined ? /^q\d\.(\d+)$/ : new RegExp(`^q${bin}\\.(\\d+)$`))

const stepsOf = (sums: Sums, form: RegExp): Map<number, number> => {
  const steps = new Map<number, number>()
  for (const [name, count] of sums) {
    const step = form.exec(name)?.[1]
    if (step !== undefined) steps.set(Number(step), (steps.get(Number(step)) ?? 0) + count)
  }
  return steps
}

const seconds = (steps: Steps, share: number): number | null => {
  const ms = percentile(steps, share)
  return ms === null ? null : Math.round(ms) / 1_000
}
const total = (steps: Steps): number => [...steps.values()].reduce((sum, count) => sum + count, 0)

const SHARES = [50, 95, 99] as const

/** Percentiles of waits and runs in each bucket, and how many ended. */
export const latencyColumns = (known: readonly boolean[], buckets: readonly Sums[]): Column[] => {
  const lines = (what: 'wait' | 'run', label: string, of: (sums: Sums) => Steps): Column[] =>
    SHARES.map((share) => ({
      ...{ key: `${what}_p${share}`, label: `${label}, ${share} of 100`, unit: 's', kind: 'level' },
      y: buckets.map((sums) => seconds(of(sums), share / 100)),
    }))
  const ended = told(known, buckets.map((sums) => total(runsOf(sums)))) // prettier-ignore
  return [
    ...lines('wait', 'Waited', waitsOf),
    ...lines('run', 'Ran', runsOf),
    { key: 'ended', label: 'Ended', unit: 'jobs', kind: 'sum', y: ended },
  ]
}

const QUARTERS = [25, 50, 75, 95] as const

/** How long jobs of each priority waited in the whole span: one value a series. */
export const waitColumns = (all: Sums): Column[] =>
  BINS.flatMap((name, bin): Column[] => {
    const steps = waitsOf(all, bin)
    return [
      { key: `${name}_ended`, label: `Ended, ${name}`, unit: 'jobs', kind: 'sum', y: [total(steps)] },
      ...QUARTERS.map((share): Column => ({
        ...{ key: `${name}_p${share}`, label: `Waited, ${share} of 100, ${name}`, unit: 's', kind: 'level' },
        y: [seconds(steps, share / 100)],
      })),
    ]
  })

/** Rows of the map: each twice as long as the one before; the last holds all that is longer. */
const ROWS = 20
/** Steps are four to a doubling. */
const rowOf = (step: number): number => Math.min(ROWS - 1, Math.floor(step / 4))

/** How many runs took how long in each bucket: a series for each doubling of the time, the shortest first. */
export const durationColumns = (known: readonly boolean[], buckets: readonly Sums[]): Column[] => {
  const rows = buckets.map((sums) => {
    const counts = Array.from({ length: ROWS }, () => 0)
    for (const [step, count] of runsOf(sums)) counts[rowOf(step)] = (counts[rowOf(step)] ?? 0) + count
    return counts
  })
  return Array.from({ length: ROWS }, (_, row): Column => ({
    key: row === ROWS - 1 ? 'longer' : `below_${2 ** (row + 1) - 1}`,
    label: row === ROWS - 1 ? `${2 ** row - 1} ms and more` : `${2 ** row - 1} to ${2 ** (row + 1) - 1} ms`,
    ...{ unit: 'jobs', kind: 'sum' },
    y: told(known, rows.map((counts) => counts[row] ?? 0)), // prettier-ignore
  }))
}
