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

const askFor = ({ from, to }: Window, limit: number, signal: AbortSignal): Promise<SpanColumns> =>
  api.timeline.spans({ query: { from: iso(from), to: iso(to), limit }, signal })

/** What was asked for before there was a page to show it. */
let early: { window: Window; answer: Promise<SpanColumns>; drop: AbortController } | undefined
/** How long it is kept for the page, and by how much the window of that may be a later one: the stream tells what came since. */
const EARLY_MS = 10_000

/** Asks for the runs of the window that a page begins with, while that is made, which takes as long as the answer. */
export const askEarly = (window: Window, limit: number): void => {
  early?.drop.abort()
  const drop = new AbortController()
  const answer = askFor(window, limit, drop.signal)
  // Whoever takes it hears of it.
  answer.catch(() => undefined)
  const mine = (early = { window, answer, drop })
  setTimeout(() => early === mine && (early = undefined), EARLY_MS)
}

/** The answer that was asked for early, if it is that to this question. */
const takeEarly = ({ from, to }: Window, signal: AbortSignal): Promise<SpanColumns> | undefined => {
  const taken = early
  early = undefined
  if (!taken) return undefined
  const { window, answer, drop } = taken
  const isIt = window.from <= from && from - window.from < EARLY_MS && Math.abs(to - window.to) < EARLY_MS
  if (isIt) signal.addEventListener('abort', () => drop.abort(), { once: true })
  else drop.abort()
  return isIt ? answer : undefined
}

/** Loads the runs that touch a window into the store, `limit` at most. */
export const loadSpans = async (
  store: SpanStore,
  window: Window,
  signal: AbortSignal,
  limit: number,
): Promise<Loaded> => {
  const columns = await (takeEarly(window, signal) ?? askFor(window, limit, signal))
  store.load(columns)
  return { ...window, truncated: columns.truncated }
}

/** What was counted in a window, by queue. */
export const loadCells = ({ from, to }: Window, signal: AbortSignal): Promise<TimelineCells> =>
  api.timeline.cells({ query: { from: iso(from), to: iso(to) }, signal })

/** What happened beside the runs of a window. */
export const loadMarks = ({ from, to }: Window, signal: AbortSignal): Promise<TimelineMarks> =>
  api.timeline.marks({ query: { from: iso(from), to: iso(to) }, signal })

/** Keeps the store fresh by the stream. Answers how to stop. */
export const followSpans = (store: SpanStore): (() => void) =>
  live.byWay((way) => (way === 'ws' ? followRows(store) : laterFollowFacts(store)))

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
