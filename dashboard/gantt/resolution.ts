// Keeps a slow machine smooth: when frames take too long for a second, the chart is drawn with fewer device pixels.

const SLOW_MS = 20
const WATCHED_MS = 1000
const STEPS = [1.5, 1]

export class Resolution {
  #ratio: number
  #frames: number[] = []
  #watched = 0

  /** Starts at the screen's own ratio of device pixels to CSS pixels. */
  constructor(pixelRatio: number) {
    this.#ratio = pixelRatio
  }

  /** Device pixels to draw for one CSS pixel. */
  get ratio(): number {
    return this.#ratio
  }

  /** Takes how long a frame took from being asked for to being drawn. Says whether the ratio changed. */
  frame(ms: number): boolean {
    this.#frames.push(ms)
    this.#watched += ms
    if (this.#watched < WATCHED_MS) return false
    const sorted = this.#frames.sort((one, other) => one - other)
    const p95 = sorted[Math.floor(sorted.length * 0.95)] ?? 0
    this.#frames = []
    this.#watched = 0
    return p95 > SLOW_MS && this.#lower()
  }

  #lower(): boolean {
    const lower = STEPS.find((step) => step < this.#ratio)
    if (lower === undefined) return false
    this.#ratio = lower
    return true
  }
}
