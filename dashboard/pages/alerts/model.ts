// Alerts and rules in words: how they stand, how much, where one goes on, and what is shown first.
import type { Alert, AlertRule } from '../../../shared/alerts/contract.ts'
import { absolute, count, countOf, duration, percent } from '../../ui/format.ts'

type Unit = Alert['unit']
export type State = Alert['state']

/** A value as people read it: `12.4 %`, `2.3 × as usual`, `340 jobs`, `6 min`, `7 failures`. */
export const valueWords = (value: number | null, unit: Unit): string => {
  if (value === null) return '–'
  switch (unit) {
    case 'share':
      return value > 0 && value < 0.9 ? `${Number((value * 100).toFixed(1))} %` : percent(value)
    case 'ratio':
      return `${value} × as usual`
    case 'jobs':
      return countOf(value, 'job')
    case 's':
      return duration(value * 1_000)
    case 'failures':
      return countOf(value, 'failure')
  }
}

/** From where on a rule fires: `Above 5 % of at least 20 jobs, for 2 min`. */
export const limitWords = (rule: Pick<AlertRule, 'threshold' | 'unit' | 'for_s' | 'min_samples'>): string => {
  const { threshold, unit, for_s, min_samples } = rule
  const of = min_samples === null ? '' : ` of at least ${countOf(min_samples, 'job')}`
  const lasting = for_s === 0 ? '' : `, for ${duration(for_s * 1_000)}`
  return `Above ${valueWords(threshold, unit)}${of}${lasting}`
}

/** Nobody looks after it, and it may be heard. */
export const isOpen = ({ acknowledged, silence }: Pick<Alert, 'acknowledged' | 'silence'>): boolean =>
  acknowledged === null && silence === null

/** What the page says above everything. */
export const summaryWords = (list: readonly Alert[]): string => {
  const firing = list.filter(({ state }) => state === 'firing')
  const pending = list.filter(({ state }) => state === 'pending').length
  const looked = firing.filter((alert) => !isOpen(alert)).length
  const coming = pending === 0 ? '' : ` ${countOf(pending, 'is', 'are')} pending.`
  if (firing.length === 0) return `No alert fires.${coming}`
  const after = looked === 0 ? '' : ` ${countOf(looked, 'is', 'are')} looked after.`
  return `${countOf(firing.length, 'alert fires', 'alerts fire')}.${after}${coming}`
}

/** Who looks after it, and what is done; empty where nobody does. */
export const handledWords = ({ acknowledged, silence }: Pick<Alert, 'acknowledged' | 'silence'>, now: number, zone?: string): string => {
  const note = acknowledged?.note == null ? '' : `: ${acknowledged.note}`
  const acked = acknowledged === null ? [] : [`Acknowledged by ${acknowledged.by}${note}`]
  const why = silence?.reason == null ? '' : `: ${silence.reason}`
  const silent = silence === null ? [] : [`Silenced by ${silence.by} until ${absolute(Date.parse(silence.until), now, zone)}${why}`] // prettier-ignore
  return [...acked, ...silent].join(' · ')
}

/** How the value stands beside the threshold. */
export const againstWords = ({ value, worst, threshold, unit, state, samples }: Alert): string => {
  const of = samples === null ? '' : ` of ${countOf(samples, 'job')}`
  if (state === 'resolved' || value === null)
    return `Worst ${valueWords(worst, unit)}, threshold ${valueWords(threshold, unit)}`
  return `${valueWords(value, unit)}${of}, threshold ${valueWords(threshold, unit)}`
}

const rank = ({ severity, acknowledged, silence }: Alert): number =>
  (isOpen({ acknowledged, silence }) ? 0 : 2) + (severity === 'critical' ? 0 : 1)
const newest = ({ resolved_at, fired_at, since }: Alert): string => resolved_at ?? fired_at ?? since

/** Of one state: those that need somebody first, critical before others, then the newest. */
export const inState = (list: readonly Alert[], state: State): Alert[] =>
  list
    .filter((alert) => alert.state === state)
    .sort((a, b) => (state === 'resolved' ? 0 : rank(a) - rank(b)) || (newest(a) < newest(b) ? 1 : -1))

/** How a rule stands, for a chip and its words. */
export const ruleState = ({ enabled, firing, pending }: AlertRule): { state: string; word?: string } => {
  if (!enabled) return { state: 'disabled' }
  if (firing > 0) return { state: 'firing', word: `${count(firing)} firing` }
  return pending > 0 ? { state: 'pending', word: `${count(pending)} pending` } : { state: 'quiet' }
}

/** A rule with the counts of the alerts that are known, which are fresher than those it was fetched with. */
export const withCounts = (rule: AlertRule, list: readonly Alert[] | undefined): AlertRule => {
  if (list === undefined) return rule
  const of = (state: State): number => list.filter((alert) => alert.rule_id === rule.id && alert.state === state).length
  return { ...rule, firing: of('firing'), pending: of('pending') }
}

export const silenceLengths = [
  { value: '900', label: '15 minutes' },
  { value: '3600', label: '1 hour' },
  { value: '14400', label: '4 hours' },
  { value: '86400', label: '1 day' },
  { value: '604800', label: '7 days' },
] as const
export type SilenceLength = (typeof silenceLengths)[number]['value']

/** The end of a silence that begins now. */
export const untilIn = (length: SilenceLength, now: number): string =>
  new Date(now + Number(length) * 1_000).toISOString()
