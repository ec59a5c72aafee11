// State topics: rows kept up to date for everyone who watches them, told as one snapshot and then as changes.
import { randomUUID } from 'node:crypto'
import type { Principal } from '../../shared/auth/contract.ts'
import type { Tail, TailEntry } from '../../shared/stream/tail.ts'

export type Rows = Map<string, unknown>
export interface Change {
  set: Rows
  del: Set<string>
}

/** Where the rows of one topic come from. */
export interface Source {
  /** All rows as they are now. */
  load(): Promise<Rows>
  /** Rows an entry changes by itself, beside those there are; undefined when it changes none, `load` to load anew. */
  take(entry: TailEntry, rows: ReadonlyMap<string, unknown>): Rows | 'load' | undefined
  /** The least time between two loads, in ms; also how often rows are loaded when nothing happens. */
  restMs: number
  idleMs: number
  /** Rows that leave without a word: listeners keep what they have of them. */
  forgets?(row: unknown): boolean
}

export interface Topic {
  readonly rows: Rows
  /** Epoch ms of the last change. */
  readonly changedAt: number
  /** Whether rows leave without a word, so that nobody knows which ones a listener has. */
  readonly forgets: boolean
  ready: Promise<void>
  watch(watcher: (change: Change) => void): () => void
}

/** Tells this process's counts from another's: after a restart a listener takes a new snapshot. */
export const epoch = randomUUID().slice(0, 8)

/** Topics of one principal's rights; the same rights share one topic and its work. */
export interface Topics {
  /** Whether there is such a topic for these rights. */
  has(principal: Principal, name: string): boolean
  open(principal: Principal, name: string): Topic | undefined
  stop(): void
}

const FLUSH_MS = 40

const createTopic = (
  source: Source,
  close: () => void,
): Topic & { take(entries: readonly TailEntry[]): void; stop(): void; closeUnwatched(): void } => {
  const watchers = new Set<(change: Change) => void>()
  const rows: Rows = new Map()
  let pending: Change = { set: new Map(), del: new Set() }
  let flushedAt = 0
  let flushing: NodeJS.Timeout | undefined
  let loading: NodeJS.Timeout | undefined
  let loadedAt = 0
  let stopped = false
  let changedAt = Date.now()

  const flush = (): void => {
    flushing = undefined
    flushedAt = Date.now()
    const change = pending
    pending = { set: new Map(), del: new Set() }
    for (const watcher of watchers) watcher(change)
  }
  /** At once when the last change is a while ago, else when 40 ms are over. */
  const schedule = (): void => {
    flushing ??= setTimeout(flush, Math.max(0, FLUSH_MS - (Date.now() - flushedAt)))
  }
  const put = (key: string, row: unknown): void => {
    rows.set(key, row)
    changedAt = Date.now()
    // Nobody watches yet: whoever begins to is given the rows as they are.
    if (watchers.size === 0) return
    pending.set.set(key, row)
    pending.del.delete(key)
    schedule()
  }
  const drop = (key: string): void => {
    const silent = source.forgets?.(rows.get(key)) ?? false
    rows.delete(key)
    changedAt = Date.now()
    if (silent || watchers.size === 0) return
    pending.set.delete(key)
    pending.del.add(key)
    schedule()
  }
  /** Rows that facts changed while a load is under way: what is read may be older. Where the fact is older, newer ones follow, or
   *  the next load puts it right. */
  let touched: Set<string> | undefined
  /** Whether the rows changed while they are loaded, so that they are to be loaded once more. */
  let again = false
  /** When they are loaded next. */
  let due = Number.POSITIVE_INFINITY
  const load = async (): Promise<void> => {
    loadedAt = Date.now()
    const marks = (touched = new Set<string>())
    again = false
    const fresh = await source.load().finally(() => (touched = undefined))
    for (const [key, row] of fresh)
      if (!marks.has(key) && JSON.stringify(rows.get(key)) !== JSON.stringify(row)) put(key, row)
    for (const key of [...rows.keys()]) if (!fresh.has(key) && !marks.has(key)) drop(key)
  }
  const loadAt = (at: number): void => {
    clearTimeout(loading)
    // It may have been closed while it loaded.
    if (stopped) return
    due = at
    // A load that fails (Redis is away) leaves the rows as they are, and the next one is tried at its pace.
    loading = setTimeout(() => void load().catch(() => undefined).then(loadNext), Math.max(0, at - Date.now())) // prettier-ignore
  }
  /** One load at a time: a slow one that ended after a newer one would put back what was. */
  const loadNext = (): void => loadAt(again ? loadedAt + source.restMs : Date.now() + source.idleMs)
  const loadAnew = (): void => {
    const at = Math.max(Date.now(), loadedAt + source.restMs)
    if (touched) again = true
    else if (at < due) loadAt(at)
  }
  const closeUnwatched = (): void => {
    if (watchers.size === 0) close()
  }
  const ready = load().then(loadNext)
  return {
    rows,
    ready,
    forgets: source.forgets !== undefined,
    get changedAt() {
      return changedAt
    },
    take(entries) {
      for (const entry of entries) {
        const taken = source.take(entry, rows)
        if (taken === 'load') loadAnew()
        else if (taken)
          for (const [key, row] of taken) {
            put(key, row)
            touched?.add(key)
          }
      }
    },
    watch(watcher) {
      watchers.add(watcher)
      return () => {
        watchers.delete(watcher)
        closeUnwatched()
      }
    },
    closeUnwatched,
    stop() {
      stopped = true
      clearTimeout(flushing)
      clearTimeout(loading)
    },
  }
}

/** Whoever does not see everything sees what is their own, such as operations they asked for: no other has that topic. */
const ownerOf = ({ id, queues, subscriber }: Principal): string | undefined =>
  subscriber === undefined && queues.includes('*') ? undefined : id

/** `sourceOf` answers where a topic's rows come from, or undefined for a topic there is not. The tail is listened to while
 *  a topic is open. */
export const createTopics = (
  sourceOf: (principal: Principal, name: string) => Source | undefined,
  tail: Pick<Tail, 'listen'>,
): Topics => {
  const open = new Map<string, ReturnType<typeof createTopic>>()
  let unlisten: (() => void) | undefined
  const take = (entries: readonly TailEntry[]): void => {
    for (const topic of open.values()) topic.take(entries)
  }
  const hush = (): void => {
    unlisten?.()
    unlisten = undefined
  }
  return {
    has: (principal, name) => sourceOf(principal, name) !== undefined,
    open(principal, name) {
      const key = JSON.stringify([
        name,
        principal.queues,
        principal.scopes,
        principal.subscriber ?? null,
        ownerOf(principal),
      ])
      const source = sourceOf(principal, name)
      // Asked first: whoever may not have a topic is not given one that somebody else has open.
      if (!source) return undefined
      const known = open.get(key)
      if (known) return known
      const topic = createTopic(source, () => {
        topic.stop()
        // It may be closed twice: by its last watcher, and when its first load ends. Another may be open by then.
        if (open.get(key) === topic) open.delete(key)
        if (open.size === 0) hush()
      })
      open.set(key, topic)
      unlisten ??= tail.listen(take)
      // Whoever asked may be gone before the rows are there, and a first load that failed is no topic: the next one who
      // asks gets a new one. Those who wait for the rows begin to watch before the next turn.
      const closeUnwatched = (): void => void setImmediate(() => topic.closeUnwatched())
      topic.ready.then(closeUnwatched, closeUnwatched)
      return topic
    },
    stop() {
      hush()
      for (const topic of open.values()) topic.stop()
      open.clear()
    },
  }
}
