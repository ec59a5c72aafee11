// The span of time charts are about, as the link says it: the last hour and such, or two moments that stay.
import { short } from './axis.ts'
import { rangeOf, type Range } from '../shell/range.ts'

export interface Scope {
  /** What the API is asked for: absolute, or only how long back. */
  from: string | undefined
  to: string | undefined
  range: Range
  /** Says when: "in the last 1 h", "from 10:00 to 10:15". */
  words: string
  zone: string
}

type Param = (name: string) => string | undefined

const instant = (text: string | undefined): number => (text === undefined ? Number.NaN : Date.parse(text))

export const scopeOf = (param: Param, usual: Range, zone: string): Scope => {
  const range = rangeOf(param('t'), usual)
  const [from, to] = [instant(param('from')), instant(param('to'))]
  if (!(from < to)) return { from: undefined, to: undefined, range, words: `in the last ${range.label}`, zone }
  const words = `from ${short(from, zone)} to ${short(to, zone)}`
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), range, words, zone }
}

/** What decides a scope, as one text to compare. */
export const scopeKey = ({ from, to, range, zone }: Scope): string => `${from ?? ''} ${to ?? ''} ${range.value} ${zone}`

/** The span to ask for at a moment. */
export const askedSpan = ({ from, to, range }: Scope, now: number): { from: string; to?: string } =>
  from !== undefined && to !== undefined ? { from, to } : { from: new Date(now - range.ms).toISOString() }
