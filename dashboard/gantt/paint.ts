// From the model to drawing operations: grid, cells, bars with their marks, failure feet, and the axis.
import { edgeOf, fillOf, ink, labelOn, shadeOf, type ColorBy } from './ink.ts'
import type { Lane } from './lane.ts'
import { BAR_MIN_PX, type Layout } from './layout.ts'
import { CELL_PX, Cells, footHeight } from './lod.ts'
import type { Told } from './told.ts'
import { blankBar, body, CAP_PX, ending, frame, held, THIN_PX, urgency, type Bar } from './marks.ts'
import { DASHES, DOTS, HATCH, Ops, RECT, type Fonts, type Pen } from './ops.ts'
import { FOLD_PX, lineOf } from './folds.ts'
import { DAY, tickStep, ticks } from './scale.ts'
import { CANCELLED, FAILED, HELD, RETRYING, STALLED } from './spans.ts'
import { duration } from '../ui/format.ts'
import { timeOf, type Precision } from './times.ts'
import type { View } from './hit.ts'

/** All that decides what a frame looks like. */
export interface Scene {
  layout: Layout
  view: View
  /** Of the drawing, in pixels, with the axis. */
  height: number
  /** How far the lanes are scrolled up. */
  scrollTop: number
  /** The height of the axis, 0 for none. */
  axis: number
  colorBy: ColorBy
  zone: string
  /** The width of a text in the label font, in pixels. */
  measure: (text: string) => number
  /** The slot of the run that is framed, or -1. */
  selected: number
}

export const AXIS_PX = 26
const LABEL_FONT = 0
const AXIS_FONT = 1
const TICKS_FROM_PX = 34
const LABEL_FROM_PX = 60
const LABEL_PAD_PX = 6
/** Bars are cut this far outside the plot, so that their ends are not seen. */
const OFF_PX = 8

/** Draws scenes. One painter serves one chart; nothing is allocated for a bar, only for the few labels. */
export class Painter {
  readonly #cells = new Cells()
  readonly #back = new Ops()
  readonly #middle = new Ops()
  readonly #front = new Ops()
  readonly #bar = blankBar()
  readonly #labels = new Map<number, string>()

  /** Works out all operations of a scene. */
  paint(scene: Scene): void {
    this.#back.clear()
    this.#middle.clear()
    this.#front.clear()
    this.#back.shape(RECT, ink.surface, 0, 0, scene.view.width, scene.height)
    this.#grid(scene)
    this.#folds(scene)
    this.#lanes(scene)
    this.#now(scene)
  }

  /** Draws what `paint` worked out. */
  replay(pen: Pen, inks: readonly string[], fonts: Fonts): void {
    this.#back.replay(pen, inks, fonts)
    this.#middle.replay(pen, inks, fonts)
    this.#front.replay(pen, inks, fonts)
  }

  #lanes(scene: Scene): void {
    const { layout, view } = scene
    const line = lineOf(view)
    this.#cells.open(view.window.from, line.shown(view.window.to), line.scale)
    const bottom = scene.scrollTop + scene.height - scene.axis
    for (let at = layout.firstBelow(scene.scrollTop); at < layout.lanes.length; at++) {
      const lane = layout.lanes[at] as Lane
      if (lane.top >= bottom) return
      this.#lane(scene, lane, scene.axis + lane.top - scene.scrollTop)
    }
  }

  #lane(scene: Scene, lane: Lane, y: number): void {
    const { from, to } = scene.view.window
    this.#back.shape(RECT, ink.line, 0, y + lane.height - 1, scene.view.width, 1)
    this.#cells.clear()
    if (lane.told) this.#told(scene, lane.told)
    const first = lane.firstAt(from)
    this.#earlier(scene, lane, y, first)
    this.#runs(scene, lane, y, first, lane.firstFrom(to + Math.min(lane.maxWait, to - from)))
    if (!this.#cells.used) return
    this.#shades(scene, lane, y)
    this.#feet(scene, lane, y)
  }

  /** What the server counted, as cells. */
  #told(scene: Scene, told: Told): void {
    const { from, to } = scene.view.window
    const line = lineOf(scene.view)
    for (let cell = told.from(from); cell < told.at.length; cell++) {
      const at = told.at[cell] as number
      if (at >= to) return
      const [all = 0, failed = 0, retrying = 0] = [told.all[cell], told.failed[cell], told.retrying[cell]]
      this.#cells.tell(line.shown(at), line.shown(at + told.step), { all, failed, retrying, share: all / told.most })
    }
  }

  /** What started long ago and still goes on. */
  #earlier(scene: Scene, lane: Lane, y: number, first: number): void {
    for (let which = 0; which < lane.running.length; which++) {
      const at = lane.indexOf(lane.running[which] as number)
      if (at >= 0 && at < first) this.#runs(scene, lane, y, at, at + 1)
    }
  }

  /** The one loop that sees every run in the window: most only add to a cell. */
  #runs(scene: Scene, lane: Lane, y: number, first: number, last: number): void {
    const { rows, starts, runs, outcomes } = lane
    const { maxRows } = scene.layout.options
    const { window, now } = scene.view
    const { from, to } = window
    const line = lineOf(scene.view)
    const isFolded = line.folds.length > 0
    const barMs = BAR_MIN_PX * line.scale
    for (let at = first; at < last; at++) {
      const start = starts[at] as number
      const run = runs[at] as number
      const end = run < 0 ? Math.max(now, start) : start + run
      if (end - start >= barMs && (rows[at] as number) < maxRows) this.#run(scene, lane, y, at)
      else if (end >= from && start < to)
        this.#cells.add(isFolded ? line.shown(start) : start, isFolded ? line.shown(end) : end, outcomes[at] as number)
      if (end - start < barMs && (outcomes[at] === RETRYING || outcomes[at] === HELD)) this.#after(scene, lane, y, at)
    }
  }

  /** What came after an attempt too short to be drawn: the wait for the next one can be long. */
  #after(scene: Scene, lane: Lane, y: number, at: number): void {
    const bar = this.#take(scene, lane, y, at)
    bar.top = y + scene.layout.barTop
    this.#backoff(scene, bar)
  }

  #run(scene: Scene, lane: Lane, y: number, at: number): void {
    const bar = this.#take(scene, lane, y, at)
    const { window, width } = scene.view
    const { scale } = lineOf(scene.view)
    const cells = this.#cells
    cells.cover(
      lane.rows[at] as number,
      cells.cellOf(window.from + bar.left * scale),
      cells.cellOf(window.from + bar.right * scale),
    )
    this.#wait(scene, bar)
    if (bar.left < width && bar.right > 0) this.#mark(scene, bar)
    this.#backoff(scene, bar)
  }

  /** Reads a run into the bar that is drawn next. */
  #take(scene: Scene, lane: Lane, y: number, at: number): Bar {
    const { layout, view, colorBy } = scene
    const { store } = layout
    const line = lineOf(view)
    const bar = this.#bar
    const start = lane.starts[at] as number
    const run = lane.runs[at] as number
    bar.slot = lane.slots[at] as number
    bar.state = lane.outcomes[at] as number
    bar.priority = store.priority[bar.slot] as number
    bar.fill = fillOf(colorBy, bar.priority, bar.state, store.attempt[bar.slot] as number, store.service[bar.slot])
    bar.isOpen = run < 0 || bar.state === CANCELLED
    bar.left = line.x(start)
    bar.right = line.x(run < 0 ? Math.max(view.now, start) : start + run)
    bar.from = Math.max(-OFF_PX, bar.left)
    bar.to = Math.min(view.width + OFF_PX, bar.right)
    bar.top = y + layout.barTop + (lane.rows[at] as number) * layout.pitch(lane)
    bar.height = layout.barHeight(lane)
    return bar
  }

  #wait(scene: Scene, bar: Bar): void {
    const { layout, view } = scene
    const start = layout.store.start[bar.slot] as number
    const from = Math.max(0, lineOf(view).x(start - (layout.store.wait[bar.slot] as number)))
    const width = Math.min(bar.left, view.width) - from
    if (width < 1) return
    this.#middle.shape(RECT, shadeOf(bar.fill, 1), from, bar.top + (bar.height - THIN_PX) / 2, width, THIN_PX)
  }

  #backoff(scene: Scene, bar: Bar): void {
    const { layout, view } = scene
    const backoff = layout.store.backoff[bar.slot] as number
    if (backoff <= 0 || (layout.store.run[bar.slot] as number) < 0) return
    const from = Math.max(0, bar.right)
    const until = layout.store.end(bar.slot, view.now) + backoff
    const width = Math.min(view.width, lineOf(view).x(until)) - from
    if (width <= CAP_PX) return
    if (bar.state === HELD) return this.#held(bar, from, width)
    this.#middle.shape(DASHES, ink['edge-retrying'], from, bar.top + bar.height / 2 - 1, width, 2)
  }

  /** Held back by a breaker or a limit until its next attempt. */
  #held(bar: Bar, from: number, width: number): void {
    const y = bar.top + (bar.height - THIN_PX) / 2
    this.#middle.shape(RECT, shadeOf(ink['fill-held'], 1), from, y, width, THIN_PX)
    this.#middle.shape(DOTS, ink['edge-held'], from, y + 1, width, 2)
  }

  #mark(scene: Scene, bar: Bar): void {
    if (bar.state === HELD) return held(this.#front, bar)
    const width = bar.to - bar.from
    body(this.#front, bar)
    if (bar.right <= bar.to) ending(this.#front, bar)
    if (bar.slot === scene.selected) frame(this.#front, bar)
    if (width >= TICKS_FROM_PX && bar.left >= 0) urgency(this.#front, bar)
    if (width >= LABEL_FROM_PX) this.#label(scene, bar)
  }

  #label(scene: Scene, bar: Bar): void {
    const { store, options } = scene.layout
    if (bar.height < 14 * options.scale || bar.state === STALLED) return
    const marks = bar.left < 0 ? 0 : bar.priority * 4
    const right = bar.state === FAILED ? bar.to - 60 : bar.to - LABEL_PAD_PX - CAP_PX
    const left = Math.max(0, bar.left) + LABEL_PAD_PX + (marks > 0 ? marks + 4 : 0)
    const duration = this.#duration(store.end(bar.slot, scene.view.now) - (store.start[bar.slot] as number))
    const full = `${store.names.text(store.name[bar.slot] as number)} · ${duration}`
    const text = left + scene.measure(full) <= right ? full : duration
    if (left + scene.measure(text) > right) return
    this.#front.text(text, LABEL_FONT, labelOn(bar.fill), left, bar.top + bar.height / 2 + 0.5)
  }

  /** Durations repeat from frame to frame, so their texts are kept. */
  #duration(ms: number): string {
    const key = ms < 10_000 ? Math.round(ms) : Math.round(ms / 1000) * 1000
    const known = this.#labels.get(key)
    if (known !== undefined) return known
    if (this.#labels.size > 4000) this.#labels.clear()
    const text = duration(key)
    this.#labels.set(key, text)
    return text
  }

  /** Cells next to each other that are equally busy, in the same sub-row, are one rectangle. */
  #shades(scene: Scene, lane: Lane, y: number): void {
    const cells = this.#cells
    const rows = scene.layout.shown(lane)
    const fill = laneFill(scene.colorBy, lane)
    for (let cell = 0, next = 0; cell < cells.count; cell = next) {
      const shade = cells.shade(cell)
      const row = cells.rowOf(cell, rows)
      for (next = cell + 1; next < cells.count && cells.shade(next) === shade && cells.rowOf(next, rows) === row;)
        next++
      if (shade > 0) this.#shade(scene, lane, y, row, shadeOf(fill, shade), cell, next)
    }
  }

  /** Where bars take all sub-rows, a thin strip before the lowest tells of the rest. */
  #shade(scene: Scene, lane: Lane, y: number, row: number, shade: number, cell: number, next: number): void {
    const x = this.#cellX(scene, cell)
    const width = this.#cellX(scene, next) - x
    const bottom = this.#rowBottom(scene, lane, y, row)
    if (row === scene.layout.shown(lane)) this.#front.shape(RECT, shade, x, bottom - 2, width, 3)
    else this.#back.shape(RECT, shade, x, bottom - scene.layout.barHeight(lane), width, scene.layout.barHeight(lane))
  }

  #rowBottom(scene: Scene, lane: Lane, y: number, row: number): number {
    const { layout } = scene
    const at = Math.min(row, layout.shown(lane) - 1)
    return y + layout.barTop + at * layout.pitch(lane) + layout.barHeight(lane)
  }

  /** What went wrong, from the sub-row's bottom: dead letters in red, below what failed for now. */
  #feet(scene: Scene, lane: Lane, y: number): void {
    const cells = this.#cells
    const rows = scene.layout.shown(lane)
    const height = scene.layout.barHeight(lane) + 4
    for (let cell = 0; cell < cells.count; cell++) {
      if (cells.troubled[cell] === 0) continue
      const bottom = this.#rowBottom(scene, lane, y, cells.rowOf(cell, rows)) + 2
      this.#feetOf(cell, this.#cellX(scene, cell), bottom, height)
    }
  }

  #feetOf(cell: number, x: number, bottom: number, height: number): void {
    const all = this.#cells.all[cell] as number
    const failed = this.#cells.failed[cell] as number
    const troubled = this.#cells.troubled[cell] as number
    const red = footHeight(failed, all, height)
    const both = Math.max(
      footHeight(troubled, all, height),
      troubled > failed && red > 0 ? Math.min(height, red + 3) : 0,
    )
    this.#front.shape(RECT, ink.surface, x - 0.5, bottom - both - 1, CELL_PX, both + 1)
    if (troubled > failed) this.#foot(ink['fill-retrying'], x, bottom, both)
    if (red > 0) this.#foot(ink['fill-failed'], x, bottom, Math.min(red, troubled > failed ? both - 3 : both))
  }

  #foot(fill: number, x: number, bottom: number, height: number): void {
    const edge = edgeOf(fill)
    this.#front.shape(RECT, edge, x, bottom - height, CELL_PX - 1, height)
    if (edge !== fill) this.#front.shape(RECT, fill, x + 1, bottom - height + 1, CELL_PX - 3, height - 2)
  }

  #cellX(scene: Scene, cell: number): number {
    return Math.round((this.#cells.timeOf(cell) - scene.view.window.from) / lineOf(scene.view).scale)
  }

  #grid(scene: Scene): void {
    const { window } = scene.view
    const line = lineOf(scene.view)
    const step = tickStep(line.scale)
    // An empty field under the last lane stays empty.
    const reach = Math.min(scene.height - scene.axis, scene.layout.height - scene.scrollTop)
    for (const time of ticks(window, step, scene.zone)) {
      // Within a fold time stands still, and ticks would stand on each other.
      if (line.folds.some((fold) => time > fold.from && time < fold.to)) continue
      const x = Math.round(line.x(time))
      this.#back.shape(RECT, ink.line, x, scene.axis, 1, reach)
      if (scene.axis > 0) this.#tick(scene, time, step, x)
    }
  }

  #tick(scene: Scene, time: number, step: number, x: number): void {
    const text = timeOf(time, scene.zone, precisionOf(step))
    if (x + 8 + text.length * 7.5 * scene.layout.options.scale < scene.view.width)
      this.#back.text(text, AXIS_FONT, ink.text3, x + 4, scene.axis / 2 + 1)
  }

  /** A torn strip where time was cut, with how much of it. */
  #folds(scene: Scene): void {
    const line = lineOf(scene.view)
    const reach = Math.min(scene.height - scene.axis, scene.layout.height - scene.scrollTop)
    for (const { from, to } of line.folds) {
      const x = Math.round(line.x(from))
      this.#back.shape(HATCH, ink.line, x, scene.axis, FOLD_PX, reach)
      this.#back.shape(RECT, ink.text3, x, scene.axis, 1, reach)
      this.#back.shape(RECT, ink.text3, x + FOLD_PX - 1, scene.axis, 1, reach)
      this.#fold(scene, this.#duration(to - from), x)
    }
  }

  #fold(scene: Scene, text: string, x: number): void {
    if (scene.axis === 0) return
    const width = scene.measure(text)
    const left = x + (FOLD_PX - width) / 2
    this.#middle.shape(RECT, ink.surface, left - 3, 3, width + 6, scene.axis - 5)
    this.#middle.text(text, LABEL_FONT, ink.text2, left, scene.axis / 2 + 1)
  }

  #now(scene: Scene): void {
    const { width, now } = scene.view
    const x = lineOf(scene.view).x(now)
    if (x < 0 || x > width || scene.layout.height === 0) return
    const top = Math.max(0, scene.axis - 6)
    const bottom = Math.min(scene.height, scene.axis + scene.layout.height - scene.scrollTop)
    this.#front.shape(RECT, ink.accent, x, top, 1.5, bottom - top)
  }
}

const precisionOf = (step: number): Precision =>
  step < 100 ? 'milli' : step < 1000 ? 'tenth' : step < 60_000 ? 'second' : step < DAY ? 'minute' : 'day'

/** The colour of a lane's cells: that of most of its runs. */
const laneFill = (colorBy: ColorBy, lane: Lane): number => {
  if (lane.told) return fillOf('priority', 1, 1, 1)
  if (colorBy === 'service') return fillOf('service', 0, 1, 1, lane.store.service[lane.slots[0] as number] ?? 0)
  if (colorBy !== 'priority') return fillOf(colorBy, 0, 1, 1)
  let most = 0
  for (let bin = 1; bin < 4; bin++) if ((lane.priorities[bin] as number) > (lane.priorities[most] as number)) most = bin
  return fillOf('priority', most, 1, 1)
}
