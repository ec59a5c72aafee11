// The few writes every projection makes: spans, counters, histories.
import type { Kernel } from '../kernel/kernel.ts'
import { BUCKET_AGE_S, totalsKey, minuteOf, queuesKey, stepOf } from '../metrics/buckets.ts'
import type { Counter } from '../metrics/buckets.ts'
import type { SpanRow } from '../timeline/contract.ts'
import { SPANS_MAX, packSpan, spansKey } from '../timeline/spans.ts'
import type { Attempt } from '../attempts/contract.ts'
import { historyKey } from '../attempts/history-key.ts'
import type { Ops } from './ops.ts'

export interface Writes {
  readonly ops: Ops
  span(row: SpanRow): void
  /** Counts one thing in the minute of `at`. */
  count(queue: string, counter: Counter, at: number): void
  /** Puts a wait and a run into the minute's histograms. */
  measure(at: number, waitMs: number, runMs: number): void
  /** Records an attempt under `field`, once; what `inner` collects happens only then. */
  attempt(address: string, field: string, attempt: Attempt, inner?: () => void): void
}

/** Makes the writes of one page after another; it remembers which minutes were given their end. */
export const createWriter = (kernel: Kernel): ((ops: Ops) => Writes) => {
  const dated = new Set<number>()
  const date = (ops: Ops, minute: number): void => {
    if (dated.has(minute)) return
    dated.add(minute)
    if (dated.size > 10_000) dated.clear()
    for (const key of [totalsKey(kernel, minute), queuesKey(kernel, minute)]) ops.last('EXPIRE', key, BUCKET_AGE_S)
  }
  return (ops) => createWrites(kernel, ops, date)
}

const createWrites = (kernel: Kernel, ops: Ops, date: (ops: Ops, minute: number) => void): Writes => ({
  ops,
  span: (row) => ops.write('XADD', spansKey(kernel, row.queue), 'MAXLEN', '~', SPANS_MAX, '*', 's', packSpan(row)),
  count(queue, counter, at) {
    const minute = minuteOf(at)
    date(ops, minute)
    ops.count(totalsKey(kernel, minute), counter)
    ops.count(queuesKey(kernel, minute), `${queue}|${counter}`)
  },
  measure(at, waitMs, runMs) {
    const key = totalsKey(kernel, minuteOf(at))
    ops.count(key, `w${stepOf(waitMs)}`)
    ops.count(key, `r${stepOf(runMs)}`)
  },
  attempt: (address, field, attempt, inner = () => undefined) =>
    ops.once(historyKey(kernel, address), field, JSON.stringify(attempt), inner),
})
