// A lane of which only counts are known: the server tells it in cells, where its runs are too many or too old to be told.
import type { TimelineCells } from '../../shared/timeline/contract.ts'
import type { CellTarget } from './hit.ts'
import type { Lane } from './lane.ts'

/** The cells of one lane, by time; cells in which nothing ended are not there. */
export class Told {
  readonly step: number
  readonly at: number[] = []
  readonly all: number[] = []
  readonly failed: number[] = []
  readonly retrying: number[] = []
  /** Of the fullest cell. */
  most = 1
  /** Runs, dead letters and failed attempts in all. */
  total = 0
  dead = 0
  troubled = 0

  constructor(step: number) {
    this.step = step
  }

  push(at: number, all: number, failed: number, retrying: number): void {
    this.at.push(at)
    this.all.push(all)
    this.failed.push(failed)
    this.retrying.push(retrying)
    this.most = Math.max(this.most, all)
    this.total += all
    this.dead += failed
    this.troubled += failed + retrying
  }

  /** The first cell that ends after a time. */
  from(time: number): number {
    const at = this.at.findIndex((start) => start + this.step > time)
    return at < 0 ? this.at.length : at
  }

  /** The cell that begins nearest to a time. */
  near(time: number): number {
    const after = Math.min(this.from(time), this.at.length - 1)
    const before = Math.max(0, after - 1)
    const away = (cell: number): number => Math.abs((this.at[cell] ?? 0) - time)
    return away(before) < away(after) ? before : Math.max(0, after)
  }

  /** The cell that holds a time, or -1. */
  holding(time: number): number {
    const cell = this.from(time)
    return cell < this.at.length && (this.at[cell] as number) <= time ? cell : -1
  }
}

/** The cells of each queue. */
export const toldByQueue = (cells: TimelineCells): Map<string, Told> => {
  const byQueue = new Map(cells.queues.map((queue) => [queue, new Told(cells.step_ms)]))
  for (let at = 0; at < cells.at.length; at++)
    byQueue
      .get(cells.queues[cells.queue[at] ?? -1] ?? '')
      ?.push(cells.at[at] ?? 0, cells.all[at] ?? 0, cells.failed[at] ?? 0, cells.retrying[at] ?? 0)
  return byQueue
}

/** What stands for a cell of such a lane. */
export const toldTarget = (lane: Lane, told: Told, cell: number): CellTarget => ({
  ...{ kind: 'cell', lane, slot: cell },
  from: told.at[cell] ?? 0,
  to: (told.at[cell] ?? 0) + told.step,
  ...{ all: told.all[cell] ?? 0, failed: told.failed[cell] ?? 0, retrying: told.retrying[cell] ?? 0 },
})
