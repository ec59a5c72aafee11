// What is typed into the filter of dead letters: words such as `queue:mail` and `data.customer.id:42`, and text.
import type { z } from 'zod'
import type { DlqQuery } from '../../../shared/dlq/contract.ts'
import type { DlqGroupQuery } from '../../../shared/triage/contract.ts'

type Query = z.input<typeof DlqQuery>
type GroupQuery = z.input<typeof DlqGroupQuery>

const keys = ['queue', 'name', 'error', 'version', 'group', 'assignee', 'since', 'until'] as const
type Key = (typeof keys)[number]

export interface Filter {
  words: Record<Key, string[]>
  /** Paths into the payload and the values there. */
  data: string[]
  text: string
}

const isKey = (text: string): text is Key => (keys as readonly string[]).includes(text)

/** Reads a filter. A word whose key is none of ours, or that has no value yet, is text, or nothing. */
export const readFilter = (q: string): Filter => {
  const filter: Filter = { words: { queue: [], name: [], error: [], version: [], group: [], assignee: [], since: [], until: [] }, data: [], text: '' } // prettier-ignore
  const text: string[] = []
  for (const word of q.split(/\s+/)) {
    const [, key = '', value = ''] = /^([a-z]+(?:\.[^:]+)?):(.*)$/.exec(word) ?? []
    if (key.startsWith('data.')) filter.data.push(...(value === '' ? [] : [`${key.slice(5)}=${value}`]))
    else if (isKey(key)) filter.words[key].push(...(value === '' ? [] : [value]))
    else if (word !== '') text.push(word)
  }
  filter.text = text.join(' ')
  return filter
}

const classes = ['transient', 'permanent', 'timeout', 'rate_limited', 'circuit_open', 'unknown'] as const
const isClass = (text: string): text is (typeof classes)[number] => (classes as readonly string[]).includes(text)

const instantOf = (text: string | undefined): string | undefined => {
  const at = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(at) ? undefined : new Date(at).toISOString()
}

const some = <Name extends string, Value>(name: Name, values: readonly Value[]): Partial<Record<Name, Value[]>> =>
  values.length === 0 ? {} : ({ [name]: [...values] } as Record<Name, Value[]>)

/** What to ask for single dead letters. `error:` is a class of errors, such as `timeout`, or an error's name. */
export const entryQuery = (q: string, limit: number, cursor?: string): Query => {
  const { words, data, text } = readFilter(q)
  const [from, to] = [instantOf(words.since[0]), instantOf(words.until[0])]
  return {
    limit,
    ...some('queue', words.queue),
    ...some('name', words.name),
    ...some('error_class', words.error.filter(isClass)),
    ...some(
      'error_name',
      words.error.filter((word) => !isClass(word)),
    ),
    ...some('version', words.version),
    ...some('group', words.group),
    ...some('data', data),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(text !== '' && { q: text }),
    ...(cursor !== undefined && { cursor }),
  }
}

/** Which groups are shown. */
export const shows = [
  { value: 'open', label: 'Open' },
  { value: 'new', label: 'New' },
  { value: 'regressed', label: 'Regressed' },
  { value: 'ongoing', label: 'Ongoing' },
  { value: 'ignored', label: 'Ignored' },
  { value: 'resolved', label: 'Resolved' },
  { value: 'all', label: 'All' },
] as const
export type Show = (typeof shows)[number]['value']

export const showOf = (status: string | undefined): Show => shows.find(({ value }) => value === status)?.value ?? 'open'

const stateQuery = (show: Show): Pick<GroupQuery, 'state' | 'open'> => {
  if (show === 'open') return { state: ['new', 'ongoing', 'regressed'], open: 'true' }
  return show === 'all' ? {} : { state: [show] }
}

/** What to ask for groups. An error's name is looked for in titles, where there is no other text. */
export const groupQuery = (q: string, show: Show, limit: number, cursor?: string): GroupQuery => {
  const { words, text } = readFilter(q)
  const title = text === '' ? words.error.find((word) => !isClass(word)) : text
  return {
    limit,
    ...stateQuery(show),
    ...some('queue', words.queue),
    ...some('name', words.name),
    ...(words.assignee[0] !== undefined && { assignee: words.assignee[0] }),
    ...(title !== undefined && { q: title }),
    ...(cursor !== undefined && { cursor }),
  }
}

/** The words that only single dead letters can be asked for; groups are shown as if they were not there. */
export const beyondGroups = (q: string): string[] => {
  const { words, data, text } = readFilter(q)
  const inTitle = text === '' ? words.error.find((word) => !isClass(word)) : undefined
  return [
    ...words.error.filter((word) => word !== inTitle).map((word) => `error:${word}`),
    ...(['version', 'group', 'since', 'until'] as const).flatMap((key) => words[key].map((word) => `${key}:${word}`)),
    ...data.map((test) => `data.${test.replace('=', ':')}`),
  ]
}
