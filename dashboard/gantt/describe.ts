// The chart in words: what a screen reader says of a run or a cell.
import type { CellTarget, Target } from './hit.ts'
import type { Lane } from './lane.ts'
import { priorities, spanStates, type SpanStore } from './spans.ts'
import { timeOf } from './times.ts'
import { countOf, duration } from '../ui/format.ts'
import { lookOf } from '../ui/states.ts'

/** The state of a run as the rest of the dashboard names it. */
export const stateOf = (store: SpanStore, slot: number): string => {
  const state = spanStates[store.state[slot] ?? 0] ?? 'running'
  return state === 'failed' ? 'dead' : state
}

const stateWord = (store: SpanStore, slot: number): string => lookOf(stateOf(store, slot)).word.toLowerCase()

const ran = (store: SpanStore, slot: number): string => {
  const run = store.run[slot] ?? 0
  return run < 0 ? 'still running' : duration(run)
}

/** One sentence for a run; it does not change while the run goes on, so that nothing repeats itself aloud. */
export const describeRun = (store: SpanStore, slot: number, zone: string): string => {
  const priority = priorities[store.priority[slot] ?? 1] ?? 'normal'
  return [
    store.queues.text(store.queue[slot] ?? 0),
    `${store.names.text(store.name[slot] ?? 0)} ${store.ids[slot] ?? ''}`,
    ...(stateOf(store, slot) === 'running' ? [] : [stateWord(store, slot)]),
    ran(store, slot),
    `attempt ${store.attempt[slot] ?? 1}`,
    `priority ${priority}`,
    `started ${timeOf(store.start[slot] ?? 0, zone)}`,
  ].join(', ')
}

/** One sentence for a cell. */
export const describeCell = ({ lane, from, to, all, failed, retrying }: CellTarget, zone: string): string => {
  const precision = to - from < 1000 ? 'milli' : 'second'
  return [
    lane.label,
    `${timeOf(from, zone, precision)} to ${timeOf(to, zone, precision)}`,
    countOf(all, 'run'),
    ...(failed > 0 ? [countOf(failed, 'dead letter')] : []),
    ...(retrying > 0 ? [`${retrying} failed for now`] : []),
  ].join(', ')
}

export const describe = (store: SpanStore, target: Target, zone: string): string =>
  target.kind === 'run' ? describeRun(store, target.slot, zone) : describeCell(target, zone)

/** The name of a lane's row: what it is and what goes on in it. */
export const describeLane = (lane: Lane, hidden: number): string =>
  [
    lane.label,
    ...(lane.running.length > 0 ? [`${lane.running.length} running`] : []),
    ...(hidden > 0 ? [`${hidden} more at once than fit`] : []),
  ].join(', ')
