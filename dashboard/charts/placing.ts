// How a page places a chart, and what it hears of it: the link is the page's.

export interface Placing {
  /** As wide as the page. */
  isLarge: boolean
  /** The table stands in place of the picture. */
  isTable: boolean
  onlarge: () => void
  ontable: () => void
  /** A link that opens this chart large. */
  link: string
}
