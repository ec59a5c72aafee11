// Whether a job is meant by a tree of terms: yes, no, or not to be told by what is known of it yet.
import { matcher } from '../bullmq/globs.ts'
import { memberAt } from '../kernel/data-filter.ts'
import { idsOf } from './facts.ts'
import type { Facts, Values } from './facts.ts'
import { pathOf } from './search-words.ts'
import type { SearchField, SearchOp, SearchTerm, SearchWhere } from './search-words.ts'

/** Undefined: it takes more to tell. */
export type Verdict = boolean | undefined
export type Meant = (facts: Facts) => Verdict

/** Whether payloads of jobs of a name may be searched at a path. */
export type IsIndexed = (name: string, path: string) => boolean

/** Makes the function that judges. What stands first and can be told is not asked again behind it. */
export const compileWhere = (where: SearchWhere | undefined, isIndexed: IsIndexed): Meant => {
  if (where === undefined) return () => true
  if ('field' in where) return compileTerm(where, isIndexed)
  const isAnd = 'and' in where
  const members = (isAnd ? where.and : where.or).map((member) => compileWhere(member, isIndexed))
  return (facts) => joined(members, facts, !isAnd)
}

/** And is over at the first no, or at the first yes; what nobody knows is known only if it decides nothing. */
const joined = (members: readonly Meant[], facts: Facts, decisive: boolean): Verdict => {
  let verdict: Verdict = !decisive
  for (const member of members) {
    const one = member(facts)
    if (one === decisive) return decisive
    if (one === undefined) verdict = undefined
  }
  return verdict
}

const compileTerm = ({ field, op, value }: SearchTerm, isIndexed: IsIndexed): Meant => {
  const found = reading(field, isIndexed)
  const wanted = wantedOf(field, value)
  const holds = field === 'queue' ? queueHolds(op, wanted as string[]) : compare(op, wanted)
  return (facts) => {
    const values = found(facts)
    return values && holds(values)
  }
}

const isTime = (field: string): boolean => field === 'created_at' || field === 'finished_at'

const wantedOf = (field: string, value: SearchTerm['value']): readonly unknown[] => {
  const wanted = Array.isArray(value) ? value : [value]
  return isTime(field) ? wanted.map((one) => Date.parse(String(one))) : wanted
}

const readings: Readonly<Record<SearchField, (facts: Facts) => Values>> = {
  id: idsOf,
  queue: ({ address }) => [address.queue],
  name: ({ name }) => name,
  state: ({ state }) => state && [state],
  tag: ({ tags }) => tags,
  service: ({ service }) => service,
  error_class: ({ errorClass }) => errorClass,
  created_at: ({ createdAt }) => createdAt,
  finished_at: ({ finishedAt }) => finishedAt,
  text: (facts) => {
    const { name, message } = facts
    return name && message && [facts.address.id, ...name, ...message]
  },
}

const reading = (field: string, isIndexed: IsIndexed): ((facts: Facts) => Values) => {
  const path = pathOf(field)
  if (path === undefined) return readings[field as SearchField]
  return ({ name, payload }) => {
    if (name === undefined) return undefined
    if (!isIndexed(String(name[0]), path)) return []
    if (payload === undefined) return undefined
    const value = memberAt(payload.value, path)
    return value === undefined || (typeof value === 'object' && value !== null) ? [] : [value]
  }
}

type Holds = (values: readonly unknown[]) => boolean

const queueHolds = (op: SearchOp, globs: readonly string[]): Holds => {
  const fits = matcher(globs)
  const isMeant = op === 'eq' || op === 'in'
  return (values) => values.some((queue) => fits(String(queue))) === isMeant
}

/** `ne` and `not_in` also hold where there is nothing; an order is one of numbers, or one of texts. */
const compare = (op: SearchOp, wanted: readonly unknown[]): Holds => {
  const set = new Set(wanted)
  const [first] = wanted
  const text = String(first)
  const lower = text.toLowerCase()
  switch (op) {
    case 'eq':
    case 'in':
      return (values) => values.some((value) => set.has(value))
    case 'ne':
    case 'not_in':
      return (values) => !values.some((value) => set.has(value))
    case 'prefix':
      return (values) => values.some((value) => typeof value === 'string' && value.startsWith(text))
    case 'contains':
      return (values) => values.some((value) => String(value).toLowerCase().includes(lower))
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return (values) => values.some((value) => typeof value === typeof first && inOrder(op, value, first))
    default:
      op satisfies never
      throw new Error('unreachable')
  }
}

const inOrder = (op: 'gt' | 'gte' | 'lt' | 'lte', left: unknown, right: unknown): boolean => {
  const [a, b] = [left as number, right as number]
  if (a === b) return op === 'gte' || op === 'lte'
  return op === 'gt' || op === 'gte' ? a > b : a < b
}
