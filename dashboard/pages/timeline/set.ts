// A marked stretch as a set of jobs: what it is called, what an action on it may be asked for, where it is listed.
import type { JobFilter } from '../../../shared/batch/actions-contract.ts'
import type { z } from 'zod'
import type { SearchChanges } from '../../path.ts'
import type { Area, Tally } from '../../gantt/area.ts'
import { timeOf } from '../../gantt/times.ts'
import { count, countOf, duration } from '../../ui/format.ts'
import { shareWords } from '../../charts/readings.ts'
import { lanesOut, windowSearch, type Settings } from './model.ts'

/** Lanes that one filter can name. */
const LANES_MAX = 50

export const areaWords = ({ from, to, lanes, isAll }: Area, zone: string): string => {
  const where = isAll ? 'all lanes' : lanes.length === 1 ? (lanes[0] ?? '') : `${lanes.length} lanes`
  return `${timeOf(from, zone)} to ${timeOf(to, zone)}, ${where}`
}

export const tallyWords = ({ runs, dead, troubled }: Tally): string =>
  [countOf(runs, 'run'), `${count(dead)} died`, ...(troubled > 0 ? [`${count(troubled)} failed for now`] : [])].join(
    ', ',
  )

/** What an action on the dead of a set is asked for, or why it cannot be. They are meant by when they ended. */
export const retryFilter = (
  area: Area,
  { group, q, lanes }: Pick<Settings, 'group' | 'q' | 'lanes'>,
): { filter: z.input<typeof JobFilter> } | { reason: string } => {
  if (q !== '') return { reason: 'Drop the filter first: an action cannot be told by it' }
  const isNamed = !area.isAll || lanes !== undefined
  if (isNamed && group === 'worker') return { reason: 'Group by queue, service or name first' }
  if (isNamed && area.lanes.length > LANES_MAX) return { reason: `Mark at most ${LANES_MAX} lanes` }
  if (isNamed && area.lanes.length === 0) return { reason: 'There is no lane in it' }
  if (group === 'service' && isNamed && area.lanes.includes('no service')) return { reason: 'Leave out what has no service' } // prettier-ignore
  const named = !isNamed || group === 'worker' ? {} : { [group]: [...area.lanes] }
  return {
    filter: {
      ...named,
      state: ['failed'],
      finished_at: { gte: new Date(area.from).toISOString(), lt: new Date(area.to).toISOString() },
    },
  }
}

/** The same set as a table, in the link. */
export const listSearch = (area: Area): SearchChanges => ({
  ...windowSearch(area, false),
  view: 'table',
  lanes: area.isAll ? undefined : lanesOut(area.lanes),
})

export interface Compared {
  what: string
  now: string
  before: string
}

/** The set beside the one before it, row by row. */
export const rowsOf = (now: Tally, before: Tally): Compared[] => {
  const row = (what: string, of: (tally: Tally) => string): Compared => ({ what, now: of(now), before: of(before) })
  return [
    row('Runs', ({ runs }) => count(runs)),
    row('Died', ({ dead, runs }) => `${count(dead)} (${shareWords(dead, runs)})`),
    row('Failed for now', ({ troubled, runs }) => `${count(troubled)} (${shareWords(troubled, runs)})`),
    row('Ran, median', ({ p50 }) => (p50 === null ? 'not known' : duration(p50))),
    row('Ran, 95 of 100', ({ p95 }) => (p95 === null ? 'not known' : duration(p95))),
    row('Waited, 95 of 100', ({ waitP95 }) => (waitP95 === null ? 'not known' : duration(waitP95))),
  ]
}

/** What a comparison comes to, in one sentence. */
export const comparedWords = (now: Tally, before: Tally): string => {
  if (before.runs === 0) return 'Nothing ran in the same time before.'
  const [share, shareBefore] = [now.dead / Math.max(1, now.runs), before.dead / before.runs]
  const runs = now.runs === before.runs ? 'As many runs as' : `${count(Math.abs(now.runs - before.runs))} ${now.runs > before.runs ? 'more' : 'fewer'} runs than` // prettier-ignore
  const deaths = share === shareBefore ? 'as large a share died' : `a ${share > shareBefore ? 'larger' : 'smaller'} share died` // prettier-ignore
  return `${runs} in the same time before, and ${deaths}: ${shareWords(now.dead, now.runs)} against ${shareWords(before.dead, before.runs)}.`
}
