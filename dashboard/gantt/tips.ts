// The one tooltip of a chart: what it tells of, where it points, and whether it stays.
import type { Box, Target } from './hit.ts'
import type { Tip } from './shown.ts'

export class Tips {
  readonly #boxOf: (target: Target) => Box
  /** What is shown; undefined for nothing. */
  shown: Tip | undefined

  /** `boxOf` answers a target's place in the visible plot. */
  constructor(boxOf: (target: Target) => Box) {
    this.#boxOf = boxOf
  }

  /** Shows a target, or nothing; a pinned tip stays. Says whether something changed. */
  show(target: Target | undefined): boolean {
    if (this.shown?.pinned || (!target && !this.shown)) return false
    this.shown = target && this.#tip(target, false)
    return true
  }

  /** Lets it go, pinned or not. Says whether there was one. */
  hide(): boolean {
    const had = this.shown !== undefined
    this.shown = undefined
    return had
  }

  pin(target: Target): void {
    this.shown = this.#tip(target, true)
  }

  /** Keeps it beside its target after the lanes or the window moved. */
  follow(): void {
    if (this.shown) this.shown = this.#tip(this.shown.target, this.shown.pinned)
  }

  #tip(target: Target, pinned: boolean): Tip {
    return { target, box: this.#boxOf(target), pinned }
  }
}
