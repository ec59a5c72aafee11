// The timeline: attempts that touch a window, those that ended and those that still run, in columns.
import type { Principal } from '../auth/contract.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { findKind } from '../catalog/catalog.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { existing } from '../kernel/existing.ts'
import type { Json } from '../kernel/json.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { createEventLog } from '../stream/log.ts'
import { priorityBin } from './priority-words.ts'
import { createCells } from './cells.ts'
import type { Annotation, SpanColumns, SpanRow, TimelineCells, TimelineMarks } from './contract.ts'
import { SpanTable } from './columns.ts'
import { createMarks } from './marks.ts'
import type { MarkSources } from './marks.ts'
import { createNotes } from './notes.ts'
import { spansWithin } from './read-spans.ts'
import { SpanRows, idHash, isWithin } from './sink.ts'
import type { SpanSink, Wanted } from './sink.ts'
import { goesOn } from './standing-words.ts'
import { lateSpansKey, spansKey } from './spans.ts'

export interface SpanQuery {
  from?: string | undefined
  to?: string | undefined
  queue?: string[] | undefined
  limit: number
}

export interface Timeline {
  /** Spans of the queues the principal may see, at most `limit`, the newest first to stay. */
  spans(principal: Principal, query: SpanQuery): Promise<Json<SpanColumns>>
  /** Rows that run or ended within the last `ageMs`. */
  recent(principal: Principal, ageMs: number): Promise<SpanRow[]>
  /** Ended attempts counted by queue and time. */
  cells(principal: Principal, query: WindowQuery & { queue?: string[] | undefined }): Promise<TimelineCells>
  /** What happened beside the runs, as far as the principal may see it. */
  marks(principal: Principal, query: WindowQuery): Promise<TimelineMarks>
  /** Problem: `resource-forbidden` for those who may not see every queue. */
  notes(principal: Principal, query: WindowQuery): Promise<Annotation[]>
  /** Problems: `validation-failed`, `resource-forbidden`. */
  annotate(principal: Principal, note: { text: string; at?: string | undefined }): Promise<Annotation>
  /** Problems: `annotation-not-found`, `resource-forbidden`. */
  removeNote(principal: Principal, id: string): Promise<void>
}

export interface WindowQuery {
  from?: string | undefined
  to?: string | undefined
}

const RECENT_ROWS = 5_000

const HOUR_MS = 60 * 60 * 1_000
/** Queues read at once: where all cores are busy each question waits its turn, and a slice of both streams of so many is a
 *  megabyte. */
const ABREAST = 8
/** Running jobs looked at in one queue. */
const RUNNING_MAX = 1_000

/** What the timeline needs of other rooms. */
export interface TimelineParts {
  catalog: Catalog
  sources: MarkSources
}

export const createTimeline = (kernel: Kernel, bull: Bull, { catalog, sources }: TimelineParts): Timeline => {
  const notes = createNotes(kernel)
  const marks = createMarks(sources, notes)
  const cells = createCells(kernel)
  const serviceOf = (name: string): string => findKind(name, catalog)?.service ?? ''
  const { spans, recent } = createSpans(kernel, bull, serviceOf)
  const spanOf = ({ from, to }: WindowQuery): { from: number; to: number } => {
    const end = to === undefined ? kernel.clock.now() : Date.parse(to)
    return { from: from === undefined ? end - HOUR_MS : Date.parse(from), to: end }
  }
  return {
    cells: (principal, { queue, ...window }) => guardRedis(cells(principal, spanOf(window), queue), 'read'),
    marks: (principal, window) => guardRedis(marks(principal, spanOf(window)), 'read'),
    notes: (principal, window) => guardRedis(notes.within(principal, spanOf(window)), 'read'),
    annotate: (principal, note) => guardRedis(notes.add(principal, note)),
    removeNote: (principal, id) => guardRedis(notes.remove(principal, id)),
    spans: (principal, query) => guardRedis(spans(principal, query), 'read'),
    recent: (principal, ageMs) => guardRedis(recent(principal, ageMs), 'read'),
  }
}

const createSpans = (
  kernel: Kernel,
  bull: Bull,
  serviceOf: (name: string) => string,
): Pick<Timeline, 'spans' | 'recent'> => ({
  async spans(principal, query) {
    const now = kernel.clock.now()
    const to = query.to === undefined ? now : Date.parse(query.to)
    const from = query.from === undefined ? to - HOUR_MS : Date.parse(query.from)
    const asked = (query.queue ?? (await bull.current())).filter((queue) => allowsQueue(principal, queue))
    const [cursor, queues] = await Promise.all([createEventLog(kernel).last(), withRuns(kernel, bull, asked)])
    const table = new SpanTable()
    // What began by a clock that is ahead of this one runs too.
    const window = { from, to: query.to === undefined ? Infinity : to, limit: query.limit }
    await abreast(queues, (queue) => takeSpans(kernel, bull, queue, window, table))
    return table.columns({ from, to, cursor }, query.limit, serviceOf)
  },
  async recent(principal, ageMs) {
    const from = kernel.clock.now() - ageMs
    const all = await bull.current()
    const queues = await withRuns(
      kernel,
      bull,
      all.filter((queue) => allowsQueue(principal, queue)),
    )
    const window = { from, to: Infinity, limit: RECENT_ROWS }
    const recent = new SpanRows()
    await abreast(queues, (queue) => takeSpans(kernel, bull, queue, window, recent))
    return recent.rows()
  },
})

/** The queues that have anything to tell: in most queues of a large installation nothing ran lately. */
const withRuns = async (kernel: Kernel, bull: Bull, queues: readonly string[]): Promise<string[]> => {
  const keysOf = (queue: string): string[] => [
    spansKey(kernel, queue),
    lateSpansKey(kernel, queue),
    bull.keys(queue).active,
  ]
  const there = await existing(kernel.redis, queues.flatMap(keysOf))
  return queues.filter((queue) => keysOf(queue).some((key) => there.has(key)))
}

/** Asks for all, only a few at a time. */
const abreast = async <Item>(items: readonly Item[], ask: (item: Item) => Promise<void>): Promise<void> => {
  const left = items.values()
  const walk = async (): Promise<void> => {
    for (const item of left) await ask(item)
  }
  await Promise.all(Array.from({ length: ABREAST }, walk))
}

interface Window {
  from: number
  to: number
  limit: number
}

/** Takes those that touch the window. What runs is asked first: a run that ends meanwhile is among those that ended, and is told as
 *  such. An attempt that was held or stalled is told piece by piece, and may go on. */
const takeSpans = async (kernel: Kernel, bull: Bull, queue: string, window: Window, sink: SpanSink): Promise<void> => {
  const running = (await runningSpans(kernel, bull, queue)).filter(({ start, run }) => isWithin(window, start, run))
  const rowOf = new Map(running.map((row) => [`${row.id}#${row.attempt}`, row]))
  const going = new Map(rowOf)
  const wanted: Wanted = {
    ...window,
    running: new Set(running.map(({ id }) => idHash(id))),
    ended: (id, attempt, end) => {
      const key = `${id}#${attempt}`
      const [row, told] = [rowOf.get(key), going.get(key)]
      if (!row || !told) return
      // Told as what comes after, whatever the clock of its worker says.
      const after = end.start + Math.max(1, end.run)
      if (goesOn(end, row.start)) going.set(key, { ...told, start: Math.max(told.start, after) })
      else going.delete(key)
    },
  }
  const take = (packed: Uint8Array): number => sink.takePacked(queue, packed, wanted)
  await Promise.all(spansWithin(kernel, queue, window).map((slices) => takeNewest(slices, window.limit, take)))
  for (const row of going.values()) sink.add(row)
}

/** Takes entries as long as they are not more than a window may show. */
const takeNewest = async (
  slices: AsyncIterable<Uint8Array[]>,
  limit: number,
  take: (packed: Uint8Array) => number,
): Promise<void> => {
  let taken = 0
  for await (const slice of slices) {
    for (const packed of slice) taken += take(packed)
    if (taken > limit) break
  }
}

const runningSpans = async (kernel: Kernel, bull: Bull, queue: string): Promise<SpanRow[]> => {
  const ids = await kernel.redis.lrange(bull.keys(queue).active, 0, RUNNING_MAX - 1)
  const jobs = await bull.readRaw(
    ids.map((id) => ({ queue, id })),
    ['name', 'timestamp', 'delay', 'priority', 'processedOn', 'finishedOn', 'atm', 'ats', 'pb'],
  )
  return jobs.flatMap((job) => {
    // It may have ended since the list was read: then its hash counts that attempt, and there is none after it until one begins.
    if (job?.processedOn === undefined || job.finishedOn !== undefined) return []
    const wait = job.attemptsMade === 0 ? Math.max(0, job.processedOn - job.timestamp - job.delay) : 0
    const { id, name, attemptsMade, attemptsStarted, priority, processedBy = '', processedOn: start } = job
    const attempt = Math.max(1, Math.min(attemptsMade + 1, attemptsStarted))
    return [
      { queue, id, name, worker: processedBy, start, wait, run: -1, state: 'running' as const, priority: priorityBin(priority), attempt, backoff: 0 }, // prettier-ignore
    ]
  })
}
