// Where the spans of a window go as they are read, and which of them are meant.
import { hashOf } from './dictionary.ts'
import { unpackSpans } from './spans.ts'
import type { SpanRow, SpanState } from './contract.ts'

/** What ended: the number of its attempt, when it began, and how long it ran. */
export type Ended = Pick<SpanRow, 'attempt' | 'start' | 'run' | 'state'>

export interface Wanted {
  /** The window they touch, epoch ms. */
  readonly from: number
  readonly to: number
  /** Hashes of the ids of jobs that ran when they were asked. */
  readonly running: ReadonlySet<number>
  /** Hears of each that is taken and may be of one of those. */
  ended(id: string, end: Ended): void
}

export interface SpanSink {
  add(row: SpanRow): void
  /** Takes those of an entry that are wanted. Answers how many. */
  takePacked(queue: string, packed: Uint8Array, wanted: Wanted): number
}

/** Whether a span touches the window; `run` is negative while it runs. */
export const isWithin = ({ from, to }: { from: number; to: number }, start: number, run: number): boolean =>
  start <= to && (run < 0 || start + run >= from)

/** The hash of an id as `Wanted` has it. */
export const idHash = (id: string): number => {
  const bytes = Buffer.from(id)
  return hashOf(bytes, 0, bytes.length)
}

/** Clocks of workers and Redis may differ by so much, and a run begins by the one and ends by the other. */
const SKEW_MS = 1_000

/** Pieces of an attempt that goes on: what was held or stalled runs again as the same one. */
const isPiece = (state: SpanState): boolean => state === 'held' || state === 'stalled'

/** Whether what runs since `start` is more than what ended: it goes on after a piece, or is another life of the job. */
export const goesOn = (end: Ended, start: number): boolean => {
  // A hold tells when the run began as the job itself does.
  if (end.state === 'held') return start !== end.start
  return start > end.start + end.run + (end.state === 'stalled' ? -SKEW_MS : SKEW_MS)
}

/** Takes them as rows, some thousand at most, of each attempt how it stands: what runs is to come last. */
export class SpanRows implements SpanSink {
  readonly #rows = new Map<string, SpanRow>()

  rows(): SpanRow[] {
    return [...this.#rows.values()]
  }

  add(row: SpanRow): void {
    const key = `${row.queue}:${row.id}#${row.attempt}`
    const known = this.#rows.get(key)
    if (known === undefined || supersedes(row, known)) this.#rows.set(key, row)
  }

  takePacked(queue: string, packed: Uint8Array, wanted: Wanted): number {
    const within = unpackSpans(queue, packed).filter(({ start, run }) => isWithin(wanted, start, run))
    for (const row of within) {
      this.add(row)
      if (wanted.running.size > 0 && wanted.running.has(idHash(row.id))) wanted.ended(row.id, row)
    }
    return within.length
  }
}

/** How an attempt ended is more than any piece of it, whatever the clocks say; else what began later is. */
const supersedes = (row: SpanRow, known: SpanRow): boolean => {
  if (row.run < 0) return true
  return isPiece(row.state) === isPiece(known.state) ? row.start >= known.start : isPiece(known.state)
}
