// Time with its idle stretches folded: where nothing ran in any lane, the line of time is cut short.
import type { Layout } from './layout.ts'
import type { TimeWindow } from './scale.ts'

/** An idle stretch, drawn as wide as `FOLD_PX`. */
export interface Fold {
  from: number
  to: number
}

export const FOLD_PX = 48
/** A stretch folds when it is longer than this share of the window. */
const LEAST_SHARE = 0.15
const GRAINS = 512

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

/** The stretches of a window in which nothing ran in any lane, if they are long enough to be worth folding. Their edges stand
 *  still in time while the window moves. */
export const idleIn = (layout: Layout, window: TimeWindow, now: number): Fold[] => {
  const span = window.to - window.from
  const grain = 2 ** Math.ceil(Math.log2(span / GRAINS))
  const origin = Math.floor(window.from / grain)
  const busy = new Uint8Array(Math.ceil(window.to / grain) - origin + 1)
  const mark = (start: number, end: number): void => {
    if (end < window.from || start > window.to) return
    busy.fill(1, Math.max(0, Math.floor(start / grain) - origin), Math.floor(end / grain) - origin + 1)
  }
  for (const lane of layout.lanes) {
    for (const at of lane.told?.at ?? []) mark(at, at + (lane.told?.step ?? 0) - 1)
    for (const slot of lane.running) mark(lane.store.start[slot] as number, now)
    const last = lane.firstFrom(window.to)
    for (let at = lane.firstAt(window.from); at < last; at++) {
      const start = lane.starts[at] as number
      mark(start, start + Math.max(0, lane.runs[at] as number))
    }
  }
  // What is still to come is not idle.
  if (now < window.to) mark(now, window.to)
  return stretches(busy)
    .map(({ from, to }) => ({
      from: Math.max(window.from, (origin + from) * grain),
      to: Math.min(window.to, (origin + to) * grain),
    }))
    .filter(({ from, to }) => to - from > LEAST_SHARE * span)
}

const stretches = (busy: Uint8Array): Fold[] => {
  const found: Fold[] = []
  for (let at = 0; at < busy.length; at++) {
    if (busy[at] === 1) continue
    const from = at
    while (at < busy.length && busy[at] === 0) at++
    found.push({ from, to: at })
  }
  return found
}
