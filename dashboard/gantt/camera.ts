// Which stretch of time is in view, whether it follows now, and what the page is told of it.
import type { View } from './hit.ts'
import { Line, lineOf, type Fold } from './folds.ts'
import { following } from './live.ts'
import { pan, zoomAt, type TimeWindow } from './scale.ts'
import type { ChartEvents } from './shown.ts'
import { Steps } from './steps.ts'

const TELL_EVERY_MS = 1000

export class Camera {
  readonly #events: Pick<ChartEvents, 'window' | 'follow'>
  #told: TimeWindow | undefined
  #toldAt = 0
  view: View
  readonly steps = new Steps()
  /** Keeps now in view. */
  follow = false
  /** Time passes at the next step, however short it was. */
  #isDue = true

  constructor(events: Pick<ChartEvents, 'window' | 'follow'>, now: number) {
    this.#events = events
    this.view = { window: { from: now - 900_000, to: now }, width: 1, now }
  }

  /** Time per pixel. */
  get scale(): number {
    return lineOf(this.view).scale
  }

  /** Takes the window the page asks for; an echo of what was told changes nothing. Says whether it is another. */
  set(window: TimeWindow): boolean {
    if (same(window, this.#told) || same(window, this.view.window)) return false
    this.#told = window
    this.#look({ window })
    // One that follows has now at its place in the next frame, and not only once time has passed.
    this.#isDue = true
    return true
  }

  widen(width: number): void {
    this.#look({ width: Math.max(1, width) })
  }

  /** Says whether that is a change. */
  setFollow(follow: boolean): boolean {
    if (follow === this.follow) return false
    this.follow = follow
    this.#isDue = true
    this.#events.follow(follow)
    return true
  }

  /** Goes to a window and tells. */
  goTo(window: TimeWindow, at: number): void {
    this.steps.leave(this.view.window, at)
    this.#show(window)
  }

  /** Goes back to a window that was left, or forward again. Says whether there was one. */
  step(by: 1 | -1): boolean {
    const next = this.steps.go(by, this.view.window)
    if (next) this.#show(next)
    return next !== undefined
  }

  /** Folds these stretches of the window. */
  fold(folds: readonly Fold[]): void {
    if (folds.length === 0 && !this.view.line) return
    this.view = { ...this.view, line: new Line(this.view.window, this.view.width, folds) }
  }

  zoomed(factor: number, x: number): TimeWindow {
    const { window, now } = this.view
    return zoomAt(window, factor, this.follow ? now : lineOf(this.view).time(x))
  }

  /** Around a time, or the edge of the window nearest to it. */
  zoomedAt(factor: number, time: number): TimeWindow {
    const { window } = this.view
    return zoomAt(window, factor, Math.min(window.to, Math.max(window.from, time)))
  }

  panned(px: number): TimeWindow {
    return pan(this.view.window, px * this.scale)
  }

  /** Lets time pass. The view stays the very same where less than `leastMs` went by: nothing would look different. */
  advance(now: number, leastMs = 0): void {
    if (!this.#isDue && now - this.view.now < leastMs) return
    this.#isDue = false
    const window = this.follow ? following(this.view.window, now) : this.view.window
    this.#look({ now, window })
    if (this.follow && now - this.#toldAt > TELL_EVERY_MS) this.#tell()
  }

  #show(window: TimeWindow): void {
    this.#look({ window })
    this.#tell()
  }

  /** Where time is folded in another window is worked out anew. */
  #look(changes: Partial<View>): void {
    this.view = { ...this.view, ...changes, line: undefined }
  }

  #tell(): void {
    this.#told = this.view.window
    this.#toldAt = this.view.now
    this.#events.window(this.#told)
  }
}

const same = (one: TimeWindow, other: TimeWindow | undefined): boolean =>
  one.from === other?.from && one.to === other.to
