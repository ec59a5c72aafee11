// One lane: its runs in order of start, and the sub-rows that keep runs which overlap apart.
import { grown } from './columns.ts'
import { drop, isSorted, lowerBound } from './sorted.ts'
import type { Before, SpanStore } from './spans.ts'
import type { Told } from './told.ts'

/** The row of a run that is too short to be drawn as a bar. */
export const NO_ROW = 255
const ROWS = 64

/** The runs of one queue, name or worker. Arrays hold `count` valid entries, by start. */
export class Lane {
  slots = new Uint32Array(16)
  /** The sub-row of each run, or `NO_ROW`. */
  rows = new Uint8Array(16)
  /** The latest end among the finished runs up to here; never falls, so it can be searched. */
  ends = new Float64Array(16)
  /** Start, length and state of each run again, side by side: a frame reads them all, and from the store it would have
   *  to gather them. */
  starts = new Float64Array(16)
  runs = new Float32Array(16)
  outcomes = new Uint8Array(16)
  count = 0
  /** Slots that have not ended. */
  readonly running: number[] = []
  /** Runs by state and by priority. */
  readonly states = new Uint32Array(8)
  readonly priorities = new Uint32Array(4)
  /** Sub-rows that the packing needed. */
  used = 1
  /** The longest wait before any run, in milliseconds. */
  maxWait = 0
  /** No run that has ended took longer, in milliseconds. */
  #longest = 0
  top = 0
  height = 0
  /** Instead of runs: what the server counted. */
  told: Told | undefined
  readonly #rowEnds = new Float64Array(ROWS)
  readonly store: SpanStore
  readonly code: number
  readonly label: string

  constructor(store: SpanStore, code: number, label: string) {
    this.store = store
    this.code = code
    this.label = label
  }

  /** How many runs it is about. */
  get load(): number {
    return this.told?.total ?? this.count
  }

  /** The first run that could still be seen at `time`: everything before it had ended, or is in `running`. */
  firstAt(time: number): number {
    return lowerBound(this.ends, this.count, time)
  }

  /** The first run that starts at `time` or later. */
  firstFrom(time: number): number {
    return lowerBound(this.starts, this.count, time)
  }

  /** The place of a slot among the runs, or -1; also while the slot's start is being changed. */
  indexOf(slot: number): number {
    const start = this.store.start[slot] as number
    for (let at = this.firstFrom(start); at < this.count; at++) {
      if (this.slots[at] === slot) return at
      if (this.starts[at] !== start) break
    }
    return this.count === 0 ? -1 : this.slots.lastIndexOf(slot, this.count - 1)
  }

  /** Takes in a run; cheap at the end, where live runs belong. */
  insert(slot: number): void {
    const at = this.#placeFor(slot)
    this.#room(this.count + 1)
    this.slots.copyWithin(at + 1, at, this.count)
    this.rows.copyWithin(at + 1, at, this.count)
    this.slots[at] = slot
    this.rows[at] = NO_ROW
    this.count++
    this.#tally(slot, 1)
    this.#mend(at, this.count)
  }

  /** Takes runs in without looking at them, as many as there is room for; `settle` must follow. */
  push(slot: number): void {
    this.slots[this.count++] = slot
  }

  /** Puts pushed runs in order and counts them. */
  settle(): void {
    const { start } = this.store
    const slots = this.slots.subarray(0, this.count)
    if (!isSorted(slots, start))
      slots.sort((one, other) => (start[one] as number) - (start[other] as number) || one - other)
    this.rows.fill(NO_ROW, 0, this.count)
    for (let at = 0; at < this.count; at++) this.#tally(slots[at] as number, 1)
    this.#mend(0, this.count)
  }

  /** Takes note that a run of this lane changed. */
  changed(slot: number, before: Before): void {
    this.states[before.state] = (this.states[before.state] as number) - 1
    this.priorities[before.priority] = (this.priorities[before.priority] as number) - 1
    if (before.run < 0) drop(this.running, slot)
    this.#tally(slot, 1)
    const at = this.indexOf(slot)
    if (this.store.start[slot] !== before.start) return this.#moved(slot, at)
    this.#free(at)
    this.#mend(at, this.count)
  }

  /** Gives each run that lasts at least `minMs` the first sub-row that is free when it starts. */
  pack(minMs: number, now: number): void {
    this.#rowEnds.fill(-Infinity)
    this.used = 1
    const { count, runs, starts, rows } = this
    rows.fill(NO_ROW, 0, count)
    // Most lanes have runs far too short, whatever is zoomed to.
    if (this.#longest < minMs && this.running.length === 0) return
    for (let at = 0; at < count; at++) {
      const run = runs[at] as number
      const lasts = run < 0 ? Math.max(0, now - (starts[at] as number)) : run
      if (lasts >= minMs) rows[at] = this.#assign(at)
    }
  }

  /** Gives a sub-row to runs that have become long enough since the last packing. Says whether one did. */
  promote(minMs: number, now: number): boolean {
    let grew = false
    for (let which = 0; which < this.running.length; which++) {
      const slot = this.running[which] as number
      if (now - (this.store.start[slot] as number) < minMs) continue
      grew = this.place(this.indexOf(slot)) || grew
    }
    return grew
  }

  /** Gives the run at this place a sub-row unless it has one. */
  place(at: number): boolean {
    if (at < 0 || this.rows[at] !== NO_ROW) return false
    this.rows[at] = this.#assign(at)
    return true
  }

  #assign(at: number): number {
    const ends = this.#rowEnds
    const start = this.starts[at] as number
    const run = this.runs[at] as number
    let row = 0
    while (row < ROWS - 1 && (ends[row] as number) > start) row++
    ends[row] = run < 0 ? Infinity : start + run
    this.used = Math.max(this.used, row + 1)
    return row
  }

  /** A run that ended frees its sub-row for what starts later. */
  #free(at: number): void {
    const row = this.rows[at] ?? NO_ROW
    if (row !== NO_ROW && this.#rowEnds[row] === Infinity) {
      this.#rowEnds[row] = this.store.end(this.slots[at] as number, Infinity)
    }
  }

  #moved(slot: number, from: number): void {
    if (from >= 0) this.#remove(from)
    this.#tally(slot, -1)
    this.insert(slot)
  }

  #remove(at: number): void {
    this.slots.copyWithin(at, at + 1, this.count)
    this.rows.copyWithin(at, at + 1, this.count)
    this.count--
    this.#mend(at, this.count)
  }

  #tally(slot: number, by: 1 | -1): void {
    const { state, priority, run, wait } = this.store
    const which = state[slot] as number
    const bin = priority[slot] as number
    const waited = wait[slot] as number
    this.states[which] = (this.states[which] as number) + by
    this.priorities[bin] = (this.priorities[bin] as number) + by
    if (waited > this.maxWait) this.maxWait = waited
    if (by < 0) drop(this.running, slot)
    else if ((run[slot] as number) < 0) this.running.push(slot)
  }

  /** Where a run belongs: by start, then by slot. */
  #placeFor(slot: number): number {
    const start = this.store.start[slot] as number
    let at = this.firstFrom(start)
    while (at < this.count && this.starts[at] === start && (this.slots[at] as number) < slot) at++
    return at
  }

  /** Brings what is kept of each run up to date from a place on. */
  #mend(from: number, to: number): void {
    const { slots, starts, runs, outcomes, ends } = this
    const { start: began, run: lasted, state } = this.store
    let latest = from > 0 ? (ends[from - 1] as number) : -Infinity
    let longest = this.#longest
    for (let at = from; at < to; at++) {
      const slot = slots[at] as number
      const start = began[slot] as number
      const run = lasted[slot] as number
      starts[at] = start
      runs[at] = run
      outcomes[at] = state[slot] as number
      const end = run > 0 ? start + run : start
      if (end > latest) latest = end
      if (run > longest) longest = run
      ends[at] = latest
    }
    this.#longest = longest
  }

  #room(count: number): void {
    if (count > this.slots.length) this.reserve(Math.ceil(count * 1.5))
  }

  /** Makes room for so many runs at least. */
  reserve(room: number): void {
    if (room <= this.slots.length) return
    this.slots = grown(this.slots, room)
    this.rows = grown(this.rows, room)
    this.ends = grown(this.ends, room)
    this.starts = grown(this.starts, room)
    this.runs = grown(this.runs, room)
    this.outcomes = grown(this.outcomes, room)
  }
}
