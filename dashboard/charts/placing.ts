// How a page places a chart, and what it hears of it: the link is the page's.

/** More that can be done with a chart, first in its menu. */
export interface ChartAction {
  id: string
  label: string
  /** Why it cannot be done now. */
  reason?: string | undefined
  run: () => void
}

export interface Placing {
  /** As wide as the page. */
  isLarge: boolean
  /** The table stands in place of the picture. */
  isTable: boolean
  onlarge: () => void
  ontable: () => void
  /** A link that opens this chart large. */
  link: string
  actions?: readonly ChartAction[] | undefined
}
