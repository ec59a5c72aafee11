// Attempts in columns: names once in dictionaries, starts as steps, so that 100,000 are a quarter of the bytes.
import { SPAN_STATES } from './contract.ts'
import type { SpanColumns, SpanRow, SpanState } from './contract.ts'

/** Gives each text its index, in order of appearance. */
const dictionary = () => {
  const indices = new Map<string, number>()
  return {
    index(text: string): number {
      const known = indices.get(text)
      if (known !== undefined) return known
      indices.set(text, indices.size)
      return indices.size - 1
    },
    texts: () => [...indices.keys()],
  }
}

const numbers = Object.fromEntries(SPAN_STATES.map((state, number) => [state, number])) as Record<SpanState, number>

/** Where each number of an attempt is among those that are kept of it. */
const at = { start: 0, wait: 1, run: 2, state: 3, priority: 4, attempt: 5, backoff: 6, queue: 7, name: 8, worker: 9 }
const WIDTH = 10

type Frame = Pick<SpanColumns, 'from' | 'to' | 'cursor'>

/** Takes attempts one by one, in any order. Only numbers and ids are kept: a hundred thousand rows that stay are moved about by the
 *  garbage collector for longer than it takes to read them. */
export class SpanTable {
  #length = 0
  #data = new Float64Array(1_024 * WIDTH)
  readonly #ids: string[] = []
  readonly #queues = dictionary()
  readonly #names = dictionary()
  readonly #workers = dictionary()

  add(row: SpanRow): void {
    const from = this.#length * WIDTH
    if (from === this.#data.length) this.#grow()
    const data = this.#data
    data[from + at.start] = Math.round(row.start)
    data[from + at.wait] = row.wait
    data[from + at.run] = row.run
    data[from + at.state] = numbers[row.state]
    data[from + at.priority] = row.priority
    data[from + at.attempt] = row.attempt
    data[from + at.backoff] = row.backoff
    data[from + at.queue] = this.#queues.index(row.queue)
    data[from + at.name] = this.#names.index(row.name)
    data[from + at.worker] = this.#workers.index(row.worker)
    this.#ids[this.#length++] = row.id
  }

  /** Those that started last, at most `limit`, by their start. */
  columns(frame: Frame, limit: number, serviceOf: (name: string) => string): SpanColumns {
    const order = this.#newest(limit)
    const first = order[0]
    const base = first === undefined ? frame.from : (this.#data[first * WIDTH] as number)
    const names = this.#names.texts()
    return {
      ...frame,
      truncated: this.#length > limit,
      base,
      ...{ queues: this.#queues.texts(), names, services: names.map(serviceOf), workers: this.#workers.texts() },
      ...{ queue: this.#column(order, at.queue), name: this.#column(order, at.name) },
      ...{ worker: this.#column(order, at.worker), id: this.#idsOf(order) },
      start: steps(this.#column(order, at.start), base),
      ...{ wait: this.#column(order, at.wait), run: this.#column(order, at.run) },
      ...{ state: this.#column(order, at.state), priority: this.#column(order, at.priority) },
      ...{ attempt: this.#column(order, at.attempt), backoff: this.#column(order, at.backoff) },
    }
  }

  /** Rows by their start, the last `limit` of them; those that started together as they came. */
  #newest(limit: number): Uint32Array {
    const rows = this.#length
    const starts = new Float64Array(rows)
    let [first, last] = [Infinity, -Infinity]
    for (let row = 0; row < rows; row++) {
      const start = (starts[row] = this.#data[row * WIDTH] as number)
      first = Math.min(first, start)
      last = Math.max(last, start)
    }
    const order = (last - first + 1) * rows <= Number.MAX_SAFE_INTEGER ? ordered(starts, first) : compared(starts)
    return order.subarray(Math.max(0, rows - limit))
  }

  // Columns are written one by one into room that is there: a function called for each row takes half as long again.
  #column(order: Uint32Array, which: number): number[] {
    const data = this.#data
    const column = new Array<number>(order.length)
    for (let place = 0; place < order.length; place++)
      column[place] = data[(order[place] as number) * WIDTH + which] as number
    return column
  }

  #idsOf(order: Uint32Array): string[] {
    const ids = new Array<string>(order.length)
    for (let place = 0; place < order.length; place++) ids[place] = this.#ids[order[place] as number] as string
    return ids
  }

  #grow(): void {
    const wider = new Float64Array(this.#data.length * 2)
    wider.set(this.#data)
    this.#data = wider
  }
}

/** Rows by their start: both in one number, as numbers are sorted ten times as fast as rows that a function compares. */
const ordered = (starts: Float64Array, first: number): Uint32Array => {
  const rows = starts.length
  for (let row = 0; row < rows; row++) starts[row] = ((starts[row] as number) - first) * rows + row
  starts.sort()
  const order = new Uint32Array(rows)
  for (let place = 0; place < rows; place++) order[place] = (starts[place] as number) % rows
  return order
}

/** The same where starts lie too far apart for that. */
const compared = (starts: Float64Array): Uint32Array =>
  Uint32Array.from(starts, (_start, row) => row).sort(
    (one, other) => (starts[one] as number) - (starts[other] as number),
  )

/** From each start to the next one, in place. */
const steps = (starts: number[], base: number): number[] => {
  let previous = base
  for (let row = 0; row < starts.length; row++) {
    const start = starts[row] as number
    starts[row] = start - previous
    previous = start
  }
  return starts
}
