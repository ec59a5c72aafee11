// What a tooltip shows of a run or a cell: it is fetched with the tooltip.
import { count, duration } from '../ui/format.ts'
import type { CellTarget, Target } from './hit.ts'
import { priorities, type SpanStore } from './spans.ts'
import { timeOf } from './times.ts'

/** A line of a tooltip: what it is called and what it says. */
export type Fact = readonly [label: string, value: string]

/** What a tooltip tells, line by line, below its title. */
export const factsOf = (store: SpanStore, target: Target, zone: string, now: number): Fact[] =>
  target.kind === 'run' ? runFacts(store, target.slot, zone, now) : cellFacts(target, zone)

export const titleOf = (store: SpanStore, target: Target): string =>
  target.kind === 'run' ? store.names.text(store.name[target.slot] ?? 0) : target.lane.label

const runFacts = (store: SpanStore, slot: number, zone: string, now: number): Fact[] => {
  const isRunning = (store.run[slot] ?? 0) < 0
  const lasted = store.end(slot, now) - (store.start[slot] ?? 0)
  const backoff = store.backoff[slot] ?? 0
  return [
    ['Started', timeOf(store.start[slot] ?? 0, zone, 'milli')],
    ['Waited', duration(store.wait[slot] ?? 0)],
    ['Ran', `${duration(lasted)}${isRunning ? ' so far' : ''}`],
    ['Attempt', `${store.attempt[slot] ?? 1}`],
    ...(backoff > 0 ? [['Next attempt', `after ${duration(backoff)}`] as const] : []),
    ['Priority', priorities[store.priority[slot] ?? 1] ?? 'normal'],
    ['Queue', store.queues.text(store.queue[slot] ?? 0)],
    ['Worker', store.workers.text(store.worker[slot] ?? 0) || 'unknown'],
    ['Job', store.ids[slot] ?? ''],
  ]
}

const cellFacts = ({ from, to, all, failed, retrying }: CellTarget, zone: string): Fact[] => {
  const precision = to - from < 1000 ? 'milli' : 'second'
  return [
    ['Time', `${timeOf(from, zone, precision)} to ${timeOf(to, zone, precision)}`],
    ['Runs', count(all)],
    ['Dead letters', count(failed)],
    ['Failed for now', count(retrying)],
  ]
}
