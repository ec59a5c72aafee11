// Lanes in their order from top to bottom, kept up to date with the store, with the height each needs.
import { Lane } from './lane.ts'
import { laneLabel, matches } from './filter.ts'
import { toldByQueue } from './told.ts'
import { comparing } from './lane-order.ts'
import { BASE, type LayoutOptions } from './layout-options.ts'
import { sizesOf } from './sorted.ts'
import type { TimelineCells } from '../../shared/timeline/contract.ts'
import type { TimeWindow } from './scale.ts'
import { FAILED, RETRYING, type Before, type SpanListener, type SpanStore } from './spans.ts'

export { groupings, type GroupBy } from './filter.ts'
export { orders, type LaneOrder } from './lane-order.ts'
export type { LayoutOptions } from './layout-options.ts'

/** A run narrower than this is part of a cell, not a bar of its own. */
export const BAR_MIN_PX = 3
const PAD = 4
const GAP = 2
/** Room for what comes live, before a lane has to grow. */
const SPARE = 1.1

export class Layout implements SpanListener {
  /** From top to bottom. */
  lanes: Lane[] = []
  /** Of all lanes together, in pixels. */
  height = 0
  /** Another number whenever lanes are others, or lie elsewhere. */
  version = 0
  /** Lanes of which runs came or changed; whoever has drawn them takes them out. */
  readonly touched = new Set<Lane>()
  readonly options: LayoutOptions
  readonly store: SpanStore
  readonly #byCode = new Map<number, Lane>()
  readonly #stop: () => void
  #stale = true
  #octave = NaN
  #cells: TimelineCells | undefined

  constructor(store: SpanStore, options: Partial<LayoutOptions> = {}) {
    this.store = store
    this.options = { ...BASE, ...options }
    this.#stop = store.listen(this)
  }

  /** Takes new options; lanes are made again at the next `refresh` when something differs. */
  set(options: Partial<LayoutOptions>): void {
    const next = { ...this.options, ...options }
    if (JSON.stringify(next) === JSON.stringify(this.options)) return
    Object.assign(this.options, next)
    this.#stale = true
  }

  /** Shows what the server counted in place of runs, by queue; undefined shows runs again. */
  tell(cells: TimelineCells | undefined): void {
    if (cells === this.#cells) return
    this.#cells = cells
    this.#stale = true
  }

  get isTold(): boolean {
    return this.#cells !== undefined
  }

  close(): void {
    this.#stop()
  }

  added(slot: number): void {
    if (this.#stale || this.isTold || !this.#admits(slot)) return
    const lane = this.#lane(slot)
    lane.insert(slot)
    this.touched.add(lane)
  }

  changed(slot: number, before: Before): void {
    if (this.#stale || this.isTold) return
    const lane = this.#byCode.get(this.#codes()[slot] ?? -1)
    if (!lane || lane.indexOf(slot) < 0 || !this.#admits(slot)) this.#stale = true
    else {
      lane.changed(slot, before)
      this.#placeIfLong(lane, slot)
      this.touched.add(lane)
    }
  }

  reset(): void {
    this.#stale = true
  }

  /** Makes lanes, sub-rows and positions right for this zoom; call before drawing. */
  refresh(msPerPx: number, now: number): void {
    const octave = Math.floor(Math.log2(msPerPx))
    const rebuilt = this.#stale
    if (rebuilt) this.#rebuild()
    if (rebuilt || octave !== this.#octave) this.#pack(octave, now)
    else for (const lane of this.lanes) if (lane.promote(BAR_MIN_PX * msPerPx, now)) this.touched.add(lane)
    this.#place()
  }

  /** Puts the lanes in order again; lanes move, so only while nobody points at them. */
  sort(): void {
    this.#order()
    this.#place()
  }

  /** Sub-rows a lane shows, and how many more would be needed. */
  shown(lane: Lane): number {
    return Math.min(lane.used, this.options.maxRows)
  }

  hidden(lane: Lane): number {
    return Math.max(0, lane.used - this.options.maxRows)
  }

  /** The height of a bar in a lane; the more sub-rows it has, the lower they are. */
  barHeight(lane: Lane): number {
    const rows = this.shown(lane)
    return Math.round((rows === 1 ? 16 : rows === 2 ? 14 : 8) * this.options.scale)
  }

  /** From one sub-row of a lane to the next. */
  pitch(lane: Lane): number {
    return this.barHeight(lane) + GAP
  }

  /** How far below a lane's top its first bar begins. */
  get barTop(): number {
    return PAD + this.options.head
  }

  /** The height all sub-rows of a lane take together. */
  barsHeight(lane: Lane): number {
    return this.shown(lane) * this.pitch(lane) - GAP
  }

  /** The lane at a distance from the top of the first, or undefined below the last. */
  laneAt(y: number): Lane | undefined {
    const at = this.firstBelow(y)
    const lane = this.lanes[at]
    return lane && y >= lane.top ? lane : undefined
  }

  /** The index of the first lane that reaches below `y`. */
  firstBelow(y: number): number {
    let low = 0
    let high = this.lanes.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const lane = this.lanes[middle] as Lane
      if (lane.top + lane.height <= y) low = middle + 1
      else high = middle
    }
    return low
  }

  /** From the first start to the last end of all runs, or to now where one still goes on; undefined without runs. */
  extent(now: number): TimeWindow | undefined {
    let from = Infinity
    let to = -Infinity
    for (const lane of this.lanes) {
      if (lane.told) {
        from = Math.min(from, lane.told.at[0] ?? from)
        to = Math.max(to, (lane.told.at.at(-1) ?? to) + lane.told.step)
        continue
      }
      from = Math.min(from, lane.starts[0] ?? from)
      to = Math.max(to, lane.running.length > 0 ? now : (lane.ends[lane.count - 1] ?? to))
    }
    return from < to ? { from, to } : undefined
  }

  /** The lane that holds a run. */
  laneOf(slot: number): Lane | undefined {
    return this.#byCode.get(this.#codes()[slot] ?? -1)
  }

  #placeIfLong(lane: Lane, slot: number): void {
    const lasts = this.store.end(slot, 0) - (this.store.start[slot] as number)
    if (lasts >= BAR_MIN_PX * 2 ** this.#octave) lane.place(lane.indexOf(slot))
  }

  #rebuild(): void {
    this.#stale = false
    this.#byCode.clear()
    this.touched.clear()
    this.lanes = []
    if (this.#cells) this.#rebuildTold(this.#cells)
    else this.#gather()
    for (const lane of this.lanes) lane.settle()
    this.#order()
  }

  #gather(): void {
    const codes = this.#codes()
    const { store, options } = this
    const admitsAll = Object.keys(options.filter).length === 0
    // A run without a worker has number 0, also where no worker is known.
    const sizes = sizesOf(codes, store.length, Math.max(1, store[`${options.groupBy}s`].all.length))
    const lanes: (Lane | undefined)[] = []
    for (let slot = 0; slot < store.length; slot++) {
      if (!admitsAll && !this.#admits(slot)) continue
      const code = codes[slot] as number
      const lane = (lanes[code] ??= this.#roomy(slot, sizes[code] as number))
      lane.push(slot)
    }
  }

  /** The lane of a run, made with room for as many as it may get: growing under them would cost more than all else. */
  #roomy(slot: number, size: number): Lane {
    const lane = this.#lane(slot)
    lane.reserve(Math.ceil(size * SPARE))
    return lane
  }

  #rebuildTold(cells: TimelineCells): void {
    const { text, lanes } = this.options.filter
    for (const [queue, told] of toldByQueue(cells)) {
      if ((lanes && !lanes.labels.includes(queue)) || (text && !queue.includes(text))) continue
      const lane = new Lane(this.store, this.store.queues.code(queue), queue)
      lane.told = told
      lane.states[FAILED] = told.dead
      lane.states[RETRYING] = told.troubled - told.dead
      this.#byCode.set(lane.code, lane)
      this.lanes.push(lane)
    }
  }

  #order(): void {
    const { order, pinned } = this.options
    const pin = (lane: Lane): number => (pinned.includes(lane.label) ? 0 : 1)
    this.lanes.sort((one, other) => pin(one) - pin(other) || comparing[order](one, other))
  }

  #pack(octave: number, now: number): void {
    this.#octave = octave
    this.version++
    for (const lane of this.lanes) lane.pack(BAR_MIN_PX * 2 ** octave, now)
  }

  #place(): void {
    let top = 0
    let moved = false
    for (const lane of this.lanes) {
      const height = this.barTop + this.barsHeight(lane) + PAD
      moved ||= lane.top !== top || lane.height !== height
      lane.top = top
      lane.height = height
      top += height
    }
    this.height = top
    if (moved) this.version++
  }

  #lane(slot: number): Lane {
    const code = this.#codes()[slot] as number
    const known = this.#byCode.get(code)
    if (known) return known
    const lane = new Lane(this.store, code, laneLabel(this.store, this.options.groupBy, code))
    this.#byCode.set(code, lane)
    this.lanes.push(lane)
    return lane
  }

  #codes(): Uint32Array {
    return this.store[this.options.groupBy]
  }

  #admits(slot: number): boolean {
    return matches(this.store, slot, this.options.filter)
  }
}
