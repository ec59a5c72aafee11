// Rows to columns: names once in dictionaries, starts as steps, so that 100,000 spans are a quarter of the bytes.
import { SPAN_STATES } from './contract.ts'
import type { SpanColumns, SpanRow } from './contract.ts'

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
  const columns = {
    queue: rows.map((row) => queues.index(row.queue)),
    name: rows.map((row) => names.index(row.name)),
    worker: rows.map((row) => workers.index(row.worker)),
    id: rows.map((row) => row.id),
    start: rows.map((row) => step(row.start)),
    wait: rows.map((row) => row.wait),
    run: rows.map((row) => row.run),
    state: rows.map((row) => SPAN_STATES.indexOf(row.state)),
    priority: rows.map((row) => row.priority),
    attempt: rows.map((row) => row.attempt),
    backoff: rows.map((row) => row.backoff),
  }
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
