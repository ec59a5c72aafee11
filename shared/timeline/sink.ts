// Where the spans of a window go as they are read, and which of them are meant.
import { hashOf } from './dictionary.ts'
import { unpackSpans } from './spans.ts'
import type { SpanRow } from './contract.ts'

export interface Wanted {
  /** The window they touch, epoch ms. */
  readonly from: number
  readonly to: number
  /** Hashes of the ids of jobs that ran when they were asked. */
  readonly running: ReadonlySet<number>
  /** Hears of each that is taken and may be of one of those. */
  ended(id: string, attempt: number): void
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

/** Takes them as rows: for some thousand at most. */
export class SpanRows implements SpanSink {
  readonly rows: SpanRow[] = []

  add(row: SpanRow): void {
    this.rows.push(row)
  }

  takePacked(queue: string, packed: Uint8Array, wanted: Wanted): number {
    const within = unpackSpans(queue, packed).filter(({ start, run }) => isWithin(wanted, start, run))
    for (const row of within) {
      this.rows.push(row)
      if (wanted.running.size > 0) wanted.ended(row.id, row.attempt)
    }
    return within.length
  }
}
