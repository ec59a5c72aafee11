// Where the arrows lead on the chart: from a run to the one before or after it, and to an end of its lane.
import { isBar, targetOf, type View } from './hit.ts'
import type { Lane } from './lane.ts'
import type { Layout } from './layout.ts'

/** The run to go to from a run: the one before or after it in the lane, or beyond its cell when it is part of one.
 *  Answers the run itself where the lane ends. */
export const nextRun = (layout: Layout, lane: Lane, slot: number, by: 1 | -1, view: View): number => {
  if (lane.told) return Math.min(lane.told.at.length - 1, Math.max(0, slot + by))
  const target = targetOf(layout, lane, slot, view)
  let at = lane.indexOf(slot) + by
  if (target.kind === 'cell') {
    const inside = (place: number): boolean => {
      const end = layout.store.end(lane.slots[place] as number, view.now)
      return end >= target.from && end < target.to && !isBar(layout, lane, place, view)
    }
    while (at >= 0 && at < lane.count && inside(at)) at += by
  }
  return lane.slots[Math.min(lane.count - 1, Math.max(0, at))] as number
}

/** The run of a lane that is nearest to a time. */
export const nearestRun = (layout: Layout, lane: Lane, time: number): number => {
  if (lane.told) return lane.told.near(time)
  const after = Math.min(lane.firstFrom(time), lane.count - 1)
  const before = Math.max(0, after - 1)
  const away = (at: number): number => Math.abs((layout.store.start[lane.slots[at] as number] as number) - time)
  return lane.slots[away(before) < away(after) ? before : after] as number
}

/** The first or last run of a lane that starts in the window; where none does, the nearest. */
export const edgeRun = (layout: Layout, lane: Lane, to: 'first' | 'last', view: View): number => {
  if (lane.told) return lane.told.near(to === 'first' ? view.window.from : view.window.to)
  const at = to === 'first' ? lane.firstFrom(view.window.from) : lane.firstFrom(view.window.to) - 1
  return lane.slots[Math.min(lane.count - 1, Math.max(0, at))] ?? nearestRun(layout, lane, view.window.from)
}
