// When the chart draws: once a frame however often it is asked, and what is beside the canvas no more often than it can be read.
import type { View } from './hit.ts'

/** What only came over the stream is told to the DOM no more often than it can be read. */
const TELL_EVERY_MS = 100
/** Waits shorter than this are for the next frame. */
const FRAME_MS = 20

/** Asks the browser for one frame, at once or after a while. A hidden page gets none. */
export class Frames {
  #frame = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #draw: (waitedMs: number) => void

  /** `draw` is told how long the browser let it wait. */
  constructor(draw: (waitedMs: number) => void) {
    this.#draw = draw
  }

  request(): void {
    if (this.#frame !== 0 || document.hidden) return
    const asked = performance.now()
    this.#frame = requestAnimationFrame(() => this.#draw(performance.now() - asked))
  }

  /** Never, for an infinite time. */
  after(ms: number): void {
    if (ms < FRAME_MS) this.request()
    else if (ms < Infinity) this.#timer = setTimeout(() => this.request(), ms)
  }

  /** Takes back what was asked for. */
  stop(): void {
    cancelAnimationFrame(this.#frame)
    clearTimeout(this.#timer)
    this.#frame = 0
  }
}

/** Decides which frames are told to what is beside the canvas. */
export class Telling {
  #isAsked = true
  #at = 0
  #view: View | undefined
  #owes = false

  /** Something that is seen beside the canvas is another: the next frame tells it. */
  ask(): void {
    this.#isAsked = true
  }

  /** Whether a frame of this view is told; it has been then. */
  tells(view: View, at: number): boolean {
    this.#owes = !this.#isAsked && view === this.#view && at - this.#at < TELL_EVERY_MS
    if (this.#owes) return false
    this.#isAsked = false
    this.#at = at
    this.#view = view
    return true
  }

  /** Something of what was told is still to be brought up to date. */
  owe(): void {
    this.#owes = true
  }

  /** Ms until what was not told may be; infinite where all was. */
  dueIn(at: number): number {
    return this.#owes ? this.#at + TELL_EVERY_MS - at : Infinity
  }
}
