// Gathers records into chunks: the byte ranges that are read, validated and stored one at a time.
import type { Sink } from './splitter.ts'

/** A byte range `[from, to)` of a file that starts and ends on record boundaries. Member names are those of the wire,
 *  for it travels as the payload of a job. */
export type Chunk = {
  /** Counted from 0 in file order. */
  index: number
  from: number
  to: number
  /** Line of the first record, counted from 1. */
  first_line: number
  /** Number of the first record in the file, counted from 1. */
  first_record: number
  records: number
  /** The file ended within the last record of this chunk. */
  cut: boolean
  /** The chunk is one record that is too large to be read. */
  oversize: boolean
}

export type Limits = { recordsMax?: number; bytesMax?: number }

/** A record above this size is no record of a listening history (they are below 2 KiB): it is rejected unread. */
export const recordBytesMax = 256 * 1024

export type Chunker = Sink & {
  /** Hands over the chunks that are complete. */
  take(): Chunk[]
  /** Completes the last chunk. */
  finish(cut: boolean): void
  totals(): { records: number; chunks: number }
}

export const chunker = ({ recordsMax = 4_000, bytesMax = 1024 * 1024 }: Limits = {}): Chunker => {
  let ready: Chunk[] = []
  let current: Chunk | undefined
  let records = 0
  let chunks = 0

  const flush = () => {
    if (current) ready.push(current)
    current = undefined
  }
  const start = (from: number, to: number, line: number, oversize: boolean): Chunk => {
    const place = { from, to, first_line: line, first_record: ++records }
    return { index: chunks++, ...place, records: 1, cut: false, oversize }
  }
  const fits = (chunk: Chunk, end: number) =>
    !chunk.oversize && chunk.records < recordsMax && end - chunk.from <= bytesMax

  return {
    record(from, to, line) {
      const oversize = to - from > recordBytesMax
      if (current && !oversize && fits(current, to)) {
        current.to = to
        current.records++
        records++
        return
      }
      flush()
      current = start(from, to, line, oversize)
    },
    // A chunk is read on its own as if inside one array, so it must not reach into the next.
    opened: flush,
    take() {
      const taken = ready
      ready = []
      return taken
    },
    finish(cut) {
      if (current) current.cut = cut
      flush()
    },
    totals: () => ({ records, chunks }),
  }
}
