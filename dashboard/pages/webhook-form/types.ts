// Which facts are wanted, picked from those there are: single names, groups of them by their first word, or all.
import { matchesName } from '../../../shared/kernel/name-words.ts'

export interface KnownType {
  type: string
  description: string
}
export interface TypeGroup {
  /** The first word, and the pattern for all that begin with it. */
  word: string
  pattern: string
  types: KnownType[]
}

export const EVERYTHING = '*'

const wordOf = (name: string): string => name.split('.', 1)[0] ?? name

/** Types by their first word, in the order they come. */
export const groupsOf = (types: readonly KnownType[]): TypeGroup[] => {
  const groups = new Map<string, KnownType[]>()
  for (const known of types) groups.set(wordOf(known.type), [...(groups.get(wordOf(known.type)) ?? []), known])
  return [...groups].map(([word, all]) => ({ word, pattern: `${word}.*`, types: all }))
}

/** The patterns with one put in or taken out. What a wider one says already goes; a narrower one does not take back a wider. */
export const withPattern = (patterns: readonly string[], pattern: string, on: boolean): string[] => {
  if (!on) return patterns.filter((each) => each !== pattern)
  return [...patterns.filter((each) => !covers(pattern, each)), pattern]
}

/** Whether all names of one pattern are names of another too. */
export const covers = (wide: string, narrow: string): boolean =>
  wide === narrow || wide === EVERYTHING || (narrow !== EVERYTHING && matchesName(wide, narrow.replace(/\.\*$/, '.x')))

/** Whether a wider pattern wants it already. */
export const isCovered = (patterns: readonly string[], pattern: string): boolean =>
  patterns.some((each) => each !== pattern && covers(each, pattern))

/** How many of the known types the patterns want. */
export const wantedOf = (patterns: readonly string[], types: readonly KnownType[]): number =>
  types.filter(({ type }) => patterns.some((pattern) => matchesName(pattern, type))).length

const PATTERN = /^(?:\*|[a-z][a-z0-9_-]{0,63}(?:\.[a-z0-9][a-z0-9_-]{0,63}){0,5}(?:\.\*)?)$/
export const isPattern = (text: string): boolean => PATTERN.test(text)
