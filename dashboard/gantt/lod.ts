// What stands for runs too short to draw: cells of four pixels with how busy they were and what share went wrong.
import type { Line } from './folds.ts'
import type { Lane } from './lane.ts'
import { COMPLETED, FAILED, RETRYING, STALLED } from './spans.ts'

export const CELL_PX = 4
/** Shades of busy, from 1 to this; 0 is an empty cell. */
export const SHADES = 4
/** A failure is never lower than this, however many went well beside it. */
export const FOOT_MIN_PX = 4

/** Which runs are bars: those that last so long, in the first sub-rows. */
export interface Bars {
  minMs: number
  maxRows: number
  now: number
  /** Where time is folded, cells are as long as they look. */
  line: Line
}

/** The cells of one lane across a window. Cells stand still in time while the window moves at one zoom. */
export class Cells {
  count = 0
  /** The first cell's number, counted in cells since the epoch. */
  origin = 0
  cellMs = 1
  busy = new Float32Array(0)
  all = new Uint32Array(0)
  failed = new Uint32Array(0)
  troubled = new Uint32Array(0)
  used = false
  #from = 0
  #perMs = 1
  /** A bit for each sub-row in which a bar lies over the cell. */
  #covered = new Uint8Array(0)

  /** Makes room for a window; what was counted is forgotten. */
  open(from: number, to: number, msPerPx: number): void {
    this.cellMs = CELL_PX * msPerPx
    this.origin = Math.floor(from / this.cellMs)
    this.#from = this.origin * this.cellMs
    this.#perMs = 1 / this.cellMs
    this.count = this.cellOf(to) + 1
    if (this.count > this.busy.length) this.#grow(this.count + 64)
    this.clear()
  }

  clear(): void {
    this.busy.fill(0, 0, this.count)
    this.all.fill(0, 0, this.count)
    this.failed.fill(0, 0, this.count)
    this.troubled.fill(0, 0, this.count)
    this.#covered.fill(0, 0, this.count)
    this.used = false
  }

  /** Counts runs of a lane that are no bars of their own, from one place in it to another; `other` takes those that are, and those
   *  after which something is to be drawn. */
  addAll(lane: Lane, first: number, last: number, kind: Bars, other: (at: number) => void): void {
    // Where time is folded, no cell is a plain stretch of it.
    const shortMs = kind.line.folds.length > 0 ? 0 : kind.minMs
    const { runs, outcomes } = lane
    for (let at = first; at < last;) {
      const isWell = outcomes[at] === COMPLETED && (runs[at] as number) < shortMs
      const next = isWell ? this.#addWell(lane, at, last, shortMs) : at
      if (next === at) this.#addOne(lane, at++, kind, other)
      else at = next
    }
  }

  /** Counts the runs from a place on that end well and in the cell that the first of them began in, as most do, all at once. Says at
   *  which place there is another. */
  #addWell(lane: Lane, first: number, last: number, shortMs: number): number {
    const { starts, runs, outcomes } = lane
    const cell = this.cellOf(starts[first] as number)
    if (cell < 0 || cell >= this.count) return first
    const end = this.timeOf(cell + 1)
    let spent = 0
    let at = first
    for (; at < last && outcomes[at] === COMPLETED; at++) {
      const run = runs[at] as number
      if (run >= shortMs || run < 0 || (starts[at] as number) + run >= end) break
      spent += run
    }
    if (at === first) return at
    this.busy[cell] = (this.busy[cell] as number) + spent
    this.all[cell] = (this.all[cell] as number) + at - first
    this.used = true
    return at
  }

  #addOne(lane: Lane, at: number, { minMs, maxRows, now, line }: Bars, other: (at: number) => void): void {
    const start = lane.starts[at] as number
    const run = lane.runs[at] as number
    const outcome = lane.outcomes[at] as number
    const lasts = run < 0 ? Math.max(0, now - start) : run
    if (lasts >= minMs && (lane.rows[at] as number) < maxRows) return other(at)
    if (outcome !== COMPLETED && lasts < minMs) other(at)
    this.add(line.shown(start), line.shown(start + lasts), outcome)
  }

  /** Counts a run: busy where it ran, and once, with its outcome, in the cell where it ended. */
  add(start: number, end: number, state: number): void {
    const first = this.cellOf(start)
    const last = this.cellOf(end)
    this.used = true
    if (first === last) this.#spend(last, end - start)
    else this.#spread(first, last, start, end)
    if (last < 0 || last >= this.count) return
    this.all[last] = (this.all[last] as number) + 1
    if (isTrouble(state)) this.#trouble(last, state)
  }

  /** Takes in what the server counted from one time to another; `share` is how full that was beside the fullest. */
  tell(from: number, to: number, counts: { all: number; failed: number; retrying: number; share: number }): void {
    const last = Math.min(this.cellOf(to - 1), this.count - 1)
    this.used = true
    for (let cell = Math.max(0, this.cellOf(from)); cell <= last; cell++) {
      const begin = this.timeOf(cell)
      this.#spend(cell, counts.share * (Math.min(to, begin + this.cellMs) - Math.max(from, begin)))
      this.all[cell] = (this.all[cell] as number) + counts.all
      this.failed[cell] = (this.failed[cell] as number) + counts.failed
      this.troubled[cell] = (this.troubled[cell] as number) + counts.failed + counts.retrying
    }
  }

  /** Takes note that a bar lies in a sub-row, over these cells. */
  cover(row: number, first: number, last: number): void {
    const end = Math.min(last, this.count - 1)
    for (let cell = Math.max(0, first); cell <= end; cell++)
      this.#covered[cell] = (this.#covered[cell] as number) | (1 << row)
  }

  /** The first of `rows` sub-rows that no bar takes there, or `rows` when all are taken. */
  rowOf(cell: number, rows: number): number {
    let row = 0
    while (row < rows && ((this.#covered[cell] as number) & (1 << row)) !== 0) row++
    return row
  }

  /** The cell of a time, counted from the first; may lie outside. */
  cellOf(time: number): number {
    return Math.floor((time - this.#from) * this.#perMs)
  }

  /** When a cell begins. */
  timeOf(cell: number): number {
    return (this.origin + cell) * this.cellMs
  }

  /** How busy: 0 empty, then 1 … SHADES. */
  shade(cell: number): number {
    if (this.all[cell] === 0 && this.busy[cell] === 0) return 0
    const share = (this.busy[cell] as number) / this.cellMs
    return Math.min(SHADES, Math.max(1, Math.ceil(share * SHADES)))
  }

  #spend(cell: number, ms: number): void {
    if (cell >= 0 && cell < this.count) this.busy[cell] = (this.busy[cell] as number) + ms
  }

  /** The rest of its first cell, all between, and the beginning of its last. */
  #spread(first: number, last: number, start: number, end: number): void {
    const { busy, cellMs, count } = this
    this.#spend(first, this.timeOf(first + 1) - start)
    for (let cell = Math.max(0, first + 1); cell < last && cell < count; cell++)
      busy[cell] = (busy[cell] as number) + cellMs
    this.#spend(last, end - this.timeOf(last))
  }

  #trouble(cell: number, state: number): void {
    this.troubled[cell] = (this.troubled[cell] as number) + 1
    if (state === FAILED) this.failed[cell] = (this.failed[cell] as number) + 1
  }

  #grow(room: number): void {
    this.busy = new Float32Array(room)
    this.all = new Uint32Array(room)
    this.failed = new Uint32Array(room)
    this.troubled = new Uint32Array(room)
    this.#covered = new Uint8Array(room)
  }
}

/** Ended badly, now (dead letter, stalled) or for the time being (will be tried again). */
export const isTrouble = (state: number): boolean => state === FAILED || state === RETRYING || state === STALLED

/** How high a foot stands for `some` of `all` in a lane of `height` pixels: the root of the share, so that one of
 *  forty is seen and forty of forty is a full column. */
export const footHeight = (some: number, all: number, height: number): number =>
  some === 0 ? 0 : Math.min(height, Math.max(FOOT_MIN_PX, Math.round(height * Math.sqrt(some / all))))
