// Time with its idle stretches folded: where nothing ran in any lane, the line of time is cut short.
import type { TimeWindow } from './scale.ts'

/** An idle stretch, drawn as wide as `FOLD_PX`. */
export interface Fold {
  from: number
  to: number
}

export const FOLD_PX = 48

/** A line of time. Without folds it is straight, and shown time is time; behind a fold shown time lags. */
export class Line {
  readonly window: TimeWindow
  readonly folds: readonly Fold[]
  /** Milliseconds per pixel where nothing is folded. */
  readonly scale: number
  readonly #cut: number[]

  constructor(window: TimeWindow, width: number, folds: readonly Fold[] = []) {
    const room = Math.max(1, width)
    const idle = folds.reduce((sum, { from, to }) => sum + to - from, 0)
    this.window = window
    this.folds = folds
    this.scale = (window.to - window.from - idle) / Math.max(1, room - folds.length * FOLD_PX)
    this.#cut = folds.map(({ from, to }) => to - from - FOLD_PX * this.scale)
  }

  /** Shown time: how late it would be if folds took only the time their width stands for. */
  shown(time: number): number {
    let shown = time
    for (let at = 0; at < this.folds.length; at++) {
      const { from, to } = this.folds[at] as Fold
      if (time <= from) break
      shown -= (this.#cut[at] as number) * Math.min(1, (time - from) / (to - from))
    }
    return shown
  }

  /** The time of a shown time. */
  real(shown: number): number {
    let time = shown
    for (let at = 0; at < this.folds.length; at++) {
      const { from } = this.folds[at] as Fold
      if (time <= from) break
      time += (this.#cut[at] as number) * Math.min(1, (time - from) / (FOLD_PX * this.scale))
    }
    return time
  }

  /** Where a time lies, in pixels. */
  x(time: number): number {
    return (this.shown(time) - this.window.from) / this.scale
  }

  /** The time that lies at a pixel. */
  time(x: number): number {
    return this.real(this.window.from + x * this.scale)
  }
}

interface Viewed {
  window: TimeWindow
  width: number
  line?: Line | undefined
}
let straight = new Line({ from: 0, to: 1 }, 1)
let straightWidth = 1

/** The line of time of a view; a straight one where it brings none. */
export const lineOf = ({ window, width, line }: Viewed): Line => {
  if (line) return line
  if (straight.window !== window || straightWidth !== width)
    [straight, straightWidth] = [new Line(window, width), width]
  return straight
}
