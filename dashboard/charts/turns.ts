// Whose turn it is to draw: one chart a frame, each at most once a second, so that many charts never cost a long frame.

export interface Drawer {
  draw: () => void
}

interface Needs {
  /** Calls back before the next frame. */
  frame: (then: () => void) => void
  now: () => number
}

const REST_MS = 1_000

export class Turns {
  readonly #needs: Needs
  readonly #waiting = new Set<Drawer>()
  readonly #drawn = new WeakMap<Drawer, number>()
  #asked = false

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Draws when it is its turn; asking again before that changes nothing. */
  ask(drawer: Drawer): void {
    this.#waiting.add(drawer)
    this.#next()
  }

  /** As `ask`, without the rest between two drawings: for a new size or another theme. */
  hurry(drawer: Drawer): void {
    this.#drawn.delete(drawer)
    this.ask(drawer)
  }

  leave(drawer: Drawer): void {
    this.#waiting.delete(drawer)
  }

  #next(): void {
    if (this.#asked || this.#waiting.size === 0) return
    this.#asked = true
    this.#needs.frame(() => {
      this.#asked = false
      this.#turn()
      this.#next()
    })
  }

  #turn(): void {
    const now = this.#needs.now()
    for (const drawer of this.#waiting) {
      if (now - (this.#drawn.get(drawer) ?? -Infinity) < REST_MS) continue
      this.#waiting.delete(drawer)
      this.#drawn.set(drawer, now)
      drawer.draw()
      return
    }
  }
}

/** The turns of this page. */
export const createPageTurns = (): Turns =>
  new Turns({ frame: (then) => requestAnimationFrame(then), now: () => performance.now() })
