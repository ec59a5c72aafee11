// Which runs are shown, decided in one place for the chart and for its table.
import type { SpanState } from '../../shared/timeline/contract.ts'
import { spanStates, type SpanStore } from './spans.ts'

/** Runs that contain `text` in queue, name, worker or id, and are in one of `states`; what is absent admits all. */
export interface SpanFilter {
  text?: string
  states?: readonly SpanState[]
}

export const matches = (store: SpanStore, slot: number, { text, states }: SpanFilter): boolean => {
  if (states && !states.includes(spanStates[store.state[slot] ?? 0] ?? 'running')) return false
  return !text || contains(store, slot, text)
}

const contains = (store: SpanStore, slot: number, text: string): boolean =>
  store.names.text(store.name[slot] ?? 0).includes(text) ||
  store.queues.text(store.queue[slot] ?? 0).includes(text) ||
  store.workers.text(store.worker[slot] ?? 0).includes(text) ||
  (store.ids[slot] ?? '').includes(text)
