// Where the spans of a window go as they are read, and which of them are meant.
import { hashOf } from './dictionary.ts'
import { unpackSpans } from './spans.ts'
import { isOutdated } from './standing-words.ts'
import type { Told } from './standing-words.ts'
import type { SpanRow } from './contract.ts'

export interface Wanted {
  /** The window they touch, epoch ms. */
  readonly from: number
  readonly to: number
  /** Hashes of the ids of jobs that ran when they were asked. */
  readonly running: ReadonlySet<number>
  /** Hears of each that is taken and may be of one of those. */
  ended(id: string, attempt: number, end: Told): void
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

/** Takes them as rows, some thousand at most, of each attempt how it stands: what runs is to come last. */
export class SpanRows implements SpanSink {
  readonly #rows = new Map<string, SpanRow>()

  rows(): SpanRow[] {
    return [...this.#rows.values()]
  }

  add(row: SpanRow): void {
    const key = `${row.queue}:${row.id}#${row.attempt}`
    const known = this.#rows.get(key)
    if (known === undefined || !isOutdated(row, known)) this.#rows.set(key, row)
  }

  takePacked(queue: string, packed: Uint8Array, wanted: Wanted): number {
    const within = unpackSpans(queue, packed).filter(({ start, run }) => isWithin(wanted, start, run))
    for (const row of within) {
      this.add(row)
      if (wanted.running.size > 0 && wanted.running.has(idHash(row.id))) wanted.ended(row.id, row.attempt, row)
    }
    return within.length
  }
}
