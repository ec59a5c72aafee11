// Spans as they are kept: one packed text for each attempt that ended, in one stream per queue.
import type { Kernel } from '../kernel/kernel.ts'
import { SPAN_STATES } from './contract.ts'
import type { SpanRow } from './contract.ts'

/** A queue keeps this many of its newest spans, and none older than a day. */
export const SPANS_MAX = 200_000
export const SPANS_AGE_MS = 24 * 60 * 60 * 1_000

export const spansKey = (kernel: Kernel, queue: string): string => kernel.key('timeline', 'spans', queue)

const gap = '\u001f'
const clean = (text: string): string => (text.includes(gap) ? text.replaceAll(gap, ' ') : text)

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

export const unpackSpan = (queue: string, packed: string): SpanRow => {
  const [id = '', name = '', worker = '', ...numbers] = packed.split(gap)
  const [start = 0, wait = 0, run = 0, state = 0, priority = 1, attempt = 1, backoff = 0] = numbers.map(Number)
  return {
    queue,
    id,
    name,
    worker,
    start,
    wait,
    run,
    state: SPAN_STATES[state] ?? 'completed',
    priority: Math.min(3, Math.max(0, priority)),
    attempt,
    backoff,
  }
}
