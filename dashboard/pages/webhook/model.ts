// One endpoint in words: what it is sent, which secrets sign, and which of its deliveries are looked at.
import type { Endpoint } from '../../data/webhooks.ts'
import { absolute, age, count, countOf, dateTime, duration, instant } from '../../ui/format.ts'
import { delaysWords, growing } from '../webhook-form/delays.ts'
import { ops, rowsOf } from '../webhook-form/filter.ts'
import { rateWords, typesWords } from '../webhooks/model.ts'
import { replayWords } from './replay.ts'

export interface Fact {
  label: string
  value: string
}

/** What it is told and how, without what says nothing; a guest knows whose it is. */
export const factsOf = (webhook: Endpoint, guest?: string): Fact[] =>
  [
    { label: 'Description', value: webhook.description },
    { label: 'Facts', value: typesWords(webhook.event_types, 6) },
    { label: 'Only when', value: filterWords(webhook.filter) },
    { label: 'Payloads', value: webhook.include_data ? 'are sent along' : '' },
    { label: 'Arrived', value: webhook.health?.attempts ? `${rateWords(webhook)} in this and the last hour` : '' },
    { label: 'p95', value: webhook.health?.p95_ms == null ? '' : duration(webhook.health.p95_ms) },
    { label: 'Backlog', value: webhook.health ? countOf(webhook.health.backlog, 'delivery', 'deliveries') : '' },
    { label: 'When it fails', value: retryWords(webhook.retry) },
    { label: 'Pace', value: paceWords(webhook) },
    { label: 'In order by', value: webhook.order_by ?? '' },
    { label: 'Headers', value: webhook.headers.join(', ') },
    { label: 'Also signs as', value: webhook.legacy_signature === null ? '' : 'GitHub does' },
    { label: 'Subscriber', value: guest === undefined ? (webhook.subscriber ?? '') : '' },
  ].filter(({ value }) => value !== '')

const filterWords = (filter: Endpoint['filter']): string =>
  rowsOf(filter)
    .map(({ path, op, value }) => `${path} ${ops.find((each) => each.value === op)?.label ?? op} ${value}`)
    .join(', and ')

const retryWords = (retry: Endpoint['retry']): string =>
  delaysWords(
    'delays_ms' in retry ? retry.delays_ms : growing(retry.base_ms, retry.factor, retry.max_ms, retry.max_attempts),
  )

const paceWords = ({ concurrency, rate_limit: rate }: Endpoint): string =>
  `${count(concurrency)} at once from each worker process${rate === null ? '' : `, at most ${count(rate.max)} in any ${duration(rate.per_ms).replace('.0 s', ' s')}`}`

/** What was lost, and what can be done about it. */
export const gapWords = (gap: NonNullable<NonNullable<Endpoint['health']>['gap']>, zone?: string): string =>
  `The log outgrew its bound: facts from ${dateTime(instant(gap.from) ?? 0, zone)} to ${dateTime(instant(gap.to) ?? 0, zone)} were ` +
  `removed before they could be sent. ${replayWords.missing.label} sends what the log still has of that time and after it; ` +
  'the ends of jobs of that time are among the jobs and the dead letters.'

type Secret = Endpoint['secrets'][number]

/** `…f9a1 signs` and `…0c2e signs beside it until 12:04:00, in 23 h`. */
export const secretWords = ({ hint, expires_at: expires }: Secret, now: number, zone?: string): string => {
  const ends = instant(expires)
  if (ends === undefined) return `…${hint} signs what is sent.`
  if (ends <= now) return `…${hint} signs no more.`
  return `…${hint} signs beside it until ${absolute(ends, now, zone)}, ${age(ends, now)}.`
}

export const views = [
  { value: 'all', label: 'All' },
  { value: 'delivered', label: 'Delivered' },
  { value: 'pending', label: 'Pending' },
  { value: 'failed', label: 'Failed' },
] as const
export type View = (typeof views)[number]['value']
type Status = 'pending' | 'in_flight' | 'succeeded' | 'failed' | 'dead' | 'cancelled'

const statuses: Record<View, readonly Status[]> = {
  all: [],
  delivered: ['succeeded'],
  pending: ['pending', 'in_flight'],
  failed: ['failed', 'dead'],
}

export const viewOf = (text: string | undefined): View => views.find(({ value }) => value === text)?.value ?? 'all'

/** How far back deliveries are looked at. */
export const spans = [
  { value: '', label: 'any time', ms: undefined },
  { value: '1h', label: 'the last hour', ms: 3_600_000 },
  { value: '24h', label: 'the last 24 h', ms: 86_400_000 },
  { value: '7d', label: 'the last 7 days', ms: 604_800_000 },
] as const
export type Span = (typeof spans)[number]['value']

export interface Asked {
  view: View
  type: string
  since: string
}

/** What a list asks the API for. */
export const queryOf = (
  { view, type, since }: Asked,
  now: number,
): { status?: Status[]; event_type?: string[]; from?: string } => {
  const ms = spans.find(({ value }) => value === since)?.ms
  return {
    ...(view !== 'all' && { status: [...statuses[view]] }),
    ...(type !== '' && { event_type: [type] }),
    ...(ms !== undefined && { from: new Date(now - ms).toISOString() }),
  }
}

/** What is asked for one page. The span is counted back from when the first page was asked for: a cursor is for one span only. */
export const pageQuery = (asked: Asked, limit: number, now: number, before?: { now: number; next: string | null }) => ({
  ...queryOf(asked, before?.now ?? now),
  limit,
  ...(before?.next && { cursor: before.next }),
})

/** Said where a list is empty because of what narrows it. */
export const emptyWords = ({ view, type, since }: Asked): string => {
  const which = views.find(({ value }) => value === view)?.label.toLowerCase() ?? ''
  const what = type === '' ? '' : ` of ${type}`
  const when = spans.find(({ value }) => value === since)
  return `No ${view === 'all' ? '' : `${which} `}deliveries${what}${when?.ms === undefined ? '' : ` in ${when.label}`}.`
}
