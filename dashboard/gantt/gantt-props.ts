// What a page gives the timeline, and what it hears of it.
import type { Snippet } from 'svelte'
import type { TimelineCells, TimelineMark } from '../../shared/timeline/contract.ts'
import type { Area } from './area.ts'
import type { SpanFilter } from './filter.ts'
import type { ColorBy } from './ink.ts'
import type { OwnKeys } from './keys.ts'
import type { GroupBy, LaneOrder } from './layout.ts'
import type { Clock } from './live.ts'
import type { TimeWindow } from './scale.ts'
import type { RunKey, SpanStore } from './spans.ts'
import type { Kin } from './ties.ts'

export interface GanttProps {
  store: SpanStore
  /** The stretch of time shown; while following, its length counts and now decides where it lies. */
  window: TimeWindow
  groupBy?: GroupBy
  colorBy?: ColorBy
  order?: LaneOrder
  filter?: SpanFilter
  /** Labels of the lanes that stay on top. */
  pinned?: readonly string[]
  /** Draws long idle stretches short. */
  folds?: boolean
  /** Counts in place of runs, where those are too many or too old. */
  cells?: TimelineCells | undefined
  marks?: readonly TimelineMark[]
  /** Jobs that belong together. */
  kin?: readonly Kin[]
  /** The plain wheel zooms. */
  isClassic?: boolean
  /** Keys somebody gave to what the chart does. */
  keys?: OwnKeys | undefined
  /** Keeps now in view; any look into the past ends it. */
  follow?: boolean
  /** Whether the window's runs have come, so that none means there are none. */
  loaded?: boolean
  /** Whether they could not be had; the page says why. */
  failed?: boolean
  /** The run that is framed, as it is shown elsewhere on the page. */
  selected?: RunKey | undefined
  zone?: string
  clock?: Clock
  /** Controls of the page, at the start of the toolbar. */
  tools?: Snippet
  onwindow?: (window: TimeWindow) => void
  onselect?: (run: RunKey) => void
  onopen?: (run: RunKey) => void
  onarea?: (area: Area | undefined) => void
  onpin?: (lane: string) => void
  /** A key of the page was pressed within the chart. */
  onpage?: (what: 'note' | 'summary' | 'turn') => void
  /** The next failure was asked for and there is none in view. */
  onclear?: () => void
}
