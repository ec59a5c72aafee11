// Which charts the page shows, and what its link says of them: one large, some as tables.

/** In the order of the page: what breaks first, then what it costs. */
export const ids = [
  'outcomes',
  'success',
  'dead-letters',
  'breaker-states',
  'retry-waste',
  'retry-attempts',
  'wait-time',
  'run-time',
  'backlog',
  'slots',
  'wait-by-priority',
  'duration-map',
  'schedule-history',
  'dead-letter-ages',
  'webhook-deliveries',
] as const
export type ChartId = (typeof ids)[number]

const isId = (text: string): text is ChartId => (ids as readonly string[]).includes(text)

/** The chart a link opens large; one nobody knows opens none. */
export const largeIn = (text: string | undefined): ChartId | undefined => ids.find((id) => id === text)

/** The charts whose tables stand in place of their pictures. */
export const tablesIn = (text: string | undefined): ChartId[] => (text ?? '').split(',').filter(isId)

/** The link's word for the tables with one of them turned; undefined for none. */
export const withTurned = (text: string | undefined, id: ChartId): string | undefined => {
  const before = tablesIn(text)
  const after = before.includes(id) ? before.filter((one) => one !== id) : [...before, id]
  return after.length === 0 ? undefined : after.join(',')
}
