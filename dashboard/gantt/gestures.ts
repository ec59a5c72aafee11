// Fingers and mouse on the plot: what a drag, a pinch or a tap asks for.

const SLOP_PX = 4

export interface Move {
  /** Pixels the window moves, towards later when positive. */
  pan: number
  /** Pixels the lanes scroll, down when positive; only a mouse does that, a finger scrolls the page itself. */
  scroll: number
  /** How much longer the window becomes. */
  zoom: number
  /** Where the zoom holds still. */
  x: number
}

interface Point {
  x: number
  y: number
}

export class Gestures {
  readonly #down = new Map<number, Point>()
  #from: Point = { x: 0, y: 0 }
  #isTap = false

  /** Whether something is being dragged. */
  get active(): boolean {
    return this.#down.size > 0 && !this.#isTap
  }

  start(id: number, x: number, y: number): void {
    this.#isTap = this.#down.size === 0
    this.#from = { x, y }
    this.#down.set(id, { x, y })
  }

  /** What the movement of one pointer asks for; undefined while it may still be a tap. */
  move(id: number, x: number, y: number, isMouse: boolean): Move | undefined {
    const was = this.#down.get(id)
    if (!was) return undefined
    if (this.#isTap && Math.hypot(x - this.#from.x, y - this.#from.y) < SLOP_PX) return undefined
    this.#isTap = false
    const move = this.#down.size > 1 ? this.#pinch(id, x, y) : drag(was, x, y, isMouse)
    this.#down.set(id, { x, y })
    return move
  }

  /** Ends a pointer; true when it was a tap. */
  end(id: number): boolean {
    const was = this.#down.delete(id)
    return was && this.#down.size === 0 && this.#isTap
  }

  /** Two fingers: the time between them grows as they part, and follows their middle. */
  #pinch(id: number, x: number, y: number): Move {
    const was = this.#down.get(id) as Point
    const other = [...this.#down].find(([key]) => key !== id)?.[1] ?? was
    const before = Math.max(20, Math.hypot(was.x - other.x, was.y - other.y))
    const after = Math.max(20, Math.hypot(x - other.x, y - other.y))
    return { pan: (was.x - x) / 2, scroll: 0, zoom: before / after, x: (x + other.x) / 2 }
  }
}

const drag = (was: Point, x: number, y: number, isMouse: boolean): Move => ({
  pan: was.x - x,
  scroll: isMouse ? was.y - y : 0,
  zoom: 1,
  x,
})

/** What a turn of the wheel asks for: with Ctrl or ⌘ a zoom (a trackpad's pinch arrives so), with Shift or sideways a
 *  pan; otherwise nothing, and the page scrolls. In the classic way the plain wheel zooms too. */
export const wheelMove = (
  event: Pick<WheelEvent, 'deltaX' | 'deltaY' | 'deltaMode' | 'ctrlKey' | 'metaKey' | 'shiftKey'>,
  isClassic = false,
): { zoom: number } | { pan: number } | undefined => {
  const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1
  if (event.ctrlKey || event.metaKey) return { zoom: Math.exp(event.deltaY * unit * 0.004) }
  if (event.shiftKey) return { pan: (event.deltaX || event.deltaY) * unit }
  if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) return { pan: event.deltaX * unit }
  return isClassic ? { zoom: Math.exp(event.deltaY * unit * 0.002) } : undefined
}
