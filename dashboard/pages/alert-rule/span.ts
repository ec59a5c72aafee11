// Which time of a rule is looked at: the one chosen above, or so many hours back, as the link says it.
import type { AlertSeries } from '../../../shared/alerts/contract.ts'
import { askedSpan, type Scope } from '../../charts/scope.ts'
import { stretch } from '../../ui/format.ts'

/** As they stand in the link: `hours=above`. */
export const spans = [
  { value: 'above', label: 'As above' },
  { value: '1', label: '1 h' },
  { value: '6', label: '6 h' },
  { value: '24', label: '24 h' },
] as const
export type SpanName = (typeof spans)[number]['value']

/** Without a word in the link. */
export const USUAL: SpanName = '6'

export const spanIn = (text: string | undefined): SpanName => spans.find(({ value }) => value === text)?.value ?? USUAL

/** What the API is asked for. */
export const queryOf = (span: SpanName, scope: Scope, now: number): { hours: number } | { from: string; to?: string } =>
  span === 'above' ? askedSpan(scope, now) : { hours: Number(span) }

/** When that is, as far as it is kept: "in the last 6 h", "from 10:00 to 10:15". */
export const whenOf = (span: SpanName, scope: Scope, told: Pick<AlertSeries, 'from' | 'to'>, now: number): string => {
  if (span !== 'above') return `in the last ${span} h`
  if (scope.from === undefined) return scope.words
  return `from ${stretch(Date.parse(told.from), Date.parse(told.to), now, scope.zone)}`
}
