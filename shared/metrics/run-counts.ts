// How long jobs of each name take, as it is counted: the minutes of the last hour, and half hours of a little more than a day.
import type { Kernel } from '../kernel/kernel.ts'
import { HALF_HOUR_MS, MINUTE_MS, slotWords } from './slots.ts'

/** Runs of one slot: fields are `<queue>:<name>|<step>`; see `stepOf`. Queues have no colon. */
export const runsKey = (kernel: Kernel, no: number, widthMs: number = MINUTE_MS): string =>
  kernel.key('metrics', 'n', ...slotWords(no, widthMs))

/** The slots that runs are counted in, and seconds until they may go. */
export const RUN_WIDTHS: readonly (readonly [widthMs: number, ageS: number])[] = [
  [MINUTE_MS, 3_600],
  [HALF_HOUR_MS, 26 * 3_600],
]

/** Names that are counted: whoever names every job otherwise does not fill Redis. */
export const RUN_NAMES_MAX = 500

export const runField = (queue: string, name: string, step: number): string => `${queue}:${name}|${step}`

/** What a field says; undefined for what is none. */
export const runOf = (field: string): { queue: string; name: string; step: number } | undefined => {
  const colon = field.indexOf(':')
  const bar = field.lastIndexOf('|')
  if (colon < 0 || bar < colon) return undefined
  return { queue: field.slice(0, colon), name: field.slice(colon + 1, bar), step: Number(field.slice(bar + 1)) }
}

/** Histograms by `<queue>:<name>`. */
export type RunSteps = Map<string, Map<number, number>>

/** Adds what a slot counted. */
export const addRuns = (all: RunSteps, slot: Readonly<Record<string, string>>): void => {
  for (const [field, count] of Object.entries(slot)) {
    const run = runOf(field)
    if (run === undefined) continue
    const of = `${run.queue}:${run.name}`
    const steps = all.get(of) ?? new Map<number, number>()
    all.set(of, steps)
    steps.set(run.step, (steps.get(run.step) ?? 0) + Number(count))
  }
}
