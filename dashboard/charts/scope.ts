// The span of time charts are about, as the link says it: the last hour and such, or two moments that stay.
import { stretch } from '../ui/format.ts'
import { frozenOf, rangeOf, type Range } from '../shell/range.ts'

/** Spans that only charts tell, as they stand in the link: `back=7d`. */
export const longRanges = [
  { value: '7d', label: '7 d', ms: 7 * 86_400_000 },
  { value: '30d', label: '30 d', ms: 30 * 86_400_000 },
  { value: '90d', label: '90 d', ms: 90 * 86_400_000 },
] as const
export type LongRange = (typeof longRanges)[number]

export interface Scope {
  /** What the API is asked for: absolute, or only how long back. */
  from: string | undefined
  to: string | undefined
  range: Range | LongRange
  /** Says when: "in the last 1 h", "from 10:00 to 10:15". */
  words: string
  zone: string
  /** Only this queue. */
  queue?: string | undefined
  /** How much earlier the time is that it is compared with, in ms. */
  earlierMs?: number | undefined
}

type Param = (name: string) => string | undefined

/** The same length of time, up to a moment that is looked back to. */
export const scopeUntil = (scope: Scope, to: number): Scope => ({
  ...scope,
  from: new Date(to - scope.range.ms).toISOString(),
  to: new Date(to).toISOString(),
  words: `in the ${scope.range.label} until then`,
})

/** The span a link means. Moments of another day than `now` are told with their day. */
export const scopeOf = (param: Param, usual: Range, zone: string, now?: number): Scope => {
  const range = rangeOf(param('t'), usual)
  const frozen = frozenOf(param)
  if (!frozen) return { from: undefined, to: undefined, range, words: `in the last ${range.label}`, zone }
  const { from, to } = frozen
  const words = `from ${stretch(from, to, now ?? from, zone)}`
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), range, words, zone }
}

/** The long span a link names; undefined for none. */
export const longRangeOf = (text: string | undefined): LongRange | undefined =>
  longRanges.find(({ value }) => value === text)

/** The scope of charts that tell more than a day, where a long span was chosen. */
export const longScope = (scope: Scope, range: LongRange | undefined): Scope =>
  range ? { ...scope, from: undefined, to: undefined, range, words: `in the last ${range.label}` } : scope

/** What decides a scope, as one text to compare. */
export const scopeKey = ({ from, to, range, zone, queue, earlierMs }: Scope): string =>
  [from, to, range.value, zone, queue, earlierMs].map((part) => part ?? '').join(' ')

/** The span to ask for at a moment. */
export const askedSpan = ({ from, to, range }: Scope, now: number): { from: string; to?: string } =>
  from !== undefined && to !== undefined ? { from, to } : { from: new Date(now - range.ms).toISOString() }

const MINUTE_MS = 60_000
/** More minutes than this are said in hours. */
const MINUTES_MAX = 999

/** What figures of retries are asked for: counted back from where the span ends, to the minute, a day at most. */
export const retryWindow = ({ from, to, range }: Scope): { window: string; to?: string } => {
  if (from === undefined || to === undefined) return { window: range.value }
  const minutes = Math.ceil((Date.parse(to) - Date.parse(from)) / MINUTE_MS)
  return { window: minutes > MINUTES_MAX ? `${Math.min(24, Math.ceil(minutes / 60))}h` : `${minutes}m`, to }
}

/** Times to compare with, as they stand in the link: `compare=1d`. */
export const earlier = [
  { value: '1d', label: 'Day before', ms: 86_400_000 },
  { value: '7d', label: 'Week before', ms: 7 * 86_400_000 },
] as const

export const earlierIn = (text: string | undefined): (typeof earlier)[number] | undefined =>
  earlier.find(({ value }) => value === text)

/** The same span earlier, with both its ends. */
export const earlierSpan = (scope: Scope, earlierMs: number, now: number): { from: string; to: string } => {
  const { from, to = new Date(now).toISOString() } = askedSpan(scope, now)
  const back = (iso: string): string => new Date(Date.parse(iso) - earlierMs).toISOString()
  return { from: back(from), to: back(to) }
}
