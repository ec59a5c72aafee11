// What the chart says to the rest of the page: one snapshot per frame, and the events a user causes.
import type { Area } from './area.ts'
import type { Box, Target } from './hit.ts'
import { Line } from './folds.ts'
import type { RowView } from './rows.ts'
import type { TimeWindow } from './scale.ts'
import type { RunKey } from './spans.ts'

/** What the chart tells its page. */
export interface ChartEvents {
  window: (window: TimeWindow) => void
  follow: (follow: boolean) => void
  select: (run: RunKey) => void
  open: (run: RunKey) => void
  /** A stretch of some lanes was marked, or is no longer. */
  area: (area: Area | undefined) => void
  pin: (lane: string) => void
  /** A key of the page was pressed within the chart. */
  page: (what: 'note' | 'summary' | 'turn') => void
  /** The next failure was asked for and there is none in view. */
  clear: () => void
}

/** What a tooltip shows and where it points. */
export interface Tip {
  target: Target
  box: Box
  pinned: boolean
}

/** One frame as the DOM beside the canvas needs it. */
export interface Shown {
  rows: readonly RowView[]
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
  /** What is marked, in the visible plot. */
  area: Box | undefined
  /** Lines from parents to children of the run that is looked at. */
  ties: readonly Tie[]
  /** Windows that can be gone back to, and forward. */
  back: TimeWindow | undefined
  forward: TimeWindow | undefined
  /** Where marks of this window lie. */
  line: Line
}

/** From the end of one run to the start of another, in the visible plot. */
export interface Tie {
  key: string
  fromX: number
  fromY: number
  toX: number
  toY: number
}

/** Before the first frame. */
export const NOTHING: Shown = {
  ...{ rows: [], window: { from: 0, to: 1 }, now: 0, follow: false, tip: undefined },
  ...{ lanes: 0, contentHeight: 0, missed: 0, tabStop: -1 },
  ...{ area: undefined, ties: [], back: undefined, forward: undefined, line: new Line({ from: 0, to: 1 }, 1) },
}
