// The few writes every projection makes: spans, counters, histories.
import type { Kernel } from '../kernel/kernel.ts'
import { keptMs, totalsKey, minuteOf, queuesAgeS, queuesKey, stepOf, totalsAgeS } from '../metrics/buckets.ts'
import type { Counter, KeyOf } from '../metrics/buckets.ts'
import { FINE_MS, MINUTE_MS, WIDTHS_MS, slotNo } from '../metrics/slots.ts'
import { retriesKey } from '../metrics/retry-counts.ts'
import type { RetryCounts } from '../metrics/retry-counts.ts'
import { RUN_NAMES_MAX, RUN_WIDTHS, runField, runsKey } from '../metrics/run-counts.ts'
import { SPREAD_WIDTHS, spreadKey, spreadOf } from '../metrics/spread.ts'
import type { SpanRow } from '../timeline/contract.ts'
import { PROMPT_MS, lateSpansKey, packSpan, spansKey } from '../timeline/spans.ts'
import type { Attempt } from '../attempts/contract.ts'
import { recentJobsKey } from '../jobs/recent.ts'
import { historyKey } from '../attempts/history-key.ts'
import type { Ops, SpanStreams } from './ops.ts'

export interface Writes {
  readonly ops: Ops
  span(row: SpanRow): void
  /** Puts a job among the newest, or takes it away. */
  recent(address: string, at: number): void
  gone(address: string): void
  /** Counts one thing in the minute of `at`. */
  count(queue: string, counter: Counter, at: number): void
  /** Counts what belongs to retries in the minute of `at`. */
  retries(queue: string, at: number, counts: RetryCounts): void
  /** Puts a wait and a run into the minute's histograms. */
  measure(at: number, waitMs: number, runMs: number): void
  /** Counts how long a job that completed ran, by its name: of so many names, those that came first. */
  ran(queue: string, name: string, at: number, runMs: number): void
  /** Counts how long a job waited and ran, by its queue and bin of priority. */
  spread(queue: string, at: number, job: { waitMs: number; runMs: number; bin: number }): void
  /** Records an attempt under `field`, once; what `inner` collects happens only then. */
  attempt(address: string, field: string, attempt: Attempt, inner?: () => void): void
}

const SPREAD_AGES_S = SPREAD_WIDTHS.map(queuesAgeS)

/** Makes the writes of one page after another; it remembers which hashes surely have their end: a page may be refused, and
 *  what it guards may not happen. */
export const createWriter = (kernel: Kernel): ((ops: Ops) => Writes) => {
  const dated = new Set<string>()
  const recent = recentJobsKey(kernel)
  const names = new Set<string>()
  const date: Date = (ops, key, ageS) => {
    if (dated.has(key)) return
    ops.date(key, ageS, () => {
      if (dated.size > 10_000) dated.clear()
      dated.add(key)
    })
  }
  return (ops) => createWrites(kernel, ops, recent, { date, counts: (name) => isCounted(names, name) })
}

/** What is known from one page to the next. */
interface Shared {
  date: Date
  /** Whether runs of this name are counted. */
  counts: (name: string) => boolean
}

const isCounted = (names: Set<string>, name: string): boolean => {
  if (names.has(name)) return true
  if (names.size >= RUN_NAMES_MAX) return false
  names.add(name)
  return true
}

/** Gives a bucket its end, once. */
type Date = (ops: Ops, key: string, ageS: number) => void

/** Keys of the five seconds that are counted into, and of the wider slots they are in. */
interface Keys {
  no: number
  /** Seconds until each of `queues` and `retries` may go. */
  ages: readonly number[]
  totals: readonly string[]
  queues: readonly string[]
  retries: readonly string[]
  /** In the order of `SPREAD_WIDTHS`. */
  spread: readonly string[]
  /** Those of `RUN_WIDTHS` that are kept, and seconds until each may go. */
  runs: readonly string[]
  runAges: readonly number[]
  /** Which of these lists have their end. */
  dated: Set<readonly string[]>
}

const createWrites = (kernel: Kernel, ops: Ops, recent: string, { date, counts }: Shared): Writes => {
  let now: Keys | undefined
  const streams = new Map<string, SpanStreams>()
  /** What is late already goes there whatever the clock of Redis says, so that it takes no others with it. */
  const streamsFor = ({ queue, start }: SpanRow): SpanStreams => {
    const both = streams.get(queue) ?? { prompt: spansKey(kernel, queue), late: lateSpansKey(kernel, queue) }
    streams.set(queue, both)
    return kernel.clock.now() - start > PROMPT_MS ? { ...both, prompt: both.late } : both
  }
  /** Once for each slot: whoever counts names the list for every job. */
  const dateAll = ({ dated }: Keys, keys: readonly string[], ages: readonly number[]): void => {
    if (dated.has(keys)) return
    dated.add(keys)
    for (const [index, key] of keys.entries()) date(ops, key, ages[index] ?? 0)
  }
  const keysAt = (at: number): Keys => {
    const no = slotNo(at, FINE_MS)
    if (now?.no === no) return now
    // What is told late is not counted where it would be kept no longer.
    const late = kernel.clock.now() - at
    const widths = WIDTHS_MS.filter((width) => late < keptMs(width))
    const runWidths = RUN_WIDTHS.filter(([, ageS]) => late < ageS * 1_000)
    const slots = (keyOf: KeyOf): string[] => widths.map((width) => keyOf(kernel, slotNo(at, width), width))
    now = {
      no,
      ages: widths.map(queuesAgeS),
      spread: SPREAD_WIDTHS.map((width) => spreadKey(kernel, slotNo(at, width), width)),
      runs: runWidths.map(([width]) => runsKey(kernel, slotNo(at, width), width)),
      runAges: runWidths.map(([, ageS]) => ageS),
      totals: [totalsKey(kernel, minuteOf(at))],
      queues: slots(queuesKey),
      retries: slots(retriesKey),
      dated: new Set(),
    }
    dateAll(now, now.totals, [totalsAgeS(MINUTE_MS)])
    dateAll(now, now.queues, now.ages)
    return now
  }
  return {
    ops,
    recent: (address, at) => ops.put(recent, at, address),
    gone: (address) => ops.take(recent, address),
    span: (row) => ops.span(streamsFor(row), Math.round(row.start), packSpan(row)),
    count(queue, counter, at) {
      const { totals, queues } = keysAt(at)
      ops.count(totals, counter)
      ops.count(queues, `${queue}|${counter}`)
    },
    retries(queue, at, retried) {
      const keys = keysAt(at)
      dateAll(keys, keys.retries, keys.ages)
      for (const [name, by] of Object.entries(retried)) if (by > 0) ops.count(keys.retries, `${queue}|${name}`, by)
    },
    measure(at, waitMs, runMs) {
      const { totals } = keysAt(at)
      ops.count(totals, `w${stepOf(waitMs)}`)
      ops.count(totals, `r${stepOf(runMs)}`)
    },
    ran(queue, name, at, runMs) {
      if (!counts(`${queue}:${name}`)) return
      const keys = keysAt(at)
      dateAll(keys, keys.runs, keys.runAges)
      ops.count(keys.runs, runField(queue, name, stepOf(runMs)))
    },
    spread(queue, at, { waitMs, runMs, bin }) {
      const keys = keysAt(at)
      dateAll(keys, keys.spread, SPREAD_AGES_S)
      for (const name of spreadOf(waitMs, runMs, bin)) ops.count(keys.spread, `${queue}|${name}`)
    },
    attempt: (address, field, attempt, inner = () => undefined) =>
      ops.once(historyKey(kernel, address), field, JSON.stringify(attempt), inner),
  }
}
