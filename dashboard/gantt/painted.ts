// What is on the canvas, so that only what is another is drawn: one lane where runs came, everything where time moved on.
import type { Lane } from './lane.ts'
import type { Fonts, Pen } from './ops.ts'
import { Painter } from './paint.ts'
import { isSame, type Scene } from './scene.ts'

/** More lanes than this are drawn together with all others. */
const APART_MAX = 6

/** What it needs of a stage. */
interface Canvas {
  readonly pen: Pen
  readonly inks: readonly string[]
  readonly fonts: Fonts
  /** Says whether the canvas was emptied. */
  begin(width: number, height: number): boolean
  /** Draws in a strip only. */
  within(top: number, height: number, draw: () => void): void
}

export class PaintedChart {
  readonly #painter = new Painter()
  #scene: Scene | undefined
  #version = NaN

  /** Has everything drawn next, as when colours or fonts are others. */
  forget(): void {
    this.#scene = undefined
  }

  /** Makes the canvas show a scene. */
  draw(canvas: Canvas, scene: Scene): void {
    const { layout, view, height } = scene
    const isEmpty = canvas.begin(view.width, height)
    const isOther = !this.#scene || !isSame(this.#scene, scene) || this.#version !== layout.version
    if (isEmpty || isOther || layout.touched.size > APART_MAX) this.#replay(canvas, scene)
    else for (const lane of layout.touched) this.#lane(canvas, scene, lane)
    layout.touched.clear()
    this.#scene = scene
    this.#version = layout.version
  }

  /** One lane in its strip, below the axis that may hide a part of it. */
  #lane(canvas: Canvas, scene: Scene, lane: Lane): void {
    const top = Math.max(scene.axis, scene.axis + lane.top - scene.scrollTop)
    const bottom = Math.min(scene.height, scene.axis + lane.top + lane.height - scene.scrollTop)
    if (top < bottom) canvas.within(top, bottom - top, () => this.#replay(canvas, scene, lane))
  }

  #replay(canvas: Canvas, scene: Scene, only?: Lane): void {
    this.#painter.paint(scene, only)
    this.#painter.replay(canvas.pen, canvas.inks, canvas.fonts)
  }
}
