// Links to take along: one that goes on with the time, and one that shows what is seen now for ever.
import { mergeSearch, type SearchChanges } from '../path.ts'
import type { Range } from './range.ts'

const withSearch = (href: string, changes: SearchChanges): string => {
  const url = new URL(href)
  return url.origin + url.pathname + mergeSearch(url.search, changes)
}

/** Whoever opens it sees the same span, up to their own now. */
export const liveLink = (href: string, range: Pick<Range, 'value'>): string =>
  withSearch(href, { t: range.value, from: undefined, to: undefined })

/** Whoever opens it sees the very same time. One that is frozen already stays as it is. */
export const frozenLink = (href: string, range: Pick<Range, 'ms'>, now: number): string => {
  const { searchParams } = new URL(href)
  return withSearch(href, {
    t: undefined,
    from: searchParams.get('from') ?? new Date(now - range.ms).toISOString(),
    to: searchParams.get('to') ?? new Date(now).toISOString(),
  })
}
