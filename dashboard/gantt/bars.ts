// Runs as bars: the time before and after each, its body, its marks and its label.
import { duration } from '../ui/format.ts'
import { fillOf, ink, labelOn, shadeOf } from './ink.ts'
import type { Lane } from './lane.ts'
import type { Layers } from './layers.ts'
import type { Cells } from './lod.ts'
import { blankBar, body, CAP_PX, ending, frame, held, THIN_PX, urgency, type Bar } from './marks.ts'
import { DASHES, RECT } from './ops.ts'
import { LABEL_FONT, type Drawing } from './scene.ts'
import { CANCELLED, FAILED, HELD, RETRYING, STALLED } from './spans.ts'

const TICKS_FROM_PX = 34
const LABEL_FROM_PX = 60
const LABEL_PAD_PX = 6
/** Bars are cut this far outside the plot, so that their ends are not seen. */
const OFF_PX = 8
const LABELS_MAX = 4000

export class BarPainter {
  readonly #layers: Layers
  readonly #cells: Cells
  readonly #bar = blankBar()
  readonly #labels = new Map<number, string>()

  constructor(layers: Layers, cells: Cells) {
    this.#layers = layers
    this.#cells = cells
  }

  /** The run at a place in its lane, which lies at `y`. */
  paint(scene: Drawing, lane: Lane, y: number, at: number): void {
    const bar = this.#take(scene, lane, y, at)
    const { width, window } = scene.view
    const { scale } = scene.line
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

  /** What came after an attempt too short to be drawn: the wait for the next one can be long. */
  after(scene: Drawing, lane: Lane, y: number, at: number): void {
    const backoff = scene.layout.store.backoff[lane.slots[at] as number] as number
    if (backoff <= CAP_PX * scene.line.scale) return
    const bar = this.#take(scene, lane, y, at)
    bar.top = y + scene.layout.barTop
    this.#backoff(scene, bar)
  }

  /** Reads a run into the bar that is drawn next. */
  #take(scene: Drawing, lane: Lane, y: number, at: number): Bar {
    const { layout, view, colorBy, line } = scene
    const { store } = layout
    const bar = this.#bar
    const start = lane.starts[at] as number
    const run = lane.runs[at] as number
    bar.slot = lane.slots[at] as number
    bar.start = start
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

  #wait({ layout, view, line }: Drawing, bar: Bar): void {
    const waited = layout.store.wait[bar.slot] as number
    const from = Math.max(0, line.x(bar.start - waited))
    const width = Math.min(bar.left, view.width) - from
    if (width < 1) return
    this.#layers.waits.shape(RECT, shadeOf(bar.fill, 1), from, bar.top + (bar.height - THIN_PX) / 2, width, THIN_PX)
  }

  #backoff({ layout, view, line }: Drawing, bar: Bar): void {
    if (bar.state !== RETRYING && bar.state !== HELD) return
    const backoff = layout.store.backoff[bar.slot] as number
    if (backoff <= 0 || (layout.store.run[bar.slot] as number) < 0) return
    const from = Math.max(0, bar.right)
    const until = layout.store.end(bar.slot, view.now) + backoff
    const width = Math.min(view.width, line.x(until)) - from
    if (width <= CAP_PX) return
    if (bar.state === HELD) {
      // Until its next attempt a breaker or a limit holds it back.
      bar.from = from
      bar.to = from + width
      held(this.#layers.afters, bar)
    } else this.#layers.afters.shape(DASHES, ink['edge-retrying'], from, bar.top + bar.height / 2 - 1, width, 2)
  }

  #mark(scene: Drawing, bar: Bar): void {
    const { edges, fills, strokes, front } = this.#layers
    if (bar.state === HELD) return held(front, bar)
    const width = bar.to - bar.from
    body(edges, fills, bar)
    if (bar.right <= bar.to) ending(front, bar)
    if (bar.slot === scene.selected) frame(front, bar)
    if (width >= TICKS_FROM_PX && bar.left >= 0) urgency(strokes, bar)
    if (width >= LABEL_FROM_PX) this.#label(scene, bar)
  }

  #label(scene: Drawing, bar: Bar): void {
    const { store, options } = scene.layout
    if (bar.height < 14 * options.scale || bar.state === STALLED) return
    const marks = bar.left < 0 ? 0 : bar.priority * 4
    const right = bar.state === FAILED ? bar.to - 60 : bar.to - LABEL_PAD_PX - CAP_PX
    const left = Math.max(0, bar.left) + LABEL_PAD_PX + (marks > 0 ? marks + 4 : 0)
    const lasted = this.#duration(store.end(bar.slot, scene.view.now) - (store.start[bar.slot] as number))
    const full = `${store.names.text(store.name[bar.slot] as number)} · ${lasted}`
    const text = left + scene.measure(full) <= right ? full : lasted
    if (left + scene.measure(text) > right) return
    this.#layers.front.text(text, LABEL_FONT, labelOn(bar.fill), left, bar.top + bar.height / 2 + 0.5)
  }

  /** Durations repeat from frame to frame, so their texts are kept. */
  #duration(ms: number): string {
    const key = ms < 10_000 ? Math.round(ms) : Math.round(ms / 1000) * 1000
    const known = this.#labels.get(key)
    if (known !== undefined) return known
    if (this.#labels.size > LABELS_MAX) this.#labels.clear()
    const text = duration(key)
    this.#labels.set(key, text)
    return text
  }
}
