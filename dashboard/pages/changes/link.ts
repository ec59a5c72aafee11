// Where a line leads: to the page of what it is about, at the time it is about.
import { mergeSearch } from '../../path.ts'
import { linkTo } from '../../router.svelte.ts'
import type { RouteName } from '../../routes.ts'
import type { To } from './lines.ts'

/** What is looked at around a change. */
const AROUND_MS = 1_800_000

interface Window {
  since: string
  until: string
}

/** The path of any route; what it wants of parameters is known where the line was made. */
const pathOf = (page: RouteName, params: Record<string, string> | undefined): string =>
  (linkTo as (page: RouteName, params?: Record<string, string>) => string)(page, params).split('?')[0] ?? ''

/** A link that shows the time around the change to whoever opens it; without a moment the whole time that is told. */
export const linkOf = ({ page, params, search }: To, at: number | undefined, { since, until }: Window): string => {
  const end = Date.parse(until)
  const [from, to] =
    at === undefined
      ? [Date.parse(since), end]
      : [Math.max(0, at - AROUND_MS), Math.max(at + 1_000, Math.min(end, at + AROUND_MS))]
  const frozen = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
  return pathOf(page, params) + mergeSearch('', { ...search, ...frozen })
}

/** The link to these very changes. */
export const selfLink = ({ since, until }: Window): string =>
  pathOf('changes', undefined) + mergeSearch('', { since, until })
