// Fills a timeline's store: the window by one call, what happens from then on by the stream.
import type { SpanColumns, SpanRow, TimelineCells, TimelineMarks } from '../../shared/timeline/contract.ts'
import type { SpanStore } from '../gantt/spans.ts'
import { api } from './api.ts'
import { live } from './live/index.ts'

export interface Window {
  from: number
  to: number
}
export interface Loaded extends Window {
  /** The window holds more than was given; the newest runs are there. */
  truncated: boolean
}

const iso = (at: number): string => new Date(at).toISOString()

/** The runs that touch a window, `limit` at most. */
export const askSpans = ({ from, to }: Window, limit: number, signal: AbortSignal): Promise<SpanColumns> =>
  api.timeline.spans({ query: { from: iso(from), to: iso(to), limit }, signal })

/** Loads the runs that touch a window into the store, `limit` at most; `early` is the answer where it was asked for before. */
export const loadSpans = async (
  store: SpanStore,
  window: Window,
  signal: AbortSignal,
  limit: number,
  early?: Promise<SpanColumns>,
): Promise<Loaded> => {
  const columns = await (early ?? askSpans(window, limit, signal))
  store.load(columns)
  return { ...window, truncated: columns.truncated }
}

/** What was counted in a window, by queue. */
export const loadCells = ({ from, to }: Window, signal: AbortSignal): Promise<TimelineCells> =>
  api.timeline.cells({ query: { from: iso(from), to: iso(to) }, signal })

/** What happened beside the runs of a window. */
export const loadMarks = ({ from, to }: Window, signal: AbortSignal): Promise<TimelineMarks> =>
  api.timeline.marks({ query: { from: iso(from), to: iso(to) }, signal })

/** The stream tells runs of the last minute when it is heard again; a little is left for what was still on its way. */
const RECENT_MS = 45_000

/** Keeps the store fresh by the stream; `onHole` is called when runs may be missing, as nothing was heard for too long. Answers how
 *  to stop. */
export const followSpans = (store: SpanStore, onHole: () => void): (() => void) => {
  const stops = [
    live.byWay((way) => (way === 'ws' ? followRows(store) : laterFollowFacts(store))),
    live.onSilence((silentMs) => silentMs > RECENT_MS && onHole()),
  ]
  return () => stops.forEach((stop) => stop())
}

const followRows = (store: SpanStore): (() => void) =>
  live.state('state:spans', (rows, changed) => {
    for (const key of changed ?? rows.keys()) {
      const row = rows.get(key) as SpanRow | undefined
      if (row) store.upsert(row)
    }
  })

/** Fetched when it is needed, which is seldom. Where it cannot be, the state is followed whole: slower, but told. */
const laterFollowFacts = (store: SpanStore): (() => void) => {
  let stop = (): void => undefined
  let isOver = false
  const begin = (follow: (store: SpanStore) => () => void): void => {
    if (!isOver) stop = follow(store)
  }
  import('./span-facts.ts').then(
    ({ followFacts }) => begin(followFacts),
    () => begin(followRows),
  )
  return () => {
    isOver = true
    stop()
  }
}
