// Attempts in columns: names once in dictionaries, starts as steps, so that 100,000 are a quarter of the bytes.
import { SPAN_STATES } from './contract.ts'
import type { SpanColumns, SpanRow, SpanState } from './contract.ts'
import { Json } from '../kernel/json.ts'
import { Dictionary, hashOf } from './dictionary.ts'
import { Fields, textOf } from './fields.ts'
import { JsonColumns, JsonTexts } from './json-columns.ts'
import { priorityIn, stateIn } from './spans.ts'
import { isWithin } from './sink.ts'
import type { SpanSink, Wanted } from './sink.ts'

const numbers = Object.fromEntries(SPAN_STATES.map((state, number) => [state, number])) as Record<SpanState, number>

type Frame = Pick<SpanColumns, 'from' | 'to' | 'cursor'>

/** About how many bytes a row takes in JSON, beside its id. */
const ROW_BYTES = 30

/** Takes attempts one by one, in any order. Only numbers and bytes are kept: a hundred thousand rows, and as many texts, are moved about
 *  by the garbage collector for longer than it takes to read them. */
export class SpanTable implements SpanSink {
  #length = 0
  #room = 1_024
  #start = new Float64Array(this.#room)
  #wait = new Float64Array(this.#room)
  #run = new Float64Array(this.#room)
  #backoff = new Float64Array(this.#room)
  #queue = new Uint32Array(this.#room)
  #name = new Uint32Array(this.#room)
  #worker = new Uint32Array(this.#room)
  #attempt = new Float64Array(this.#room)
  #state = new Uint8Array(this.#room)
  #priority = new Uint8Array(this.#room)
  readonly #ids = new JsonTexts()
  readonly #queues = new Dictionary()
  readonly #names = new Dictionary()
  readonly #workers = new Dictionary()

  add(row: SpanRow): void {
    this.#ids.add(row.id)
    const at = this.#next(this.#queues.index(row.queue), this.#names.index(row.name), this.#workers.index(row.worker))
    this.#times(at, row.start, row.wait, row.run, row.backoff)
    this.#state[at] = numbers[row.state]
    this.#priority[at] = row.priority
    this.#attempt[at] = row.attempt
  }

  takePacked(queue: string, packed: Uint8Array, wanted: Wanted): number {
    const before = this.#length
    const fields = new Fields(packed)
    do this.#takeOne(queue, fields, wanted)
    while (fields.next())
    return this.#length - before
  }

  #takeOne(queue: string, fields: Fields, wanted: Wanted): void {
    fields.pass()
    const { bytes, from, to } = fields
    fields.pass()
    const { from: nameFrom, to: nameTo } = fields
    fields.pass()
    const { from: workerFrom, to: workerTo } = fields
    const start = fields.number(0)
    const wait = fields.number(0)
    const run = fields.number(0)
    if (!isWithin(wanted, start, run)) return
    this.#ids.take(bytes, from, to)
    // Words are learned of what is told only: whoever reads the answer lists them.
    const name = this.#names.indexOf(bytes, nameFrom, nameTo)
    const at = this.#next(this.#queues.index(queue), name, this.#workers.indexOf(bytes, workerFrom, workerTo))
    this.#state[at] = stateIn(fields)
    this.#priority[at] = priorityIn(fields)
    const attempt = (this.#attempt[at] = wholeOf(fields.number(1)))
    this.#times(at, start, wait, run, fields.number(0))
    if (wanted.running.size > 0 && wanted.running.has(hashOf(bytes, from, to)))
      wanted.ended(textOf(bytes, from, to), attempt, { start, run, state: SPAN_STATES[this.#state[at]] as SpanState })
  }

  /** Those that started last, at most `limit`, by their start. */
  columns(frame: Frame, limit: number, serviceOf: (name: string) => string): Json<SpanColumns> {
    const order = this.#newest(limit)
    const first = order[0]
    const base = first === undefined ? frame.from : (this.#start[first] as number)
    const names = this.#names.texts()
    const head = {
      ...{ ...frame, truncated: this.#length > limit, base },
      ...{ queues: this.#queues.texts(), names, services: names.map(serviceOf), workers: this.#workers.texts() },
    }
    const bytes = new JsonColumns(head, order.length * ROW_BYTES + this.#ids.size)
      .numbers('queue', this.#queue, order)
      .numbers('name', this.#name, order)
      .numbers('worker', this.#worker, order)
      .texts('id', this.#ids, order)
      .numbers('start', this.#start, order, base)
      .numbers('wait', this.#wait, order)
      .numbers('run', this.#run, order)
      .numbers('state', this.#state, order)
      .numbers('priority', this.#priority, order)
      .numbers('attempt', this.#attempt, order)
      .numbers('backoff', this.#backoff, order)
      .end()
    return new Json(bytes)
  }

  /** Rows by their start, the last `limit` of them; those that started together as they came. */
  #newest(limit: number): Uint32Array {
    const starts = this.#start.slice(0, this.#length)
    let [first, last] = [Infinity, -Infinity]
    for (let row = 0; row < starts.length; row++) {
      first = Math.min(first, starts[row] as number)
      last = Math.max(last, starts[row] as number)
    }
    const fits = (last - first + 1) * starts.length <= Number.MAX_SAFE_INTEGER
    const order = fits ? ordered(starts, first) : compared(starts)
    return order.subarray(Math.max(0, starts.length - limit))
  }

  /** Where the next row goes. */
  #next(queue: number, name: number, worker: number): number {
    if (this.#length === this.#room) this.#grow()
    const at = this.#length++
    this.#queue[at] = queue
    this.#name[at] = name
    this.#worker[at] = worker
    return at
  }

  #times(at: number, start: number, wait: number, run: number, backoff: number): void {
    this.#start[at] = wholeOf(start)
    this.#wait[at] = wholeOf(wait)
    this.#run[at] = wholeOf(run)
    this.#backoff[at] = wholeOf(backoff)
  }

  #grow(): void {
    const room = (this.#room *= 2)
    this.#start = roomier(this.#start, new Float64Array(room))
    this.#wait = roomier(this.#wait, new Float64Array(room))
    this.#run = roomier(this.#run, new Float64Array(room))
    this.#backoff = roomier(this.#backoff, new Float64Array(room))
    this.#queue = roomier(this.#queue, new Uint32Array(room))
    this.#name = roomier(this.#name, new Uint32Array(room))
    this.#worker = roomier(this.#worker, new Uint32Array(room))
    this.#attempt = roomier(this.#attempt, new Float64Array(room))
    this.#state = roomier(this.#state, new Uint8Array(room))
    this.#priority = roomier(this.#priority, new Uint8Array(room))
  }
}

const roomier = <Column extends Float64Array | Uint32Array | Uint8Array>(
  old: ArrayLike<number>,
  column: Column,
): Column => {
  column.set(old)
  return column
}

/** Whole numbers are all that is packed, and all that is written. */
const wholeOf = (value: number): number => (Number.isFinite(value) ? Math.round(value) : 0)

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
