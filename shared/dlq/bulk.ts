// What work on many dead letters shares: choosing them as somebody may, and doing a slice of them queue by queue.
import { allowsQueue } from '../bullmq/globs.ts'
import type { Applied, Asker, Outcome, Work } from '../operations/kind.ts'
import { SLICE_MAX } from '../operations/kind.ts'
import type { Fact } from '../kernel/event.ts'
import type { Select, SelectOptions } from './select.ts'
import type { Selected } from './selected.ts'
import type { DlqFilter } from './words.ts'
import { toIso } from '../kernel/clock.ts'

export interface BulkParams {
  filter: DlqFilter
  limit: number
}

/** Whose work it is that is chosen for, how long that may wait for the recorder, and how many it wants at once. */
export interface Choosing extends Pick<Work<unknown>, 'asker' | 'createdAt' | 'signal'>, Pick<SelectOptions, 'waitMs'> {
  /** Slices have at least so many, but for the last; as many as they may have, unless given. */
  least?: number
}

/** Those that match, that had died when the operation was made, and that whoever asked may see. Where it takes long to fill
 *  a slice, empty ones tell that it goes on. */
export async function* chosen(
  select: Select,
  { filter, limit }: BulkParams,
  { asker, createdAt, signal, waitMs, least = SLICE_MAX }: Choosing,
): AsyncGenerator<Selected[]> {
  const until = filter.to === undefined ? createdAt + 1 : Math.min(createdAt + 1, Date.parse(filter.to))
  const meant = { ...filter, to: toIso(until), ...seenBy(filter, asker) }
  // Those of queues that they may not see do not count.
  const enough = asker.queues.includes('*') ? limit : Number.MAX_SAFE_INTEGER
  let left = limit
  let gathered: Selected[] = []
  for await (const slice of select(meant, { limit: enough, signal, waitMs })) {
    const allowed = slice.filter(({ queue }) => allowsQueue(asker, queue)).slice(0, left)
    left -= allowed.length
    gathered.push(...allowed)
    yield gathered.length < least ? [] : gathered.splice(0, SLICE_MAX)
    if (left === 0) break
  }
  for (; gathered.length > 0; gathered = gathered.slice(SLICE_MAX)) yield gathered.slice(0, SLICE_MAX)
}

/** A key that sees few queues by name need not walk through all. */
const seenBy = ({ queue }: DlqFilter, { queues }: Asker): Pick<DlqFilter, 'queue'> =>
  queue !== undefined || queues.length > 20 || queues.some((glob) => glob.includes('*')) ? {} : { queue: [...queues] }

/** Why nothing was done to one that was found otherwise than it was chosen. */
export const REFUSALS = {
  missing: 'It is not there any more.',
  not_in_state: 'It was given another life, or discarded, by somebody else.',
  changed: 'It was given another life by somebody else and died again.',
} as const

export const isRefusal = (answer: string): answer is keyof typeof REFUSALS => answer in REFUSALS

/** Outcomes, with a fact for each item that was done. */
export const applied = (
  items: readonly Selected[],
  outcomes: readonly Outcome[],
  factOf: (item: Selected) => Fact,
): Applied => ({
  outcomes,
  facts: items.filter((_item, index) => outcomes[index]?.is === 'done').map(factOf),
})
