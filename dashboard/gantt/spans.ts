// The runs the timeline knows: one typed column per field, each run found again by queue, job and attempt.
import type { SPAN_STATES, SpanColumns, SpanRow } from '../../shared/timeline/contract.ts'
import { comesLate, isOutdated, type Told } from '../../shared/timeline/standing-words.ts'
import { grown, type Column } from './columns.ts'
import { Names } from './names.ts'
import { SpanIndex } from './span-index.ts'

/** What a run can be: `failed` is a dead letter, `retrying` a failed attempt that will be tried again. Written again
 *  here because the contract's own list would bring its schemas into the page. */
export const spanStates = [
  'running',
  'completed',
  'retrying',
  'failed',
  'cancelled',
  'stalled',
  'held',
] as const satisfies typeof SPAN_STATES

/** The bins of priority, least urgent first. */
export const priorities = ['low', 'normal', 'high', 'critical'] as const
export type Priority = (typeof priorities)[number]

/** The numbers of the states in the `state` column. */
export const RUNNING = 0
export const COMPLETED = 1
export const RETRYING = 2
export const FAILED = 3
export const CANCELLED = 4
export const STALLED = 5
export const HELD = 6

/** What names one run for good, however often the store moves it. */
export interface RunKey {
  queue: string
  id: string
  attempt: number
}

/** What a run was before it changed; the same object is used again for the next change. */
export interface Before {
  start: number
  run: number
  state: number
  priority: number
}

/** Hears of every change, in the order they happen; after `reset` no slot number from before means anything. */
export interface SpanListener {
  added(slot: number): void
  changed(slot: number, before: Before): void
  reset(): void
}

const LIMIT = 400_000

const toldBy = (start: number, run: number, state = COMPLETED): Told => ({
  start,
  run,
  state: spanStates[state] as Told['state'],
})

/** Runs in slots 0 … `length`-1; the columns are public to be read fast and must be written by the store alone. */
export class SpanStore {
  readonly queues = new Names()
  readonly names = new Names()
  readonly workers = new Names()
  /** The services that jobs call, by name of job; the empty one is of jobs that call none, or not always the same. */
  readonly services = new Names()
  length = 0
  /** Runs that came one by one since the store was made, for "+38 runs". */
  arrived = 0
  start = new Float64Array(0)
  wait = new Float32Array(0)
  run = new Float32Array(0)
  backoff = new Float32Array(0)
  queue = new Uint32Array(0)
  name = new Uint32Array(0)
  worker = new Uint32Array(0)
  service = new Uint32Array(0)
  attempt = new Uint16Array(0)
  state = new Uint8Array(0)
  priority = new Uint8Array(0)
  ids: string[] = []
  readonly #index = new SpanIndex(this)
  readonly #listeners = new Set<SpanListener>()
  readonly #before: Before = { start: 0, run: 0, state: 0, priority: 0 }
  readonly #limit: number
  /** The service of each name. */
  readonly #serviceOf = new Map<number, number>()
  /** Runs that began before this were dropped when there were too many. */
  keptFrom = -Infinity

  /** Keeps `limit` runs at most; when it is full, the oldest eighth leaves. */
  constructor(limit = LIMIT) {
    this.#limit = limit
    // No service is number 0, so that the others are coloured from 1 on.
    this.services.code('')
  }

  /** Calls the listener until the answer is called. */
  listen(listener: SpanListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Takes in a server's answer; runs known already are brought up to date, none is taken away. */
  load(columns: SpanColumns): void {
    const queue = columns.queues.map((name) => this.queues.code(name))
    const name = columns.names.map((text) => this.names.code(text))
    const worker = columns.workers.map((text) => this.workers.code(text))
    this.#learn(name, columns.services)
    const service = name.map((code) => this.#serviceOf.get(code) ?? this.services.code(''))
    this.#reserve(this.length + columns.id.length)
    this.#index.reserve(columns.id.length)
    let start = columns.base
    for (let at = 0; at < columns.id.length; at++) {
      start += columns.start[at] ?? 0
      const { length } = this
      const slot = this.#slot(queue[columns.queue[at] ?? 0] ?? 0, columns.id[at] ?? '', columns.attempt[at] ?? 1)
      const run = columns.run[at] ?? 0
      if (slot < length && isOutdated(toldBy(start, run, columns.state[at]), this.#told(slot))) continue
      this.start[slot] = start
      this.wait[slot] = columns.wait[at] ?? 0
      this.run[slot] = run
      this.backoff[slot] = columns.backoff[at] ?? 0
      const named = columns.name[at] ?? 0
      this.name[slot] = name[named] ?? 0
      this.worker[slot] = worker[columns.worker[at] ?? 0] ?? 0
      this.service[slot] = service[named] ?? 0
      this.state[slot] = columns.state[at] ?? 0
      this.priority[slot] = columns.priority[at] ?? 1
    }
    this.#bound()
    this.#tellReset()
  }

  /** Adds a run, or brings the one with the same queue, job and attempt up to date, as it is told live. What is known
   *  stays where it came later than what is told, so frames may come twice or out of order; only an end ends
   *  what runs here in any case. */
  upsert(row: SpanRow): void {
    const known = this.find(row)
    if (known < 0) return this.#append(row)
    if (comesLate(row, this.#told(known))) return
    const before = this.#remember(known)
    this.#write(known, row)
    for (const listener of this.#listeners) listener.changed(known, before)
  }

  /** The slot of a run, or -1. */
  find({ queue, id, attempt }: RunKey): number {
    const code = this.queues.find(queue)
    return code < 0 ? -1 : this.#index.find(code, id, attempt)
  }

  key(slot: number): RunKey {
    const queue = this.queues.text(this.queue[slot] ?? 0)
    return { queue, id: this.ids[slot] ?? '', attempt: this.attempt[slot] ?? 1 }
  }

  /** When the run ended, or `now` while it goes on. */
  end(slot: number, now: number): number {
    const run = this.run[slot] as number
    return run < 0 ? Math.max(now, this.start[slot] as number) : (this.start[slot] as number) + run
  }

  #append(row: SpanRow): void {
    this.#reserve(this.length + 1)
    const slot = this.#slot(this.queues.code(row.queue), row.id, row.attempt)
    this.#write(slot, row)
    this.arrived++
    for (const listener of this.#listeners) listener.added(slot)
    if (this.#bound()) this.#tellReset()
  }

  /** The slot of a key, made at the end when it is new. */
  #slot(queue: number, id: string, attempt: number): number {
    const slot = this.#index.claim(queue, id, attempt, this.length)
    if (slot < this.length) return slot
    this.length++
    this.queue[slot] = queue
    this.ids[slot] = id
    this.attempt[slot] = attempt
    return slot
  }

  #write(slot: number, row: SpanRow): void {
    this.start[slot] = row.start
    this.wait[slot] = row.wait
    this.run[slot] = row.run
    this.backoff[slot] = row.backoff
    this.name[slot] = this.names.code(row.name)
    this.worker[slot] = this.workers.code(row.worker)
    this.service[slot] = this.#serviceOf.get(this.name[slot]) ?? this.services.code('')
    this.state[slot] = spanStates.indexOf(row.state)
    this.priority[slot] = row.priority
  }

  /** Takes note of which service each name calls; what was there before learns it too. */
  #learn(names: readonly number[], services: readonly string[]): void {
    let isNew = false
    for (const [at, name] of names.entries()) {
      const service = this.services.code(services[at] ?? '')
      isNew ||= this.#serviceOf.get(name) !== service
      this.#serviceOf.set(name, service)
    }
    if (!isNew) return
    for (let slot = 0; slot < this.length; slot++)
      this.service[slot] = this.#serviceOf.get(this.name[slot] as number) ?? this.services.code('')
  }

  #told(slot: number): Told {
    return toldBy(this.start[slot] as number, this.run[slot] as number, this.state[slot])
  }

  #remember(slot: number): Before {
    this.#before.start = this.start[slot] as number
    this.#before.run = this.run[slot] as number
    this.#before.state = this.state[slot] as number
    this.#before.priority = this.priority[slot] as number
    return this.#before
  }

  #tellReset(): void {
    for (const listener of this.#listeners) listener.reset()
  }

  #bound(): boolean {
    if (this.length <= this.#limit) return false
    const starts = this.start.slice(0, this.length).sort()
    const cut = starts[this.length - Math.floor((this.#limit * 7) / 8)] ?? Infinity
    this.keptFrom = cut
    return this.#compact((slot) => (this.start[slot] as number) >= cut)
  }

  #compact(keep: (slot: number) => boolean): boolean {
    const columns = this.#columns()
    let length = 0
    for (let slot = 0; slot < this.length; slot++) if (keep(slot)) this.#move(columns, slot, length++)
    if (length === this.length) return false
    this.length = length
    this.ids.length = length
    this.#index.rebuild(length)
    return true
  }

  #move(columns: Column[], from: number, to: number): void {
    if (from === to) return
    for (const column of columns) column[to] = column[from] as number
    this.ids[to] = this.ids[from] ?? ''
  }

  #columns(): Column[] {
    const times = [this.start, this.wait, this.run, this.backoff]
    return [...times, this.queue, this.name, this.worker, this.service, this.attempt, this.state, this.priority]
  }

  #reserve(length: number): void {
    if (length <= this.start.length) return
    const room = Math.max(length, Math.ceil(this.start.length * 1.5), 1024)
    this.start = grown(this.start, room)
    this.wait = grown(this.wait, room)
    this.run = grown(this.run, room)
    this.backoff = grown(this.backoff, room)
    this.queue = grown(this.queue, room)
    this.name = grown(this.name, room)
    this.worker = grown(this.worker, room)
    this.service = grown(this.service, room)
    this.attempt = grown(this.attempt, room)
    this.state = grown(this.state, room)
    this.priority = grown(this.priority, room)
  }
}
