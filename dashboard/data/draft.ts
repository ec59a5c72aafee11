// A form before it is saved: what was typed, by field, and how it goes on when the thing it edits changes meanwhile.

/** What each field holds, as text. */
export type Draft = Readonly<Record<string, string>>

/** The fields in which a draft differs from what it began with. */
export const changedIn = (draft: Draft, base: Draft): string[] =>
  Object.keys(draft).filter((field) => draft[field] !== base[field])

/** The draft over something newer: what was typed stays, all else becomes what it is now. */
export const rebase = (draft: Draft, base: Draft, next: Draft): Draft => {
  const mine = new Set(changedIn(draft, base))
  return Object.fromEntries(Object.keys(next).map((field) => [field, (mine.has(field) ? draft : next)[field] ?? '']))
}

/** The fields of both lists, each once. */
export const either = (one: readonly string[], other: readonly string[]): string[] => [...new Set([...one, ...other])]

export interface NumberRules {
  min: number
  max: number
  /** What one of the field's units is in the units of the value: a field in seconds for milliseconds has 1,000. */
  scale?: number
  whole?: boolean
  /** An empty field means none. */
  optional?: boolean
}

export type ReadNumber = { value: number | null } | { error: string }

const decimal = /^\d{1,15}(?:[.,]\d{1,6})?$/

/** Reads a number as people type it. Bounds are those of the value; they are told in the field's units. */
export const readNumber = (text: string, rules: NumberRules): ReadNumber => {
  const { min, max, scale = 1, whole = false, optional = false } = rules
  const typed = text.replaceAll(/\s/g, '')
  if (typed === '') return optional ? { value: null } : { error: 'Must not be empty.' }
  if (!decimal.test(typed)) return { error: 'Must be a number.' }
  const value = tidy(Number(typed.replace(',', '.')) * scale)
  if (whole && !Number.isInteger(value)) return { error: 'Must be a whole number.' }
  if (value < min || value > max) return { error: `Must be from ${tidy(min / scale)} to ${tidy(max / scale)}.` }
  return { value }
}

/** A value as the field shows it; nothing for none. */
export const numberText = (value: number | null, scale = 1): string =>
  value === null ? '' : String(tidy(value / scale))

/** Without what binary fractions add: 55 × 0.01 is 0.55. */
const tidy = (value: number): number => Math.round(value * 1e6) / 1e6
