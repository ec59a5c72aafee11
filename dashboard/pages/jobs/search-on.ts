// Going on with a search whose look ended early: a call looks only so far, and less far on a busy server.
import type { Job } from '../../../shared/jobs/contract.ts'
import type { Searched } from './model.ts'

/** What one call found; `next` goes on from where it ended. */
export interface Looked {
  readonly rows: Job[]
  readonly next: string | null
  readonly searched: Searched
}

type Answer = Pick<Looked, 'searched'> & { data: Job[]; page: { next_cursor: string | null } }

/** Calls made one after the other before somebody is asked whether to go on. */
const CALLS = 5

/** Asks until so many jobs were found, or the end or some calls were reached. With `before` it goes on from there, and tells
 *  what was found and looked at in all. Fails with the first call that fails: what is shown already stays then. */
export const searchOn = async (
  ask: (cursor: string | undefined) => Promise<Answer>,
  enough: number,
  before?: Looked,
): Promise<Looked> => {
  const wanted = (before?.rows.length ?? 0) + enough
  let all = before
  for (let call = 0; call < CALLS; call++) {
    all = joined(all, await ask(all?.next ?? undefined))
    if (all.next === null || all.searched.complete || all.rows.length >= wanted) break
  }
  return all as Looked
}

/** Rows and those of `more` that are not among them: a job that is met again, as it moved on, stays where it was found first. */
export const withMore = (rows: readonly Job[], more: readonly Job[]): Job[] => {
  const known = new Set(rows.map(({ id }) => id))
  return [...rows, ...more.filter(({ id }) => !known.has(id))]
}

const joined = (before: Looked | undefined, { data, page, searched }: Answer): Looked => ({
  rows: withMore(before?.rows ?? [], data),
  next: page.next_cursor,
  searched: {
    ...searched,
    searched: (before?.searched.searched ?? 0) + searched.searched,
    unread: (before?.searched.unread ?? 0) + (searched.unread ?? 0),
  },
})
