// What happened, as a list: which facts are asked for, where each came from, and what it set off.
import type { Event } from '../../../shared/inbound/contract.ts'
import { matchesName } from '../../../shared/kernel/name-words.ts'
import { count, countOf } from '../../ui/format.ts'

export type From = 'outside' | 'all'
export const fromOf = (text: string | undefined): From => (text === 'all' ? 'all' : 'outside')

const PATTERN = /^(?:\*|[a-z][a-z0-9_-]{0,63}(?:\.[a-z0-9][a-z0-9_-]{0,63}){0,5}(?:\.\*)?)$/

export interface Asked {
  from: From
  /** As it is typed: names and patterns, parted by spaces. */
  q: string
}

/** What is asked of the API; a word that can be no name is left out until it is one. */
export const queryOf = ({ from, q }: Asked): { type?: string[]; origin?: 'outside' } => {
  const type = q.split(/[\s,]+/).filter((word) => PATTERN.test(word))
  return { ...(type.length > 0 && { type }), ...(from === 'outside' && { origin: 'outside' as const }) }
}

/** Whether an event from outside is one of those asked for. */
export const fits = ({ q }: Asked, name: string): boolean => {
  const { type } = queryOf({ from: 'all', q })
  return type?.some((pattern) => matchesName(pattern, name)) ?? true
}

/** It was sent from outside; a fact of k1n has no id but its position. */
const isFromOutside = ({ id, position }: Pick<Event, 'id' | 'position'>): boolean => id !== position

/** What it set off is known a moment after it came. */
export const isUnsettled = (event: Pick<Event, 'id' | 'position' | 'matched'>): boolean =>
  isFromOutside(event) && event.matched === null

/** Where an event came from. `names` are those of the sources by their ids. */
export const originWords = (
  event: Pick<Event, 'source_id' | 'position' | 'id'>,
  names: ReadonlyMap<string, string>,
): string => {
  if (event.source_id !== null) return names.get(event.source_id) ?? 'a source that is gone'
  return isFromOutside(event) ? 'the API' : 'k1n'
}

/** What it set off; a dash for facts of k1n. */
export const startedWords = (event: Pick<Event, 'id' | 'position' | 'matched'>): string => {
  if (event.matched === null) return isFromOutside(event) ? 'not known' : '–'
  return event.matched.length === 0 ? 'nothing' : countOf(event.matched.length, 'job')
}

/** How far the list goes. */
export const countWords = (shown: number, searched: number, isAll: boolean): string =>
  `${countOf(shown, 'event')}, newest first${isAll ? '' : `; looked through ${count(searched)}`}.`
