// Where the focus stands among the runs, and where a key takes it.
import type { View } from './hit.ts'
import type { Command } from './keys.ts'
import type { Lane } from './lane.ts'
import type { Layout } from './layout.ts'
import type { RowView } from './rows.ts'
import type { RunKey, SpanStore } from './spans.ts'
import { edgeRun, nearestRun, nextRun } from './stepping.ts'

/** A run in its lane. */
export interface Place {
  lane: Lane
  slot: number
}
export type Move = Extract<Command, { do: 'run' | 'edge' | 'lane' }>

export const isMove = (command: Command): command is Move =>
  command.do === 'run' || command.do === 'edge' || command.do === 'lane'

export class Walker {
  readonly #layout: Layout
  #run: RunKey | undefined
  /** In a lane that is told in cells: when its cell begins. */
  #cellAt = 0
  /** The code of the lane that has the focus; -1 before any had it. */
  lane = -1

  constructor(layout: Layout) {
    this.#layout = layout
  }

  stand({ lane, slot }: Place): void {
    this.lane = lane.code
    if (lane.told) {
      this.#cellAt = lane.told.at[slot] ?? 0
      return
    }
    this.#run = this.#layout.store.key(slot)
  }

  /** The run a lane's cell lies over: the one that was gone to, else the latest in view. */
  currentOf(lane: Lane, view: View): number {
    if (lane.told && lane.code === this.lane) return lane.told.near(this.#cellAt)
    if (this.#run && lane.code === this.lane) {
      const slot = this.#layout.store.find(this.#run)
      if (slot >= 0 && lane.indexOf(slot) >= 0) return slot
    }
    return edgeRun(this.#layout, lane, 'last', view)
  }

  /** The lane whose cell the tab key reaches: the one that had the focus, else the first; -1 when there is none. */
  tabStop(rows: readonly RowView[]): number {
    return rows.some((row) => row.code === this.lane) ? this.lane : (rows[0]?.code ?? -1)
  }

  laneOf(code: number): Lane | undefined {
    return this.#layout.lanes.find((lane) => lane.code === code)
  }

  /** Where a move leads from a run; undefined where it ends. */
  next(move: Move, { lane, slot }: Place, view: View): Place | undefined {
    switch (move.do) {
      case 'run':
        return { lane, slot: nextRun(this.#layout, lane, slot, move.by, view) }
      case 'edge':
        return { lane, slot: edgeRun(this.#layout, lane, move.to, view) }
      case 'lane':
        return this.#across(lane, slot, move.by)
      default:
        return move satisfies never
    }
  }

  /** The run nearest in time in a lane above or below. */
  #across(lane: Lane, slot: number, by: number): Place | undefined {
    const { lanes, store } = this.#layout
    const next = lanes[Math.min(lanes.length - 1, Math.max(0, lanes.indexOf(lane) + by))]
    if (!next || next === lane) return undefined
    return { lane: next, slot: nearestRun(this.#layout, next, beginOf(store, { lane, slot })) }
  }
}

/** When a run, or a cell, begins. */
export const beginOf = (store: SpanStore, { lane, slot }: Place): number =>
  (lane.told ? lane.told.at[slot] : store.start[slot]) ?? 0

/** When it ends. */
export const endOf = (store: SpanStore, { lane, slot }: Place, now: number): number =>
  lane.told ? (lane.told.at[slot] ?? 0) + lane.told.step : store.end(slot, now)
