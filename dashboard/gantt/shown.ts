// What the chart says to the rest of the page: one snapshot per frame, and the events a user causes.
import type { Box, Target } from './hit.ts'
import type { RowView } from './rows.ts'
import type { TimeWindow } from './scale.ts'
import type { RunKey } from './spans.ts'

/** What the chart tells its page. */
export interface ChartEvents {
  window: (window: TimeWindow) => void
  follow: (follow: boolean) => void
  select: (run: RunKey) => void
  open: (run: RunKey) => void
}

/** What a tooltip shows and where it points. */
export interface Tip {
  target: Target
  box: Box
  pinned: boolean
}

/** One frame as the DOM beside the canvas needs it. */
export interface Shown {
  rows: RowView[]
  window: TimeWindow
  now: number
  follow: boolean
  tip: Tip | undefined
  lanes: number
  /** Of all lanes with the axis, in pixels. */
  contentHeight: number
  /** Runs that came since following ended. */
  missed: number
  /** The code of the lane that the tab key reaches. */
  tabStop: number
}

/** Before the first frame. */
export const NOTHING: Shown = {
  ...{ rows: [], window: { from: 0, to: 1 }, now: 0, follow: false, tip: undefined },
  ...{ lanes: 0, contentHeight: 0, missed: 0, tabStop: -1 },
}
