// What people decided about a group, and when a death undoes it.
import { z } from 'zod'

/** What is stored of a group beside its deaths, as JSON; a group nobody decided anything about has none. */
export const Triage = z.object({
  /** Null until somebody decides: such a group is new for a day and ongoing after it. */
  state: z.enum(['ongoing', 'ignored', 'resolved', 'regressed']).nullable(),
  /** When the state began, epoch ms. */
  since: z.number(),
  /** Deaths that had been counted by then. */
  total: z.int(),
  /** Versions it had died under by then. */
  versions: z.array(z.string()),
  ignore: z.object({
    until: z.number().nullable(),
    perHour: z.int().nullable(),
    count: z.int().nullable(),
  }),
  assignee: z.string().nullable(),
  note: z.string().nullable(),
  /** Goes up with every change. */
  version: z.int(),
})
export type Triage = z.output<typeof Triage>

export const untouched: Triage = {
  state: null,
  since: 0,
  total: 0,
  versions: [],
  ignore: { until: null, perHour: null, count: null },
  assignee: null,
  note: null,
  version: 0,
}

export const parseTriage = (text: string | null | undefined): Triage => {
  if (text === null || text === undefined) return untouched
  return Triage.parse(JSON.parse(text))
}

export type GroupState = 'new' | 'ongoing' | 'ignored' | 'resolved' | 'regressed'

/** A group is new for so long. */
export const NEW_MS = 24 * 60 * 60 * 1_000

/** The state a group is shown in. Being ignored until a moment ends by itself. */
export const stateOf = ({ state, ignore }: Triage, firstSeen: number, now: number): GroupState => {
  switch (state) {
    case null:
      return now - firstSeen < NEW_MS ? 'new' : 'ongoing'
    case 'ignored':
      return ignore.until !== null && ignore.until <= now ? 'ongoing' : 'ignored'
    case 'ongoing':
    case 'resolved':
    case 'regressed':
      return state
    default:
      return state satisfies never
  }
}

/** Deaths of a group that were just counted, and what they make of it. */
export interface News {
  /** Versions they died under; null for one that nobody told. */
  versions: readonly (string | null)[]
  /** Deaths counted by now, and within the last hour. */
  total: number
  lastHour: number
  now: number
}

export interface Undone {
  state: 'ongoing' | 'regressed'
  reason: 'regressed' | 'ignored_until' | 'ignored_count' | 'ignored_rate'
}

/** Answers which state deaths put a group into; undefined when they change nothing. A resolved group has come back when it
 *  dies under a version it had not died under before, or where versions are not told. */
export const undoneBy = ({ state, total, versions, ignore }: Triage, news: News): Undone | undefined => {
  if (state === 'resolved') {
    const back = news.versions.some((version) => version === null || !versions.includes(version))
    return back ? { state: 'regressed', reason: 'regressed' } : undefined
  }
  if (state !== 'ignored') return undefined
  if (ignore.until !== null && ignore.until <= news.now) return { state: 'ongoing', reason: 'ignored_until' }
  if (ignore.count !== null && news.total - total >= ignore.count) return { state: 'ongoing', reason: 'ignored_count' }
  if (ignore.perHour !== null && news.lastHour > ignore.perHour) return { state: 'ongoing', reason: 'ignored_rate' }
  return undefined
}
