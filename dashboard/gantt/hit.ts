// What lies under a point or a run: a bar of its own, or the cell it is part of.
import type { Lane } from './lane.ts'
import { BAR_MIN_PX, type Layout } from './layout.ts'
import { CELL_PX, isTrouble } from './lod.ts'
import { FAILED } from './spans.ts'
import { toldTarget } from './told.ts'
import { lineOf, type Line } from './folds.ts'
import type { TimeWindow } from './scale.ts'

/** What is on the screen: a window, the plot's width in pixels, and the time it is. */
export interface View {
  window: TimeWindow
  width: number
  now: number
  /** Where time is folded; straight unless given. */
  line?: Line | undefined
}

/** Many runs in four pixels. */
export interface CellTarget {
  kind: 'cell'
  lane: Lane
  from: number
  to: number
  all: number
  failed: number
  retrying: number
  /** One of the runs in it. */
  slot: number
}

export interface RunTarget {
  kind: 'run'
  lane: Lane
  slot: number
}

export type Target = RunTarget | CellTarget

/** How near a pointer must be to something thin, in pixels. */
const REACH_PX = 4

/** Whether the run at a place in a lane is drawn as a bar at this zoom. */
export const isBar = (layout: Layout, lane: Lane, at: number, view: View): boolean => {
  if ((lane.rows[at] as number) >= layout.options.maxRows) return false
  const slot = lane.slots[at] as number
  const lasts = layout.store.end(slot, view.now) - (layout.store.start[slot] as number)
  return lasts >= BAR_MIN_PX * lineOf(view).scale
}

/** What is at a point; `y` counts from the top of the first lane. */
export const hit = (layout: Layout, view: View, x: number, y: number): Target | undefined => {
  const lane = layout.laneAt(y)
  if (!lane) return undefined
  const time = lineOf(view).time(x)
  if (lane.told) {
    const cell = lane.told.holding(time)
    return cell < 0 ? undefined : toldTarget(lane, lane.told, cell)
  }
  return barAt(layout, lane, view, time, rowAt(layout, lane, y)) ?? cellAt(layout, lane, view, time)
}

/** What stands for a run: its bar or its cell. */
export const targetOf = (layout: Layout, lane: Lane, slot: number, view: View): Target => {
  if (lane.told) return toldTarget(lane, lane.told, slot)
  const at = lane.indexOf(slot)
  if (at < 0 || isBar(layout, lane, at, view)) return { kind: 'run', lane, slot }
  return cellAt(layout, lane, view, layout.store.end(slot, view.now)) ?? { kind: 'run', lane, slot }
}

const rowAt = (layout: Layout, lane: Lane, y: number): number => {
  const shown = layout.shown(lane)
  const row = Math.floor((y - lane.top - layout.barTop + 1) / layout.pitch(lane))
  return Math.min(shown - 1, Math.max(0, row))
}

const barAt = (layout: Layout, lane: Lane, view: View, time: number, row: number): RunTarget | undefined => {
  const { store } = layout
  const reach = REACH_PX * lineOf(view).scale
  let best = -1
  let bestAway = reach
  const consider = (at: number): void => {
    if (lane.rows[at] !== row || !isBar(layout, lane, at, view)) return
    const slot = lane.slots[at] as number
    const away = Math.max((store.start[slot] as number) - time, time - store.end(slot, view.now), 0)
    if (best >= 0 && away >= bestAway) return
    if (away > reach) return
    best = slot
    bestAway = away
  }
  const first = lane.firstAt(time - reach)
  const last = lane.firstFrom(time + reach)
  for (let at = first; at < last; at++) consider(at)
  for (const slot of lane.running) {
    const at = lane.indexOf(slot)
    if (at < first) consider(at)
  }
  return best < 0 ? undefined : { kind: 'run', lane, slot: best }
}

/** The cell that holds a time, when anything ended or ran in it that is not a bar of its own. */
export const cellAt = (layout: Layout, lane: Lane, view: View, time: number): CellTarget | undefined => {
  const line = lineOf(view)
  const cellMs = CELL_PX * line.scale
  const first = Math.floor(line.shown(time) / cellMs) * cellMs
  const [from, to] = [line.real(first), line.real(first + cellMs)]
  const cell: CellTarget = { kind: 'cell', lane, from, to, all: 0, failed: 0, retrying: 0, slot: -1 }
  const { store } = layout
  const consider = (at: number): void => {
    const slot = lane.slots[at] as number
    const end = store.end(slot, view.now)
    if (end < from || end >= to || isBar(layout, lane, at, view)) return
    const state = store.state[slot] as number
    cell.all++
    if (state === FAILED) cell.failed++
    else if (isTrouble(state)) cell.retrying++
    cell.slot = slot
  }
  const begin = lane.firstAt(from)
  const last = lane.firstFrom(to)
  for (let at = begin; at < last; at++) consider(at)
  for (const slot of lane.running) {
    const at = lane.indexOf(slot)
    if (at < begin) consider(at)
  }
  return cell.all === 0 ? undefined : cell
}

export interface Box {
  left: number
  top: number
  width: number
  height: number
}

/** Where a target stands: pixels from the plot's left edge and from the top of the first lane. */
export const boxOf = (layout: Layout, target: Target, view: View): Box => {
  const { lane } = target
  const line = lineOf(view)
  const top = lane.top + layout.barTop
  if (target.kind === 'cell') {
    const left = line.x(target.from)
    return { left, top, width: Math.max(CELL_PX, line.x(target.to) - left), height: layout.barsHeight(lane) }
  }
  const row = Math.min(layout.shown(lane) - 1, lane.rows[lane.indexOf(target.slot)] ?? 0)
  const start = layout.store.start[target.slot] as number
  const left = line.x(start)
  const width = line.x(layout.store.end(target.slot, view.now)) - left
  return {
    left,
    top: top + row * layout.pitch(lane),
    width,
    height: layout.barHeight(lane),
  }
}
