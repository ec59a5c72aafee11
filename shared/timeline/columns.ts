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
    data[from + at.start] = row.start
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
    const [first] = order
    const base = first === undefined ? frame.from : (this.#data[first * WIDTH] as number)
    const names = this.#names.texts()
    return {
      ...frame,
      truncated: this.#length > limit,
      base,
      ...{ queues: this.#queues.texts(), names, services: names.map(serviceOf), workers: this.#workers.texts() },
      ...{ queue: this.#column(order, at.queue), name: this.#column(order, at.name) },
      ...{ worker: this.#column(order, at.worker), id: order.map((row) => this.#ids[row] as string) },
      start: steps(this.#column(order, at.start), base),
      ...{ wait: this.#column(order, at.wait), run: this.#column(order, at.run) },
      ...{ state: this.#column(order, at.state), priority: this.#column(order, at.priority) },
      ...{ attempt: this.#column(order, at.attempt), backoff: this.#column(order, at.backoff) },
    }
  }

  #newest(limit: number): number[] {
    const data = this.#data
    const order = this.#ids.map((_id, row) => row)
    order.sort((one, other) => (data[one * WIDTH] as number) - (data[other * WIDTH] as number))
    return order.slice(-limit)
  }

  #column(order: readonly number[], which: number): number[] {
    const data = this.#data
    return order.map((row) => data[row * WIDTH + which] as number)
  }

  #grow(): void {
    const wider = new Float64Array(this.#data.length * 2)
    wider.set(this.#data)
    this.#data = wider
  }
}

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
