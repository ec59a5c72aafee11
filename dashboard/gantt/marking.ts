// The stretch that is being marked on the chart: which time, and which lanes.
import type { Area } from './area.ts'
import { lineOf } from './folds.ts'
import type { Box, View } from './hit.ts'
import type { Lane } from './lane.ts'
import type { Layout } from './layout.ts'
import type { TimeWindow } from './scale.ts'

interface Point {
  /** In the plot. */
  x: number
  /** From the top of the first lane. */
  y: number
}

export class Marking {
  readonly #layout: Layout
  #began: (Point & { time: number }) | undefined
  #time: TimeWindow | undefined
  /** Codes of lanes, so that the mark stays on them when they move; undefined for all. */
  #codes: ReadonlySet<number> | undefined

  constructor(layout: Layout) {
    this.#layout = layout
  }

  begin(view: View, at: Point): void {
    this.#began = { ...at, time: lineOf(view).time(at.x) }
  }

  /** The mark reaches from where it began to here. */
  to(view: View, { x, y }: Point): void {
    if (!this.#began) return
    const time = lineOf(view).time(Math.min(view.width, Math.max(0, x)))
    const [top, bottom] = [Math.min(this.#began.y, y), Math.max(this.#began.y, y)]
    this.#time = { from: Math.min(time, this.#began.time), to: Math.max(time, this.#began.time) }
    const lanes = this.#layout.lanes.filter((lane) => lane.top < bottom && lane.top + lane.height > top)
    this.#codes = new Set(lanes.map(({ code }) => code))
  }

  /** Marks a whole window. */
  all(window: TimeWindow): void {
    this.#time = window
    this.#codes = undefined
  }

  clear(): void {
    this.#time = this.#codes = this.#began = undefined
  }

  get area(): Area | undefined {
    if (!this.#time) return undefined
    const lanes = this.#lanes()
    return { ...this.#time, lanes: lanes.map(({ label }) => label), isAll: lanes.length === this.#layout.lanes.length }
  }

  /** Where it lies, from the top of the first lane. */
  box(view: View): Box | undefined {
    const lanes = this.#time ? this.#lanes() : []
    const [first, last] = [lanes[0], lanes.at(-1)]
    if (!this.#time || !first || !last) return undefined
    const line = lineOf(view)
    const left = Math.max(-2, line.x(this.#time.from))
    const right = Math.min(view.width + 2, line.x(this.#time.to))
    return { left, top: first.top, width: Math.max(0, right - left), height: last.top + last.height - first.top }
  }

  #lanes(): Lane[] {
    return this.#layout.lanes.filter(({ code }) => this.#codes?.has(code) ?? true)
  }
}
