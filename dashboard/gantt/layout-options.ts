// What decides which lanes there are and how they are laid out.
import type { GroupBy, SpanFilter } from './filter.ts'
import type { LaneOrder } from './lane-order.ts'

export interface LayoutOptions {
  groupBy: GroupBy
  order: LaneOrder
  filter: SpanFilter
  /** Labels of the lanes that stay on top. */
  pinned: readonly string[]
  /** Sub-rows a lane may show; what overlaps more is drawn as cells. */
  maxRows: number
  /** Pixels kept free at the top of a lane, for a label inside it. */
  head: number
  /** How much larger than usual the reader's text is; lanes grow with it. */
  scale: number
}

/** What holds where nothing was chosen. */
export const BASE: LayoutOptions = {
  ...{ groupBy: 'queue', order: 'trouble', filter: {}, pinned: [] },
  ...{ maxRows: 6, head: 0, scale: 1 },
}
