// Runs for the tests of the chart: one as a row, many as the server's columns.
import type { SpanColumns, SpanRow } from '../../shared/timeline/contract.ts'
import type { Pen } from './ops.ts'
import { spanStates, SpanStore } from './spans.ts'

export const T0 = Date.UTC(2026, 10, 22, 10)

let made = 0

/** A finished run of one second at 10:00 UTC, unless told otherwise. */
export const span = (over: Partial<SpanRow> = {}): SpanRow => ({
  ...{ queue: 'mail', id: `t_${++made}`, name: 'mail.send', worker: 'w-1', start: T0, wait: 0, run: 1000 },
  ...{ state: 'completed', priority: 1, attempt: 1, backoff: 0 },
  ...over,
})

export const storeOf = (...rows: Partial<SpanRow>[]): SpanStore => {
  const store = new SpanStore()
  for (const row of rows) store.upsert(span(row))
  return store
}

const indexed = (texts: readonly string[]): [string[], number[]] => {
  const all = [...new Set(texts)]
  return [all, texts.map((text) => all.indexOf(text))]
}

/** The same runs as the server would send them. */
export const columnsOf = (rows: readonly SpanRow[]): SpanColumns => {
  const sorted = [...rows].sort((one, other) => one.start - other.start)
  const [queues, queue] = indexed(sorted.map((row) => row.queue))
  const [names, name] = indexed(sorted.map((row) => row.name))
  const [workers, worker] = indexed(sorted.map((row) => row.worker))
  const pick = (key: 'wait' | 'run' | 'priority' | 'attempt' | 'backoff'): number[] => sorted.map((row) => row[key])
  return {
    ...{
      from: T0,
      to: T0 + 3_600_000,
      base: T0,
      queues,
      names,
      services: names.map(() => ''),
      workers,
      queue,
      name,
      worker,
    },
    id: sorted.map((row) => row.id),
    start: sorted.map((row, at) => row.start - (sorted[at - 1]?.start ?? T0)),
    state: sorted.map((row) => spanStates.indexOf(row.state)),
    ...{ wait: pick('wait'), run: pick('run'), priority: pick('priority') },
    ...{ attempt: pick('attempt'), backoff: pick('backoff'), cursor: '', truncated: false },
  }
}

/** What a pen drew. */
export interface Drawn {
  what: 'rect' | 'round' | 'text' | 'stroke'
  style: string
  x: number
  y: number
  width: number
  height: number
  text: string
}

/** A pen that remembers instead of drawing. */
export const recorder = (): { pen: Pen; drawn: Drawn[] } => {
  const drawn: Drawn[] = []
  const put = (what: Drawn['what'], style: unknown, box: number[], text = ''): void => {
    const [x = 0, y = 0, width = 0, height = 0] = box
    drawn.push({ what, style: String(style), x, y, width, height, text })
  }
  const ignore = (): void => undefined
  const pen: Pen = {
    ...{ fillStyle: '', strokeStyle: '', lineWidth: 1, font: '', textBaseline: 'middle' },
    fillRect: (...box) => put('rect', pen.fillStyle, box),
    roundRect: (x, y, width, height) => put('round', pen.fillStyle, [x, y, width, height]),
    fillText: (text, x, y) => put('text', pen.fillStyle, [x, y], text),
    stroke: () => put('stroke', pen.strokeStyle, []),
    ...{ beginPath: ignore, moveTo: ignore, lineTo: ignore, fill: ignore },
  }
  return { pen, drawn }
}
