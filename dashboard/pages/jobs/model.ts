// The language of the filter: `state:failed queue:mail-* name:send tag:vip service:smtp error:timeout age>1h data.customer.id:42`
// and free text; and what to say about a result.
import type { JobsQuery } from '../../../shared/jobs/contract.ts'
import type { SearchTerm, SearchWhere } from '../../../shared/jobs/search-words.ts'
import type { z } from 'zod'
import { readSpan } from '../../data/span.ts'
import { count, countOf } from '../../ui/format.ts'

export const jobStates = [
  'waiting',
  'prioritized',
  'delayed',
  'parked',
  'active',
  'waiting_children',
  'completed',
  'failed',
  'cancelled',
  'skipped',
  'expired',
] as const
const errorClasses = ['transient', 'permanent', 'timeout', 'rate_limited', 'circuit_open', 'unknown'] as const

export interface Filter {
  state: string[]
  queue: string[]
  name: string[]
  tag: string[]
  service: string[]
  error: string[]
  /** How long ago it was added: `>1h`, `<10min`. */
  age: string[]
  /** A member of the payload by its path: `customer.id:42`. */
  data: string[]
  text: string
  /** Words that mean nothing here, told instead of ignored. */
  unknown: string[]
}
export type Key = 'state' | 'queue' | 'name' | 'tag' | 'service' | 'error'
const KEYS: readonly Key[] = ['state', 'queue', 'name', 'tag', 'service', 'error']
const allowed: Partial<Record<Key, readonly string[]>> = { state: jobStates, error: errorClasses }

/** Splits at spaces, but not inside quotes: `name:"two words"`. */
const words = (q: string): string[] => q.match(/[a-z][\w.]*:"[^"]*"|\S+/g) ?? []
const unquoted = (text: string): string => text.replace(/^"(.*)"$/, '$1')

/** How far back `>1h` begins, or ends; undefined for what is no length of time. */
const ageOf = (text: string): { older: boolean; ms: number } | undefined => {
  const read = readSpan(text.slice(1), { min: 1, max: 315_360_000_000 })
  return 'value' in read && read.value !== null ? { older: text.startsWith('>'), ms: read.value } : undefined
}
const agePart = (word: string): [string] => [ageOf(word.slice(3)) ? word.slice(3) : word]

/** The span in which jobs were added that a filter means, counted back from now. */
export const addedIn = ({ age }: Pick<Filter, 'age'>, now: number): { gte?: string; lt?: string } =>
  Object.fromEntries(
    age.flatMap((text) => {
      const read = ageOf(text)
      return read ? [[read.older ? 'lt' : 'gte', new Date(now - read.ms).toISOString()]] : []
    }),
  )

/** Reads a filter; later words of one key mean "or". */
export const readFilter = (q: string): Filter => {
  const filter: Filter = { state: [], queue: [], name: [], tag: [], service: [], error: [], age: [], data: [], text: '', unknown: [] } // prettier-ignore
  const text: string[] = []
  for (const word of words(q)) {
    const [, prefix, rest = ''] = /^([a-z]+):(.+)$/.exec(word) ?? []
    const key = KEYS.find((known) => known === prefix)
    const value = unquoted(rest)
    if (/^age[<>]/.test(word)) filter[ageOf(word.slice(3)) ? 'age' : 'unknown'].push(...agePart(word))
    else if (/^data\.[^:]+:.+/.test(word)) filter.data.push(word.slice('data.'.length))
    else if (!key) text.push(word)
    else if (allowed[key] && !allowed[key].includes(value)) filter.unknown.push(word)
    else filter[key].push(value)
  }
  return { ...filter, text: text.join(' ') }
}

const quoted = (value: string): string => (/\s/.test(value) ? `"${value}"` : value)

/** Writes a filter back; reading it again gives the same. */
export const writeFilter = (filter: Filter): string =>
  [
    ...KEYS.flatMap((key) => filter[key].map((value) => `${key}:${quoted(value)}`)),
    ...filter.age.map((value) => `age${value}`),
    ...filter.data.map((value) => `data.${value}`),
    ...filter.unknown,
    filter.text,
  ]
    .filter((word) => word !== '')
    .join(' ')

/** The filter with one key set to one value, or cleared. */
export const withKey = (q: string, key: Key, value: string): string =>
  writeFilter({ ...readFilter(q), [key]: value === '' ? [] : [value] })

type Query = z.input<typeof JobsQuery>
const inRange = (name: 'created_at', { gte, lt }: { gte?: string; lt?: string }): Query => ({
  ...(gte !== undefined && { [`${name}[gte]`]: gte }),
  ...(lt !== undefined && { [`${name}[lt]`]: lt }),
})

const scalar = (text: string): string | number | boolean | null => {
  if (text === 'null') return null
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?(?:0|[1-9]\d{0,14})(?:\.\d+)?$/.test(text) ? Number(text) : text
}

/** The tree of terms that says the same, for a filter that asks for members of payloads. */
export const whereOf = (filter: Filter, now: number): SearchWhere => {
  const { gte, lt } = addedIn(filter, now)
  const oneOf = (field: string, value: string[]): SearchTerm[] => (value.length > 0 ? [{ field, op: 'in', value }] : [])
  return {
    and: [
      ...oneOf('state', filter.state),
      ...oneOf('queue', filter.queue),
      ...oneOf('name', filter.name),
      ...oneOf('tag', filter.tag),
      ...oneOf('service', filter.service),
      ...oneOf('error_class', filter.error),
      ...(gte === undefined ? [] : [{ field: 'created_at', op: 'gte', value: gte } as const]),
      ...(lt === undefined ? [] : [{ field: 'created_at', op: 'lt', value: lt } as const]),
      ...(filter.text === '' ? [] : [{ field: 'text', op: 'contains', value: filter.text } as const]),
      ...filter.data.map((text): SearchTerm => {
        const at = text.indexOf(':')
        return { field: `data.${text.slice(0, at)}`, op: 'eq', value: scalar(unquoted(text.slice(at + 1))) }
      }),
    ],
  }
}

/** What to ask the API for, as long as nothing is asked of payloads. */
export const queryOf = (filter: Filter, limit: number, cursor?: string, now = 0): Query => ({
  limit,
  ...inRange('created_at', addedIn(filter, now)),
  ...(filter.state.length > 0 && { state: filter.state }),
  ...(filter.queue.length > 0 && { queue: filter.queue }),
  ...(filter.name.length > 0 && { name: filter.name }),
  ...(filter.tag.length > 0 && { tag: filter.tag }),
  ...(filter.service.length > 0 && { service: filter.service }),
  ...(filter.error.length > 0 && { error_class: filter.error }),
  ...(filter.text !== '' && { q: filter.text }),
  ...(cursor !== undefined && { cursor }),
})

export interface Searched {
  searched: number
  complete: boolean
  /** Payloads too long to be read. */
  unread?: number
  /** Jobs made before this were not looked through: k1n never heard of them, or its list reaches no further back. */
  since?: string | null
}

/** The honest line under the filter: how many are shown and how far was looked. */
export const searchedLine = (shown: number, searched: Searched | undefined, more: boolean): string => {
  const jobs = `${countOf(shown, 'job')}${more ? ' so far' : ''}`
  const unread = searched?.unread ? ` ${countOf(searched.unread, 'payload')} over 256 KiB not read.` : ''
  if (!searched || (searched.complete && more)) return `${jobs}, newest first.`
  return searched.complete
    ? `${jobs}, newest first. All ${count(searched.searched)}${searched.since ? ' that k1n saw being made' : ''} were searched.${unread}`
    : `${jobs} among the newest ${count(searched.searched)}. Older ones were not searched yet.${unread}`
}

/** Each part of the filter with the filter that is left without it, to offer dropping it. */
export const parts = (q: string): { word: string; without: string }[] => {
  const all = words(q)
  return all.map((word, index) => ({ word, without: all.filter((_, at) => at !== index).join(' ') }))
}

/** What the word that is typed last may become, each with all that stands before it. */
export const completions = (q: string, queues: readonly string[]): string[] => {
  const [, before = '', last = ''] = /^(.*?)(\S*)$/.exec(q) ?? []
  const all = [
    ...jobStates.map((state) => `state:${state}`),
    ...queues.map((name) => `queue:${quoted(name)}`),
    ...errorClasses.map((name) => `error:${name}`),
    ...['name:', 'tag:', 'service:', 'age>1h', 'age<10min', 'data.'],
  ]
  const fitting = all.filter((word) => word.startsWith(last) && word !== last)
  return last === '' && before === '' ? [] : fitting.slice(0, COMPLETIONS_MAX).map((word) => before + word)
}
const COMPLETIONS_MAX = 12

/** Stands for a choice of several, which only the line of words can make. */
const SEVERAL = ' several'

export interface Choices {
  readonly options: readonly { value: string; label: string }[]
  readonly selected: string
}

/** One choice for what the filter names of a key. It says so where that is several, and names one that is not among all, which may be
 *  gone or not told yet. */
export const choicesOf = (all: Choices['options'], chosen: readonly string[]): Choices => {
  const any = { value: '', label: 'Any' }
  const [only] = chosen
  if (only === undefined) return { options: [any, ...all], selected: '' }
  if (chosen.length > 1)
    return { options: [any, { value: SEVERAL, label: `${chosen.length} of them` }, ...all], selected: SEVERAL }
  const isThere = all.some(({ value }) => value === only)
  return { options: [any, ...all, ...(isThere ? [] : [{ value: only, label: only }])], selected: only }
}
