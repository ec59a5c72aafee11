// The runs of a table as a file: plain numbers, times in ISO.
import { csvText } from '../charts/table.ts'
import { stateOf } from './describe.ts'
import { priorities, type SpanStore } from './spans.ts'

const HEAD = [
  'started',
  'queue',
  'name',
  'id',
  'state',
  'wait_ms',
  'run_ms',
  'attempt',
  'priority',
  'worker',
  'backoff_ms',
]

/** In the order of the slots; `run_ms` is empty while a run goes on. */
export const runsCsv = (store: SpanStore, slots: Uint32Array): string =>
  csvText([HEAD, ...Array.from(slots, (slot) => rowOf(store, slot))])

const rowOf = (store: SpanStore, slot: number): (string | number)[] => {
  const run = store.run[slot] ?? -1
  return [
    new Date(store.start[slot] ?? 0).toISOString(),
    store.queues.text(store.queue[slot] ?? 0),
    store.names.text(store.name[slot] ?? 0),
    store.ids[slot] ?? '',
    stateOf(store, slot),
    store.wait[slot] ?? 0,
    run < 0 ? '' : run,
    store.attempt[slot] ?? 1,
    priorities[store.priority[slot] ?? 1] ?? 'normal',
    store.workers.text(store.worker[slot] ?? 0),
    store.backoff[slot] ?? 0,
  ]
}
