// What happened, as a list: which facts are asked for, where each came from, and what it set off.
import type { Event } from '../../../shared/inbound/contract.ts'
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

/** Where an event came from. `names` are those of the sources by their ids. */
export const originWords = (
  { source_id: source, position, id }: Pick<Event, 'source_id' | 'position' | 'id'>,
  names: ReadonlyMap<string, string>,
): string => {
  if (source !== null) return names.get(source) ?? 'a source that is gone'
  return id === position ? 'k1n' : 'the API'
}

/** What it set off; null where nothing is known of that. */
export const startedWords = (matched: readonly unknown[] | null): string =>
  matched === null ? '' : matched.length === 0 ? 'nothing' : countOf(matched.length, 'job')

/** How far the list goes. */
export const countWords = (shown: number, searched: number, isAll: boolean): string =>
  `${countOf(shown, 'event')}, newest first${isAll ? '' : `; looked through ${count(searched)}`}.`
