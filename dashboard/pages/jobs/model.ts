// The language of the filter: `state:failed queue:mail-* name:send tag:vip service:smtp error:timeout` and free text; and what to say
// about a result.
import type { JobsQuery } from '../../../shared/jobs/contract.ts'
import type { z } from 'zod'
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
  text: string
  /** Words that mean nothing here, told instead of ignored. */
  unknown: string[]
}
export type Key = 'state' | 'queue' | 'name' | 'tag' | 'service' | 'error'
const KEYS: readonly Key[] = ['state', 'queue', 'name', 'tag', 'service', 'error']
const allowed: Partial<Record<Key, readonly string[]>> = { state: jobStates, error: errorClasses }

/** Splits at spaces, but not inside quotes: `name:"two words"`. */
const words = (q: string): string[] => q.match(/[a-z]+:"[^"]*"|\S+/g) ?? []
const unquoted = (text: string): string => text.replace(/^"(.*)"$/, '$1')

/** Reads a filter; later words of one key mean "or". */
export const readFilter = (q: string): Filter => {
  const filter: Filter = { state: [], queue: [], name: [], tag: [], service: [], error: [], text: '', unknown: [] }
  const text: string[] = []
  for (const word of words(q)) {
    const [, prefix, rest = ''] = /^([a-z]+):(.+)$/.exec(word) ?? []
    const key = KEYS.find((known) => known === prefix)
    const value = unquoted(rest)
    if (!key) text.push(word)
    else if (allowed[key] && !allowed[key].includes(value)) filter.unknown.push(word)
    else filter[key].push(value)
  }
  return { ...filter, text: text.join(' ') }
}

const quoted = (value: string): string => (/\s/.test(value) ? `"${value}"` : value)

/** Writes a filter back; reading it again gives the same. */
export const writeFilter = (filter: Filter): string =>
  [...KEYS.flatMap((key) => filter[key].map((value) => `${key}:${quoted(value)}`)), ...filter.unknown, filter.text]
    .filter((word) => word !== '')
    .join(' ')

/** The filter with one key set to one value, or cleared. */
export const withKey = (q: string, key: Key, value: string): string =>
  writeFilter({ ...readFilter(q), [key]: value === '' ? [] : [value] })

type Query = z.input<typeof JobsQuery>

/** What to ask the API for. */
export const queryOf = (filter: Filter, limit: number, cursor?: string): Query => ({
  limit,
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
}

/** The honest line under the filter: how many are shown and how far was looked. */
export const searchedLine = (shown: number, searched: Searched | undefined, more: boolean): string => {
  const jobs = `${countOf(shown, 'job')}${more ? ' so far' : ''}`
  if (!searched || (searched.complete && more)) return `${jobs}, newest first.`
  return searched.complete
    ? `${jobs}, newest first. All ${count(searched.searched)} were searched.`
    : `${jobs} among the newest ${count(searched.searched)}. Older ones were not searched yet.`
}

/** Each part of the filter with the filter that is left without it, to offer dropping it. */
export const parts = (q: string): { word: string; without: string }[] => {
  const all = words(q)
  return all.map((word, index) => ({ word, without: all.filter((_, at) => at !== index).join(' ') }))
}
