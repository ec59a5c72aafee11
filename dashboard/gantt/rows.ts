// The lanes as the DOM shows them: a name, and one cell over the run that is the lane's current one.
import { describe, describeLane } from './describe.ts'
import { boxOf, targetOf, type Box, type Target, type View } from './hit.ts'
import type { Lane } from './lane.ts'
import type { Layout } from './layout.ts'

export interface RowView {
  code: number
  /** From 1, as `aria-rowindex` counts. */
  index: number
  label: string
  running: number
  isPinned: boolean
  /** How many sub-rows more than are shown the lane would need. */
  hidden: number
  /** The label with all that is written beside it, to be said. */
  name: string
  top: number
  height: number
  /** What the cell says. */
  says: string
  /** Where the cell is, from the plot's left edge and the row's top. */
  box: Box
}

/** What decides which rows there are. */
export interface RowScope {
  layout: Layout
  view: View
  zone: string
  axis: number
  scrollTop: number
  height: number
  /** The run a lane's cell lies over. */
  currentOf: (lane: Lane) => number
  /** The lane that keeps its row when it is scrolled away, since the focus would be lost with it; -1 for none. */
  kept: number
}

/** Nobody reads faster. */
const EVERY_MS = 100
const TARGET_PX = 24
const LEAST_PX = 8
const OVERSCAN_PX = 120

/** The rows, made anew where they stand elsewhere, are asked for or have the focus; while only time moves on, no more often than it
 *  can be read: they were a tenth of a drawing, and the browser lays them out anew besides. */
export class Rows {
  views: readonly RowView[] = []
  #madeAt = -Infinity
  #place = ''

  /** They are made anew by the next `follow`. */
  ask(): void {
    this.#madeAt = -Infinity
  }

  /** Follows a frame. Says whether they are of it; if not they are owed. */
  follow(scope: RowScope, at: number, hasFocus: boolean): boolean {
    const { layout, zone, view, scrollTop, height, kept } = scope
    const place = [layout.version, zone, view.width, scrollTop, height, kept].join()
    if (place === this.#place && !hasFocus && at - this.#madeAt < EVERY_MS) return false
    this.views = rowViews(scope)
    this.#madeAt = at
    this.#place = place
    return true
  }
}

/** The rows in view and some around them, from top to bottom. */
const rowViews = (scope: RowScope): RowView[] => {
  const { lanes } = scope.layout
  const first = scope.layout.firstBelow(scope.scrollTop - OVERSCAN_PX)
  const bottom = scope.scrollTop + scope.height + OVERSCAN_PX
  const rows: RowView[] = []
  for (let at = first; at < lanes.length && (lanes[at] as Lane).top < bottom; at++) rows.push(rowView(scope, at))
  const kept = scope.kept < 0 ? -1 : lanes.findIndex((lane) => lane.code === scope.kept)
  if (kept >= 0 && kept < first) rows.unshift(rowView(scope, kept))
  else if (kept >= first + rows.length) rows.push(rowView(scope, kept))
  return rows
}

const rowView = (scope: RowScope, at: number): RowView => {
  const { layout, view } = scope
  const lane = layout.lanes[at] as Lane
  const hidden = layout.hidden(lane)
  const target = targetOf(layout, lane, scope.currentOf(lane), view)
  return {
    code: lane.code,
    index: at + 1,
    label: lane.label,
    running: lane.running.length,
    isPinned: layout.options.pinned.includes(lane.label),
    hidden,
    name: describeLane(lane, hidden),
    top: lane.top + scope.axis,
    height: lane.height,
    says: describe(layout.store, target, scope.zone),
    box: cellBox(layout, target, view),
  }
}

/** A cell is as large as a target must be, around its bar, and never outside the plot or its lane. */
const cellBox = (layout: Layout, target: Target, view: View): Box => {
  const { left, top, width, height } = boxOf(layout, target, view)
  const from = Math.min(view.width - LEAST_PX, Math.max(0, left))
  const to = Math.min(view.width, Math.max(from + LEAST_PX, left + width))
  const across = grown(from, to, view.width)
  const down = grown(top - target.lane.top, top - target.lane.top + height, Math.max(TARGET_PX, target.lane.height))
  return { left: across.from, width: across.length, top: down.from, height: down.length }
}

/** A stretch made as long as a target must be, to both sides and within `0`…`room`. */
const grown = (from: number, to: number, room: number): { from: number; length: number } => {
  const length = Math.min(room, Math.max(TARGET_PX, to - from))
  return { from: Math.max(0, Math.min(room - length, (from + to - length) / 2)), length }
}
