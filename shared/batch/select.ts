// Every job that a filter means, for work on many: in slices, as of a moment. The one place that decides how they are found.
import { parseAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import { toIso } from '../kernel/clock.ts'
import type { Asker } from '../operations/kind.ts'
import { SLICE_MAX } from '../operations/kind.ts'
import type { JobFilter } from './actions-contract.ts'
import { JobsQuery } from '../jobs/contract.ts'
import type { Job } from '../jobs/contract.ts'
import { searchOf } from '../jobs/list.ts'
import type { ListQuery } from '../jobs/list.ts'
import { searchJobs } from '../jobs/search.ts'
import type { Reading } from '../jobs/read.ts'
import { createSearching } from '../jobs/way.ts'
import type { JobState } from '../jobs/words.ts'

/** A job that was chosen: enough to find it, and to tell whether it is as it was. */
export interface ChosenJob extends Address {
  readonly name: string
  readonly state: JobState
  /** When it ended, of one that has. */
  readonly endedAt?: number
}

export interface Choice {
  readonly filter: JobFilter
  readonly states: readonly JobState[]
  readonly limit: number
  /** Jobs made after this moment are not meant. */
  readonly until: number
  readonly signal?: AbortSignal
}

/** Answers slices of at most 500; an empty one tells that many were looked at that do not fit. */
export type SelectJobs = (asker: Pick<Asker, 'queues'>, choice: Choice) => AsyncIterable<ChosenJob[]>

export const createSelectJobs = (reading: Reading): SelectJobs => {
  const searching = createSearching(reading)
  return async function* (asker, { filter, states, limit, until, signal }) {
    const query = queryOf(filter, states, until)
    let left = limit
    let cursor: string | undefined
    do {
      const asked = searchOf({ ...query, limit: Math.min(left, SLICE_MAX), cursor })
      const { data, page } = await searchJobs(searching, { queues: asker.queues, scopes: [] }, asked)
      const chosen = data.filter(({ queue }) => filter.queue?.includes(queue) ?? !isOurs(queue)).map(toChosen)
      yield chosen
      left -= chosen.length
      cursor = page.next_cursor ?? undefined
    } while (cursor !== undefined && left > 0 && signal?.aborted !== true)
  }
}

/** Queues on which k1n does its own work, this one too: they are meant by those only who name them. */
const isOurs = (queue: string): boolean => queue.startsWith('k1n-')

const queryOf = (
  { created_at, finished_at, state: _state, ...lists }: JobFilter,
  states: readonly JobState[],
  until: number,
): ListQuery => {
  const before = toIso(until + 1)
  const lt = created_at?.lt === undefined || Date.parse(created_at.lt) > until ? before : created_at.lt
  return {
    ...JobsQuery.parse({}),
    ...lists,
    state: [...states],
    'created_at[gte]': created_at?.gte,
    'created_at[lt]': lt,
    'finished_at[gte]': finished_at?.gte,
    'finished_at[lt]': finished_at?.lt,
  }
}

const toChosen = ({ id, queue, name, state, finished_at }: Job): ChosenJob => ({
  queue,
  id: parseAddress(id)?.id ?? id,
  name,
  state,
  ...(finished_at === null ? {} : { endedAt: Date.parse(finished_at) }),
})
