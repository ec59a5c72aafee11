// Spans as they are kept: a packed text for each attempt that ended, in two streams per queue, many in an entry where many
// ended together.
import type { Kernel } from '../kernel/kernel.ts'
import { SPAN_STATES } from './contract.ts'
import type { SpanRow, SpanState } from './contract.ts'
import { Fields } from './fields.ts'

/** A queue keeps its newest spans within about this, some 200,000 of them, and none older than a day. */
export const SPANS_MAX_BYTES = 16 * 1_024 * 1_024
export const SPANS_AGE_MS = 24 * 60 * 60 * 1_000

/** Entries whose spans all began at most `PROMPT_MS` before they were put there, by the clock of Redis. */
export const spansKey = (kernel: Kernel, queue: string): string => kernel.key('timeline', 'spans', queue)
/** All others: runs that took long, and what was recorded late. */
export const lateSpansKey = (kernel: Kernel, queue: string): string => kernel.key('timeline', 'late', queue)

/** So much later than a window ends, no more spans are put into the first stream that touch it: what is read of a window
 *  that is long over does not grow with what came after it. */
export const PROMPT_MS = 5 * 60 * 1_000

/** Spans of one entry at most. Redis takes as long for an entry as for the texts of all of these. */
export const SPANS_TOGETHER = 50

const gap = '\u001f'
const end = '\u001e'
const clean = (text: string): string =>
  text.includes(gap) || text.includes(end) ? text.replaceAll(gap, ' ').replaceAll(end, ' ') : text

/** Packs a row; times are whole milliseconds. The queue is the stream's. */
export const packSpan = (row: SpanRow): string =>
  [
    clean(row.id),
    clean(row.name),
    clean(row.worker),
    Math.round(row.start),
    Math.round(row.wait),
    Math.round(row.run),
    SPAN_STATES.indexOf(row.state),
    row.priority,
    row.attempt,
    Math.round(row.backoff),
  ].join(gap)

/** Many packed spans as the text of one entry. */
export const joinSpans = (packed: readonly string[]): string => packed.join(end)

/** The spans of one entry, in the order they ended. */
export const unpackSpans = (queue: string, packed: Uint8Array): SpanRow[] => {
  const rows: SpanRow[] = []
  const fields = new Fields(packed)
  do rows.push(unpackSpan(queue, fields))
  while (fields.next())
  return rows
}

const unpackSpan = (queue: string, fields: Fields): SpanRow => ({
  queue,
  id: fields.text(),
  name: fields.text(),
  worker: fields.text(),
  start: fields.number(0),
  wait: fields.number(0),
  run: fields.number(0),
  state: SPAN_STATES[stateIn(fields)] as SpanState,
  priority: priorityIn(fields),
  attempt: fields.number(1),
  backoff: fields.number(0),
})

/** The next field as the number of a state, which is one of those there are. */
export const stateIn = (fields: Fields): number => {
  const state = fields.number(0)
  return SPAN_STATES[state] === undefined ? COMPLETED : state
}
const COMPLETED = SPAN_STATES.indexOf('completed')

/** The next field as a bin of priority. */
export const priorityIn = (fields: Fields): number => Math.min(3, Math.max(0, fields.number(1)))
