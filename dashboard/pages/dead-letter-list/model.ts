// What a list of single dead letters says above itself.
import { count } from '../../ui/format.ts'
import { entryQuery } from '../dead-letters/filter.ts'

interface Searched {
  searched: number
  complete: boolean
  titles?: number
  indexed?: boolean
}

/** The honest line above the list. */
export const countLine = (shown: number, total: number | undefined, searched: Searched | undefined): string => {
  const of = total === undefined || total < shown ? '' : ` of ${count(total)}`
  return `${count(shown)}${of} ${(total ?? shown) === 1 ? 'dead letter' : 'dead letters'}, newest first.${searchedWords(searched)}`
}

/** How much was looked at, told wherever somebody searched. */
export const searchedWords = (searched: Searched | undefined): string => {
  if (!searched) return ''
  if (searched.complete) return ' All were searched.'
  const titles = searched.titles ? `, and the titles of ${count(searched.titles)} causes` : ''
  return ` Looked through ${searched.indexed === false ? '' : 'the newest '}${count(searched.searched)}${titles}.`
}

/** What an event tells of a dead letter; one that was restored says little. */
export interface Told {
  queue: string
  task_id: string
  name?: string
  added_at?: string
  group?: string | null
  error?: { name: string; class: string; message: string }
}

export type Fit = 'yes' | 'no' | 'maybe'

/** Whether a filter means it, as far as the event says. */
export const fitOf = (q: string, told: Told): Fit => {
  const asked = entryQuery(q, 1)
  const at = told.added_at === undefined ? undefined : Date.parse(told.added_at)
  const tests: Fit[] = [
    isAmong(asked.queue, told.queue),
    isAmong(asked.name, told.name),
    isAmong(asked.error_class, told.error?.class),
    isAmong(asked.error_name, told.error?.name),
    isAmong(asked.group, told.group ?? undefined),
    // No event tells the version, or of the payload.
    isAmong(asked.version, undefined),
    isAmong(asked.data, undefined),
    when(asked.from, at, (from, died) => died >= Date.parse(from)),
    when(asked.to, at, (to, died) => died < Date.parse(to)),
    when(asked.q, told.error?.message, (text, message) =>
      `${told.task_id}\n${message}`.toLowerCase().includes(text.toLowerCase()),
    ),
  ]
  return tests.includes('no') ? 'no' : tests.includes('maybe') ? 'maybe' : 'yes'
}

const when = <Wanted, Value>(
  wanted: Wanted | undefined,
  value: Value | undefined,
  fits: (wanted: Wanted, value: Value) => boolean,
): Fit => (wanted === undefined ? 'yes' : value === undefined ? 'maybe' : fits(wanted, value) ? 'yes' : 'no')

/** The API takes one value in place of a list. */
const isAmong = (wanted: string | readonly string[] | undefined, value: string | undefined): Fit =>
  when(wanted, value, (some, one) => [some].flat().includes(one))
