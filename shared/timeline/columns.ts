// Rows to columns: names once in dictionaries, starts as steps, so that 100,000 spans are a quarter of the bytes.
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

/** `rows` must be sorted by start. */
export const toColumns = (
  rows: readonly SpanRow[],
  frame: Pick<SpanColumns, 'from' | 'to' | 'cursor' | 'truncated'>,
  serviceOf: (name: string) => string,
): SpanColumns => {
  const [queues, names, workers] = [dictionary(), dictionary(), dictionary()]
  const base = rows[0]?.start ?? frame.from
  let previous = base
  const step = (start: number): number => {
    const delta = start - previous
    previous = start
    return delta
  }
  const column = (): number[] => new Array<number>(rows.length)
  const columns = {
    ...{ queue: column(), name: column(), worker: column(), id: new Array<string>(rows.length), start: column() },
    ...{ wait: column(), run: column(), state: column(), priority: column(), attempt: column(), backoff: column() },
  }
  rows.forEach((row, at) => {
    columns.queue[at] = queues.index(row.queue)
    columns.name[at] = names.index(row.name)
    columns.worker[at] = workers.index(row.worker)
    columns.id[at] = row.id
    columns.start[at] = step(row.start)
    columns.wait[at] = row.wait
    columns.run[at] = row.run
    columns.state[at] = numbers[row.state]
    columns.priority[at] = row.priority
    columns.attempt[at] = row.attempt
    columns.backoff[at] = row.backoff
  })
  const services = names.texts().map(serviceOf)
  return {
    ...frame,
    base,
    queues: queues.texts(),
    names: names.texts(),
    services,
    workers: workers.texts(),
    ...columns,
  }
}
