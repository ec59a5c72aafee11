// How an attempt stands when more than one span tells of it: what was held or stalled runs again as the same one. The store of the
// page keeps to the same (`dashboard/gantt/spans.ts`), by numbers, as it hears of spans in any order.
import type { SpanRow, SpanState } from './contract.ts'

/** What ended: the number of its attempt, when it began, and how long it ran. */
export type Ended = Pick<SpanRow, 'attempt' | 'start' | 'run' | 'state'>

/** Clocks of workers and Redis may differ by so much, and a run begins by the one and ends by the other. */
const SKEW_MS = 1_000

/** Parts of an attempt that goes on. */
const isPiece = (state: SpanState): boolean => state === 'held' || state === 'stalled'

/** Whether what runs since `start` is more than what ended: it goes on after a piece, or is another life of the job. */
export const goesOn = (end: Ended, start: number): boolean => {
  // A hold tells when the run began as the job itself does.
  if (end.state === 'held') return start !== end.start
  return start > end.start + end.run + (end.state === 'stalled' ? -SKEW_MS : SKEW_MS)
}

/** How an attempt ended is more than any piece of it, whatever the clocks say; else what began later is. */
export const supersedes = (row: SpanRow, known: SpanRow): boolean => {
  if (row.run < 0) return true
  return isPiece(row.state) === isPiece(known.state) ? row.start >= known.start : isPiece(known.state)
}
