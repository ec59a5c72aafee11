// What the page knows, in plain maps: each collection has one version number that moves once a frame, so that ten thousand
// changes cost one re-render.
import { createSubscriber } from 'svelte/reactivity'

type Schedule = (paint: () => void) => unknown
interface Versioned {
  version?: number
}

const isOlder = (next: unknown, known: unknown): boolean => {
  const [newer, older] = [(next as Versioned | null)?.version, (known as Versioned | null | undefined)?.version]
  return newer !== undefined && older !== undefined && newer < older
}

export class Collection<Row> {
  readonly #rows = new Map<string, Row>()
  readonly #schedule: Schedule
  #version = 0
  #dirty = false
  #notify = (): void => undefined
  readonly #watch = createSubscriber((update) => {
    this.#notify = update
    return () => (this.#notify = () => undefined)
  })

  /** `schedule` says when changes become visible; the next frame unless told. */
  constructor(schedule: Schedule = (paint) => requestAnimationFrame(paint)) {
    this.#schedule = schedule
  }

  /** Grows with every frame that changed something; reading it in a component re-renders it then. */
  get version(): number {
    this.#watch()
    return this.#version
  }

  get(key: string): Row | undefined {
    this.#watch()
    return this.#rows.get(key)
  }

  values(): Row[] {
    this.#watch()
    return [...this.#rows.values()]
  }

  /** Puts a row in unless a newer version of it is there. */
  put(key: string, row: Row): void {
    if (isOlder(row, this.#rows.get(key))) return
    this.#rows.set(key, row)
    this.#changed()
  }

  /** Makes the collection hold exactly these rows, older versions never replacing newer ones. */
  replace(rows: ReadonlyMap<string, Row>): void {
    for (const key of this.#rows.keys()) if (!rows.has(key)) this.#rows.delete(key)
    for (const [key, row] of rows) if (!isOlder(row, this.#rows.get(key))) this.#rows.set(key, row)
    this.#changed()
  }

  #changed(): void {
    if (this.#dirty) return
    this.#dirty = true
    this.#schedule(() => {
      this.#dirty = false
      this.#version += 1
      this.#notify()
    })
  }
}
