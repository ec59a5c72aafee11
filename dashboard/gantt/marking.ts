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

/** Where it is marked, and who hears of it. */
export interface Ground {
  view: () => View
  /** How far below the top of the first lane a height of the visible plot lies. */
  down: (y: number) => number
  changed: () => void
  tell: (area: Area | undefined) => void
}

export class Marking {
  readonly #layout: Layout
  readonly #ground: Ground
  #began: (Point & { time: number }) | undefined
  #time: TimeWindow | undefined
  /** Codes of lanes, so that the mark stays on them when they move; undefined for all. */
  #codes: ReadonlySet<number> | undefined

  constructor(layout: Layout, ground: Ground) {
    this.#layout = layout
    this.#ground = ground
  }

  /** Begins at a point of the visible plot. */
  begin(x: number, y: number): void {
    this.#began = { x, y: this.#ground.down(y), time: lineOf(this.#ground.view()).time(x) }
  }

  /** Reaches from where it began to here; the page hears of it when it is over. */
  to(x: number, y: number, isOver = false): void {
    if (!this.#began) return
    const view = this.#ground.view()
    const time = lineOf(view).time(Math.min(view.width, Math.max(0, x)))
    const down = this.#ground.down(y)
    const [top, bottom] = [Math.min(this.#began.y, down), Math.max(this.#began.y, down)]
    this.#time = { from: Math.min(time, this.#began.time), to: Math.max(time, this.#began.time) }
    const lanes = this.#layout.lanes.filter((lane) => lane.top < bottom && lane.top + lane.height > top)
    this.#codes = new Set(lanes.map(({ code }) => code))
    if (isOver) this.#ground.tell(this.area)
    this.#ground.changed()
  }

  /** Marks all that is in view, or nothing where something is marked. */
  all(): void {
    if (this.#time) return this.clear()
    this.#time = this.#ground.view().window
    this.#ground.tell(this.area)
    this.#ground.changed()
  }

  clear(): void {
    this.#time = this.#codes = this.#began = undefined
    this.#ground.tell(undefined)
    this.#ground.changed()
  }

  /** What is marked. */
  get area(): Area | undefined {
    if (!this.#time) return undefined
    const lanes = this.#lanes()
    return { ...this.#time, lanes: lanes.map(({ label }) => label), isAll: lanes.length === this.#layout.lanes.length }
  }

  /** Where it lies, from the top of the first lane. */
  box(): Box | undefined {
    const view = this.#ground.view()
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
