// From the model to drawing operations, for a whole scene or for one of its lanes.
import { Axis } from './axis.ts'
import { BarPainter } from './bars.ts'
import { CellPainter } from './cells.ts'
import { lineOf } from './folds.ts'
import { ink } from './ink.ts'
import type { Lane } from './lane.ts'
import { Layers } from './layers.ts'
import { BAR_MIN_PX } from './layout.ts'
import { Cells } from './lod.ts'
import { RECT, type Fonts, type Pen } from './ops.ts'
import type { Drawing, Scene } from './scene.ts'
import { HELD, RETRYING } from './spans.ts'

/** Draws scenes. One painter serves one chart; nothing is allocated for a bar, only for the few labels. */
export class Painter {
  readonly #layers = new Layers()
  readonly #cells = new Cells()
  readonly #axis = new Axis(this.#layers)
  readonly #bars = new BarPainter(this.#layers, this.#cells)
  readonly #cellPainter = new CellPainter(this.#layers, this.#cells)

  /** Works out all operations of a scene; those of one lane only, with what lies behind it and over it, to be drawn in its box. */
  paint(scene: Scene, only?: Lane): void {
    const drawing: Drawing = { ...scene, line: lineOf(scene.view) }
    this.#layers.clear()
    this.#axis.paint(drawing)
    this.#cells.open(scene.view.window.from, drawing.line.shown(scene.view.window.to), drawing.line.scale)
    if (only) this.#lane(drawing, only)
    else this.#lanes(drawing)
  }

  /** Draws what `paint` worked out. */
  replay(pen: Pen, inks: readonly string[], fonts: Fonts): void {
    this.#layers.replay(pen, inks, fonts)
  }

  #lanes(scene: Drawing): void {
    const { layout } = scene
    const bottom = scene.scrollTop + scene.height - scene.axis
    for (let at = layout.firstBelow(scene.scrollTop); at < layout.lanes.length; at++) {
      const lane = layout.lanes[at] as Lane
      if (lane.top >= bottom) return
      this.#lane(scene, lane)
    }
  }

  #lane(scene: Drawing, lane: Lane): void {
    const { from, to } = scene.view.window
    const y = scene.axis + lane.top - scene.scrollTop
    this.#layers.back.shape(RECT, ink.line, 0, y + lane.height - 1, scene.view.width, 1)
    this.#cells.clear()
    if (lane.told) this.#cellPainter.tell(scene, lane.told)
    const first = lane.firstAt(from)
    this.#earlier(scene, lane, y, first)
    this.#runs(scene, lane, y, first, lane.firstFrom(to + Math.min(lane.maxWait, to - from)))
    this.#cellPainter.paint(scene, lane, y)
  }

  /** What started long ago and still goes on. */
  #earlier(scene: Drawing, lane: Lane, y: number, first: number): void {
    for (let which = 0; which < lane.running.length; which++) {
      const at = lane.indexOf(lane.running[which] as number)
      if (at >= 0 && at < first) this.#runs(scene, lane, y, at, at + 1)
    }
  }

  /** Every run in the window: most only add to a cell. */
  #runs(scene: Drawing, lane: Lane, y: number, first: number, last: number): void {
    const { rows, runs, starts } = lane
    const { line, view, layout } = scene
    const minMs = BAR_MIN_PX * line.scale
    const { maxRows } = layout.options
    this.#cells.addAll(lane, first, last, { minMs, maxRows, now: view.now, line }, (at) => {
      const run = runs[at] as number
      const lasts = run < 0 ? view.now - (starts[at] as number) : run
      if (lasts < minMs) this.#after(scene, lane, y, at)
      else if ((rows[at] as number) < maxRows) this.#bars.paint(scene, lane, y, at)
    })
  }

  #after(scene: Drawing, lane: Lane, y: number, at: number): void {
    const outcome = lane.outcomes[at]
    if (outcome === RETRYING || outcome === HELD) this.#bars.after(scene, lane, y, at)
  }
}
