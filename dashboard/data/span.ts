// Lengths of time as people type them: `90 s`, `15 min`, `1 h 30 min`.
import type { ReadNumber } from './draft.ts'

const UNITS = [
  { name: 'd', ms: 86_400_000, words: /^(?:d|days?)$/ },
  { name: 'h', ms: 3_600_000, words: /^(?:h|hours?)$/ },
  { name: 'min', ms: 60_000, words: /^(?:m|min|mins|minutes?)$/ },
  { name: 's', ms: 1_000, words: /^(?:s|sec|secs|seconds?)$/ },
  { name: 'ms', ms: 1, words: /^(?:ms|milliseconds?)$/ },
] as const

/** A length as a field shows it, to the millisecond; nothing for none. */
export const spanText = (ms: number | null): string => {
  if (ms === null) return ''
  const parts: string[] = []
  let left = ms
  for (const unit of UNITS) {
    const many = Math.floor(left / unit.ms)
    left -= many * unit.ms
    if (many > 0) parts.push(`${many} ${unit.name}`)
  }
  return parts.length === 0 ? '0 s' : parts.join(' ')
}

export interface SpanRules {
  min: number
  max: number
  /** An empty field means none. */
  optional?: boolean
}

const part = /(\d{1,15}(?:[.,]\d{1,6})?)\s*([a-z]*)\s*/gy

/** Reads a length in ms; a number without a unit is seconds. */
export const readSpan = (text: string, { min, max, optional = false }: SpanRules): ReadNumber => {
  const typed = text.trim().toLowerCase()
  if (typed === '') return optional ? { value: null } : { error: 'Must not be empty.' }
  const value = sumOf(typed)
  if (value === undefined) return { error: 'Write it as 90 s, 15 min or 1 h 30 min.' }
  if (value < min || value > max) return { error: `Must be from ${spanText(min)} to ${spanText(max)}.` }
  return { value }
}

/** The parts of a text added up; undefined when it is anything but parts. */
const sumOf = (typed: string): number | undefined => {
  let [sum, read] = [0, 0]
  for (const [whole, number = '', word = ''] of typed.matchAll(part)) {
    const unit = UNITS.find(({ words }) => words.test(word === '' ? 's' : word))
    if (!unit) return undefined
    sum += Number(number.replace(',', '.')) * unit.ms
    read += whole.length
  }
  return read === typed.length ? Math.round(sum) : undefined
}
