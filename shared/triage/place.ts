// Where an entry of the index stands: its facet and its time of death, in the one number a sorted set keeps beside it.

/** Time takes 42 bits, so until the year 2109; a double keeps 53 and a sign exactly, which leaves 4,096 facets a queue. */
const SPAN = 2 ** 42
export const FACETS = 4_096
const HALF = FACETS / 2

/** Cancelled jobs lie in the failed set too and are no dead letters: a facet of its own, so that the index has as many
 *  entries as the failed set. */
export const NO_DEATH = 0
/** What came when all other facets were taken. */
export const REST = FACETS - 1

/** The number before the first moment of a facet. All entries of a facet lie together, in the order of their deaths. */
export const baseOf = (facet: number): number => (facet - HALF) * SPAN

const within = (at: number): number => Math.max(0, Math.min(SPAN - 1, Math.round(at)))

export const scoreOf = (facet: number, at: number): number => baseOf(facet) + within(at)
export const facetOf = (score: number): number => Math.floor(score / SPAN) + HALF
export const timeOf = (score: number): number => score - baseOf(facetOf(score))

/** The scores of a facet between two moments, for commands that take a range; the second one is not within. */
export const rangeOf = (facet: number, from = 0, before = SPAN): [least: string, most: string] => [
  String(baseOf(facet) + within(from)),
  `(${baseOf(facet) + Math.max(0, Math.min(SPAN, Math.round(before)))}`,
]
