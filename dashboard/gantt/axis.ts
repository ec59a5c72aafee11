// What stands still while runs come: the surface, the grid, folds, and over all runs the axis with its times and the line of now.
import { duration } from '../ui/format.ts'
import { FOLD_PX } from './folds.ts'
import { ink } from './ink.ts'
import type { Layers } from './layers.ts'
import { HATCH, RECT } from './ops.ts'
import { DAY, tickStep, ticks } from './scale.ts'
import { AXIS_FONT, LABEL_FONT, type Drawing } from './scene.ts'
import { timeOf, type Precision } from './times.ts'

export class Axis {
  readonly #layers: Layers
  /** The ticks of a view, which many drawings share. */
  #view: Drawing['view'] | undefined
  #zone = ''
  #ticks: number[] = []
  #step = 1

  constructor(layers: Layers) {
    this.#layers = layers
  }

  paint(scene: Drawing): void {
    this.#layers.back.shape(RECT, ink.surface, 0, 0, scene.view.width, scene.height)
    // Lanes are scrolled away under the axis.
    if (scene.axis > 0) this.#layers.top.shape(RECT, ink.surface, 0, 0, scene.view.width, scene.axis)
    this.#grid(scene)
    this.#folds(scene)
    this.#now(scene)
  }

  #grid(scene: Drawing): void {
    const { line } = scene
    this.#choose(scene)
    // An empty field under the last lane stays empty.
    const reach = Math.min(scene.height - scene.axis, scene.layout.height - scene.scrollTop)
    for (const time of this.#ticks) {
      // Within a fold time stands still, and ticks would stand on each other.
      if (line.folds.some((fold) => time > fold.from && time < fold.to)) continue
      const x = Math.round(line.x(time))
      this.#layers.back.shape(RECT, ink.line, x, scene.axis, 1, reach)
      if (scene.axis > 0) this.#tick(scene, time, x)
    }
  }

  #choose({ view, zone, line }: Drawing): void {
    if (this.#view === view && this.#zone === zone) return
    this.#view = view
    this.#zone = zone
    this.#step = tickStep(line.scale)
    this.#ticks = ticks(view.window, this.#step, zone)
  }

  #tick(scene: Drawing, time: number, x: number): void {
    const text = timeOf(time, scene.zone, precisionOf(this.#step))
    if (x + 8 + text.length * 7.5 * scene.layout.options.scale < scene.view.width)
      this.#layers.top.text(text, AXIS_FONT, ink.text3, x + 4, scene.axis / 2 + 1)
  }

  /** A torn strip where time was cut, with how much of it. */
  #folds(scene: Drawing): void {
    const { line } = scene
    const { back } = this.#layers
    const reach = Math.min(scene.height - scene.axis, scene.layout.height - scene.scrollTop)
    for (const { from, to } of line.folds) {
      const x = Math.round(line.x(from))
      back.shape(HATCH, ink.line, x, scene.axis, FOLD_PX, reach)
      back.shape(RECT, ink.text3, x, scene.axis, 1, reach)
      back.shape(RECT, ink.text3, x + FOLD_PX - 1, scene.axis, 1, reach)
      this.#fold(scene, duration(to - from < 10_000 ? to - from : Math.round((to - from) / 1000) * 1000), x)
    }
  }

  #fold(scene: Drawing, text: string, x: number): void {
    if (scene.axis === 0) return
    const { top } = this.#layers
    const width = scene.measure(text)
    const left = x + (FOLD_PX - width) / 2
    top.shape(RECT, ink.surface, left - 3, 3, width + 6, scene.axis - 5)
    top.text(text, LABEL_FONT, ink.text2, left, scene.axis / 2 + 1)
  }

  #now(scene: Drawing): void {
    const { width, now } = scene.view
    const x = scene.line.x(now)
    if (x < 0 || x > width || scene.layout.height === 0) return
    const top = Math.max(0, scene.axis - 6)
    const bottom = Math.min(scene.height, scene.axis + scene.layout.height - scene.scrollTop)
    this.#layers.top.shape(RECT, ink.accent, x, top, 1.5, bottom - top)
  }
}

const precisionOf = (step: number): Precision =>
  step < 100 ? 'milli' : step < 1000 ? 'tenth' : step < 60_000 ? 'second' : step < DAY ? 'minute' : 'day'
