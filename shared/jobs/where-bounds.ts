// What every job that a tree of terms means has in common: where it must lie, and in which time. It tells where to walk.
import { matcher } from '../bullmq/globs.ts'
import type { Range } from '../bullmq/newest.ts'
import type { SearchTerm, SearchWhere } from './search-words.ts'
import { JobState } from './words.ts'

const ENDED: readonly JobState[] = ['completed', 'failed', 'cancelled', 'skipped', 'expired']
const ALL: ReadonlySet<JobState> = new Set(JobState.options)

/** Folds a tree: groups join what their members come to. */
const fold = <Value>(
  where: SearchWhere,
  leaf: (term: SearchTerm) => Value,
  join: (kind: 'and' | 'or', members: readonly Value[]) => Value,
): Value => {
  if ('field' in where) return leaf(where)
  const kind = 'and' in where ? 'and' : 'or'
  const members = 'and' in where ? where.and : where.or
  return join(
    kind,
    members.map((member) => fold(member, leaf, join)),
  )
}

const list = ({ value }: SearchTerm): readonly unknown[] => (Array.isArray(value) ? value : [value])
const isPositive = ({ op }: SearchTerm): boolean => op === 'eq' || op === 'in'

/** What is in both sets. */
export const both = <Value>(a: ReadonlySet<Value>, b: ReadonlySet<Value>): ReadonlySet<Value> =>
  new Set([...a].filter((value) => b.has(value)))

/** The values of a field a job can have at all; undefined for any. */
const valuesOf = (where: SearchWhere | undefined, leaf: (term: SearchTerm) => ReadonlySet<unknown> | undefined) =>
  where &&
  fold(where, leaf, (kind, members) => {
    const bounds = members.filter((member) => member !== undefined)
    if (kind === 'and') return bounds.length === 0 ? undefined : bounds.reduce((a, b) => both(a, b))
    return bounds.length < members.length ? undefined : bounds.reduce((a, b) => new Set([...a, ...b]))
  })

/** States a job that is meant can be in. */
export const statesOf = (where: SearchWhere | undefined): ReadonlySet<JobState> =>
  (valuesOf(where, (term) => {
    // Only what has ended has a time of its end.
    if (term.field === 'finished_at') return new Set(ENDED)
    if (term.field !== 'state') return undefined
    const named = new Set(list(term))
    return isPositive(term) ? named : new Set(JobState.options.filter((state) => !named.has(state)))
  }) as ReadonlySet<JobState> | undefined) ?? ALL

/** The exact values of a field that a job must have one of; undefined where it may have any. */
export const mustBe = (
  where: SearchWhere | undefined,
  field: 'name' | 'error_class',
): readonly string[] | undefined => {
  const values = valuesOf(where, (term) => (term.field === field && isPositive(term) ? new Set(list(term)) : undefined))
  return values && ([...values] as string[])
}

export interface QueueBounds {
  /** Names of queues there may be no others than; undefined where a glob or none is asked for. */
  readonly names: readonly string[] | undefined
  readonly fits: (queue: string) => boolean
}

export const queuesOf = (where: SearchWhere | undefined): QueueBounds => {
  const names = valuesOf(where, (term) => {
    const exact = term.field === 'queue' && isPositive(term) && !list(term).some((one) => String(one).includes('*'))
    return exact ? new Set(list(term)) : undefined
  }) as ReadonlySet<string> | undefined
  return { names: names && [...names], fits: fitting(where) }
}

type Fits = (queue: string) => boolean
const fitting = (where: SearchWhere | undefined): Fits => {
  if (where === undefined) return () => true
  return fold<Fits>(
    where,
    (term) => {
      if (term.field !== 'queue') return () => true
      const [fits, isMeant] = [matcher(list(term) as string[]), isPositive(term)]
      return (queue) => fits(queue) === isMeant
    },
    (kind, members) => (queue) => members[kind === 'and' ? 'every' : 'some']((member) => member(queue)),
  )
}

/** A span of time that holds every moment that is meant: `from` inclusive, `before` exclusive, in epoch ms. */
export const rangeOf = (where: SearchWhere | undefined, field: 'created_at' | 'finished_at'): Range =>
  where === undefined
    ? {}
    : fold<Range>(
        where,
        (term) => (term.field === field ? rangeOfTerm(term) : {}),
        (kind, members) => (kind === 'and' ? members.reduce(overlap) : members.reduce(hull)),
      )

const rangeOfTerm = ({ op, value }: SearchTerm): Range => {
  const at = Date.parse(String(value))
  switch (op) {
    case 'gt':
      return { from: at + 1 }
    case 'gte':
      return { from: at }
    case 'lt':
      return { before: at }
    case 'lte':
      return { before: at + 1 }
    default:
      return {}
  }
}

const overlap = (a: Range, b: Range): Range => ({
  from: greatest(a.from, b.from),
  before: least(a.before, b.before),
})
const hull = (a: Range, b: Range): Range => ({
  from: a.from === undefined || b.from === undefined ? undefined : Math.min(a.from, b.from),
  before: a.before === undefined || b.before === undefined ? undefined : Math.max(a.before, b.before),
})
const greatest = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.max(a, b)
const least = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.min(a, b)
