// The few writes every projection makes: spans, counters, histories.
import type { Kernel } from '../kernel/kernel.ts'
import { BUCKET_AGE_S, totalsKey, minuteOf, queuesKey, stepOf } from '../metrics/buckets.ts'
import type { Counter } from '../metrics/buckets.ts'
import type { SpanRow } from '../timeline/contract.ts'
import { SPANS_MAX, packSpan, spansKey } from '../timeline/spans.ts'
import type { Attempt } from '../attempts/contract.ts'
import { recentJobsKey } from '../jobs/recent.ts'
import { historyKey } from '../attempts/history-key.ts'
import type { Ops } from './ops.ts'

export interface Writes {
  readonly ops: Ops
  span(row: SpanRow): void
  /** Puts a job among the newest, or takes it away. */
  recent(address: string, at: number): void
  gone(address: string): void
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
  const recent = recentJobsKey(kernel)
  const date = (ops: Ops, minute: number): void => {
    if (dated.has(minute)) return
    dated.add(minute)
    if (dated.size > 10_000) dated.clear()
    for (const key of [totalsKey(kernel, minute), queuesKey(kernel, minute)]) ops.last('EXPIRE', key, BUCKET_AGE_S)
  }
  return (ops) => createWrites(kernel, ops, recent, date)
}

/** Keys of the minute that is counted into. */
interface Minute {
  minute: number
  totals: string
  queues: string
}

const createWrites = (kernel: Kernel, ops: Ops, recent: string, date: (ops: Ops, minute: number) => void): Writes => {
  let now: Minute | undefined
  const keysAt = (at: number): Minute => {
    const minute = minuteOf(at)
    if (now?.minute === minute) return now
    date(ops, minute)
    return (now = { minute, totals: totalsKey(kernel, minute), queues: queuesKey(kernel, minute) })
  }
  const streams = new Map<string, string>()
  /** The stream of a queue's spans; asked for once in a page, it is trimmed once at its end. */
  const streamOf = (queue: string): string => {
    const known = streams.get(queue)
    if (known !== undefined) return known
    const key = spansKey(kernel, queue)
    streams.set(queue, key)
    ops.last('XTRIM', key, 'MAXLEN', '~', SPANS_MAX)
    return key
  }
  return {
    ops,
    recent: (address, at) => ops.put(recent, at, address),
    gone: (address) => ops.take(recent, address),
    span: (row) => ops.append(streamOf(row.queue), packSpan(row)),
    count(queue, counter, at) {
      const { totals, queues } = keysAt(at)
      ops.count(totals, counter)
      ops.count(queues, `${queue}|${counter}`)
    },
    measure(at, waitMs, runMs) {
      const { totals } = keysAt(at)
      ops.count(totals, `w${stepOf(waitMs)}`)
      ops.count(totals, `r${stepOf(runMs)}`)
    },
    attempt: (address, field, attempt, inner = () => undefined) =>
      ops.once(historyKey(kernel, address), field, JSON.stringify(attempt), inner),
  }
}
