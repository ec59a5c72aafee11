// How an attempt stands when more than one span tells of it: what was held or stalled goes on as the same one, and another life of a
// job counts its attempts anew. Servers and pages judge by it.
import type { SpanRow } from './contract.ts'

/** What one span tells; `run` is negative while it runs. */
export type Told = Pick<SpanRow, 'state' | 'start' | 'run'>

/** Clocks of workers and Redis may differ by so much, and a run begins by the one or the other. */
const SKEW_MS = 1_000

/** A part of an attempt that goes on, not its end. */
export const isPiece = ({ state }: Told): boolean => state === 'held' || state === 'stalled'

/** Whether what begins at `next` comes after what is over, and is not the same told once more. */
export const goesOn = ({ state, start, run }: Told, next: number): boolean => {
  // A hold tells when it began by the clock that its job has it from: no other run has the same.
  if (state === 'held') return next !== start
  const end = start + run - SKEW_MS
  return next > (state === 'stalled' ? end : Math.max(start + SKEW_MS, end))
}

/** The middles of what one worker after another did are in their order, also where a clock is off by more than they took. */
const middle = ({ start, run }: Told): number => start + run / 2

/** Whether what is told came before what is known of the attempt. Of two that may be either, as two runs are, what is told is taken. */
export const isOutdated = (told: Told, known: Told): boolean => {
  if (told.run < 0) return known.run >= 0 && !goesOn(known, told.start)
  // The fact that a run begins has the clock of Redis, and a hold that of the worker.
  if (known.run < 0 && told.state === 'held') return known.start > told.start + SKEW_MS
  if (known.run < 0) return goesOn(told, known.start)
  if (isPiece(told) === isPiece(known)) return middle(told) < middle(known)
  return isPiece(told) ? !goesOn(known, told.start) : goesOn(told, known.start)
}

/** The same of what is told live, as facts come: how an attempt ended may be told before that it began, and where it runs by what
 *  is known, an end is its end whatever clocks they have. */
export const comesLate = (told: Told, known: Told): boolean => {
  const ends = told.run >= 0 && !isPiece(told) && known.run < 0
  return !ends && isOutdated(told, known)
}
