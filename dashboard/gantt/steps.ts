// Where one has been: windows to go back to and forward again.
import type { TimeWindow } from './scale.ts'

/** What follows so soon is part of the same move: a wheel turns in many events. */
const SAME_MOVE_MS = 700
const KEPT = 50

export class Steps {
  readonly #past: TimeWindow[] = []
  #future: TimeWindow[] = []
  #movedAt = -Infinity

  /** Takes note that a window is left for another. */
  leave(window: TimeWindow, at: number): void {
    if (at - this.#movedAt > SAME_MOVE_MS) {
      this.#past.push(window)
      if (this.#past.length > KEPT) this.#past.shift()
      this.#future = []
    }
    this.#movedAt = at
  }

  /** The window to go to, from the one that is shown; undefined where there is none. */
  go(by: 1 | -1, from: TimeWindow): TimeWindow | undefined {
    const next = by < 0 ? this.#past.pop() : this.#future.pop()
    if (next) (by < 0 ? this.#future : this.#past).push(from)
    this.#movedAt = -Infinity
    return next
  }

  get back(): TimeWindow | undefined {
    return this.#past.at(-1)
  }
  get forward(): TimeWindow | undefined {
    return this.#future.at(-1)
  }
}
