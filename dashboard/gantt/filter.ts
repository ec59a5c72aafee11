// Which runs are shown, decided in one place for the chart and for its table.
import type { SpanState } from '../../shared/timeline/contract.ts'
import { spanStates, type SpanStore } from './spans.ts'

/** What a lane can stand for. */
export const groupings = ['queue', 'worker', 'service', 'name'] as const
export type GroupBy = (typeof groupings)[number]

/** Runs that contain `text` in queue, name, worker or id, are in one of `states`, and in one of these lanes; what is absent
 *  admits all. */
export interface SpanFilter {
  text?: string
  states?: readonly SpanState[]
  lanes?: { by: GroupBy; labels: readonly string[] }
}

/** The lane of runs of which it is not known, or that have none. */
const UNNAMED: Record<GroupBy, string> = {
  ...{ queue: 'unknown queue', name: 'unknown name' },
  ...{ worker: 'unknown worker', service: 'no service' },
}

/** What a lane is called. */
export const laneLabel = (store: SpanStore, by: GroupBy, code: number): string =>
  store[`${by}s`].text(code) || UNNAMED[by]

export const matches = (store: SpanStore, slot: number, { text, states, lanes }: SpanFilter): boolean => {
  if (states && !states.includes(spanStates[store.state[slot] ?? 0] ?? 'running')) return false
  if (lanes && !lanes.labels.includes(laneLabel(store, lanes.by, store[lanes.by][slot] ?? 0))) return false
  return !text || contains(store, slot, text)
}

const contains = (store: SpanStore, slot: number, text: string): boolean =>
  store.names.text(store.name[slot] ?? 0).includes(text) ||
  store.queues.text(store.queue[slot] ?? 0).includes(text) ||
  store.workers.text(store.worker[slot] ?? 0).includes(text) ||
  (store.ids[slot] ?? '').includes(text)
