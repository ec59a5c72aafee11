// What pointers and the wheel do to a chart; all of it can be done by keys and buttons as well.
import { Gestures, wheelMove } from './gestures.ts'
import type { Chart } from './gantt.svelte.ts'
import type { Target } from './hit.ts'

const HIDE_AFTER_MS = 120

/** Where the chart is in the page. */
export interface Ground {
  canvas(): HTMLElement | undefined
  scroller(): HTMLElement | undefined
}

export class Pointing {
  readonly #chart: Chart
  readonly #ground: Ground
  readonly #gestures = new Gestures()
  #marks: number | undefined
  /** A plain drag marks instead of panning. */
  isMarking = false
  /** The plain wheel zooms. */
  isClassic = false
  #hiding: ReturnType<typeof setTimeout> | undefined

  constructor(chart: Chart, ground: Ground) {
    this.#chart = chart
    this.#ground = ground
  }

  readonly down = (event: PointerEvent): void => {
    const { x, y } = this.#place(event)
    if (event.button !== 0 || x < 0) return
    if (event.altKey || this.isMarking) {
      this.#marks = event.pointerId
      this.#chart.hideTip()
      this.#chart.marking.begin(x, y)
      this.#ground.scroller()?.setPointerCapture(event.pointerId)
    } else this.#gestures.start(event.pointerId, x, y)
  }

  readonly move = (event: PointerEvent): void => {
    const { x, y } = this.#place(event)
    if (this.#marks === event.pointerId) return this.#chart.marking.to(x, y)
    const move = this.#gestures.move(event.pointerId, x, y, event.pointerType === 'mouse')
    if (!move) return this.#point(event)
    const scroller = this.#ground.scroller()
    scroller?.setPointerCapture(event.pointerId)
    this.#chart.hideTip()
    if (move.zoom !== 1) this.#chart.zoom(move.zoom, move.x)
    this.#chart.panBy(move.pan)
    if (scroller && move.scroll !== 0) scroller.scrollTop += move.scroll
  }

  readonly up = (event: PointerEvent): void => {
    if (this.#marks === event.pointerId) {
      const { x, y } = this.#place(event)
      this.#marks = undefined
      return this.#chart.marking.to(x, y, true)
    }
    if (!this.#gestures.end(event.pointerId)) return
    const target = this.#targetAt(event)
    if (target?.kind === 'run') this.#chart.choose(target, 'select')
    else if (target && event.pointerType === 'touch') this.#chart.showTip(target)
  }

  readonly cancel = (event: PointerEvent): void => {
    if (this.#marks === event.pointerId) this.#chart.marking.clear()
    this.#marks = undefined
    this.#gestures.end(event.pointerId)
  }

  readonly wheel = (event: WheelEvent): void => {
    const move = wheelMove(event, this.isClassic)
    if (!move) return
    event.preventDefault()
    if ('zoom' in move) this.#chart.zoom(move.zoom, this.#place(event).x)
    else this.#chart.panBy(move.pan)
  }

  readonly twice = (event: MouseEvent): void => {
    const target = this.#targetAt(event)
    if (target) this.#chart.fitTo(target)
    else this.#chart.fitAll()
  }

  /** The tooltip stays: the pointer is on it or on what it tells of. */
  readonly stay = (): void => clearTimeout(this.#hiding)

  /** The tooltip goes soon, unless the pointer comes back. */
  readonly leave = (): void => {
    this.stay()
    this.#hiding = setTimeout(() => !this.#chart.shown.tip?.pinned && this.#chart.hideTip(), HIDE_AFTER_MS)
  }

  #point(event: PointerEvent): void {
    if (event.pointerType === 'touch' || this.#gestures.active) return
    const target = this.#targetAt(event)
    if (!target) return this.leave()
    this.stay()
    this.#chart.showTip(target)
  }

  #place(event: MouseEvent): { x: number; y: number } {
    const box = this.#ground.canvas()?.getBoundingClientRect()
    return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) }
  }

  #targetAt(event: MouseEvent): Target | undefined {
    const { x, y } = this.#place(event)
    return x < 0 ? undefined : this.#chart.at(x, y)
  }
}
