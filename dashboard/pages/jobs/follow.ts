// What the list of jobs listens to: the jobs it shows, and those that come to fit its filter; not all that happens.
import type { Filter as Wanted } from '../../data/live/wire.ts'
import type { Filter } from './model.ts'

/** A frame has 16 kB: with more rows than fit in it all jobs are listened to. */
const CHARS_MAX = 12_000
const ROWS_MAX = 500

/** The jobs that are shown. */
export const shownIn = (ids: readonly string[]): Wanted | undefined =>
  ids.length > ROWS_MAX || JSON.stringify(ids).length > CHARS_MAX ? undefined : { task_id: ids }

/** States that one event alone tells of, which has the same name. */
const ownEvent = ['active', 'completed', 'failed', 'cancelled', 'skipped', 'expired']

/** Topics whose events may tell of a job that came to fit the filter: without states only one that was added is new. */
export const newsFor = ({ state }: Filter): string[] => {
  if (state.length === 0) return ['job:added']
  return state.every((one) => ownEvent.includes(one)) ? state.map((one) => `job:${one}`) : ['job:*']
}

const QUEUES_MAX = 100

/** The queues the filter names; undefined where it names none, or by a glob. */
export const queuesIn = ({ queue }: Filter): Wanted | undefined =>
  queue.length === 0 || queue.length > QUEUES_MAX || queue.some((name) => name.includes('*')) ? undefined : { queue }
