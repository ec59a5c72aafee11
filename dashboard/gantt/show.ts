// One frame put together for the DOM beside the canvas.
import type { Camera } from './camera.ts'
import { lineOf } from './folds.ts'
import type { View } from './hit.ts'
import type { Layout } from './layout.ts'
import type { Marking } from './marking.ts'
import type { RowView } from './rows.ts'
import type { Shown, Tie, Tip } from './shown.ts'

interface Parts {
  layout: Layout
  camera: Camera
  marking: Marking
  ties: ((layout: Layout, view: View) => readonly Tie[]) | undefined
  rows: readonly RowView[]
  tip: Tip | undefined
  tabStop: number
  axis: number
  /** From the top of the first lane to the visible plot. */
  shift: number
  missed: number
}

export const shownOf = ({ layout, camera, marking, ties, rows, tip, tabStop, axis, shift, missed }: Parts): Shown => {
  const { view, steps } = camera
  const area = marking.box()
  const lines = ties?.(layout, view) ?? []
  return {
    ...{ rows, tip, tabStop, missed, follow: camera.follow, window: view.window, now: view.now },
    lanes: layout.lanes.length,
    contentHeight: layout.height + axis,
    area: area && { ...area, top: area.top + shift },
    ties: lines.map((tie) => ({ ...tie, fromY: tie.fromY + shift, toY: tie.toY + shift })),
    ...{ back: steps.back, forward: steps.forward, line: lineOf(view) },
  }
}
