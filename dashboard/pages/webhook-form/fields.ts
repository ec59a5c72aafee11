// An endpoint as fields of a form: what they hold, what they ask for, and what is wrong with them.
import type { Webhook } from '../../../shared/webhooks/contract.ts'
import { USUAL_DELAYS_MS } from '../../../shared/webhooks/delay-words.ts'
import { numberText, readNumber, type Draft } from '../../data/draft.ts'
import { DELAY_MAX_MS, delaysWords, growing, readDelay, readDelays, writeDelay } from './delays.ts'
import { readFilter, rowsOf, type FilterRow } from './filter.ts'

type Retry = Webhook['retry']
/** What is said of an endpoint; headers and secrets are said beside it. */
export type Settings = Pick<
  Webhook,
  | 'url'
  | 'description'
  | 'event_types'
  | 'filter'
  | 'include_data'
  | 'rate_limit'
  | 'concurrency'
  | 'retry'
  | 'order_by'
  | 'legacy_signature'
  | 'subscriber'
>

/** A header that is sent along. The value of one that is kept is not known here. */
export interface HeaderRow {
  name: string
  value: string
  kept: boolean
}

export const emptyDraft: Draft = {
  url: '',
  description: '',
  event_types: '[]',
  filter: '[]',
  headers: '[]',
  include_data: '',
  concurrency: '4',
  rate_max: '',
  rate_per: '1s',
  retry_by: 'list',
  delays: USUAL_DELAYS_MS.map(writeDelay).join(' '),
  base: '5s',
  factor: '2',
  max: '1d',
  attempts: '10',
  order_by: '',
  legacy: '',
  subscriber: '',
  secret: '',
}

const yes = (on: boolean): string => (on ? 'yes' : '')

const retryDraft = (retry: Retry): Draft =>
  'delays_ms' in retry
    ? { retry_by: 'list', delays: retry.delays_ms.map(writeDelay).join(' ') }
    : {
        retry_by: 'growing',
        base: writeDelay(retry.base_ms),
        factor: numberText(retry.factor),
        max: writeDelay(retry.max_ms),
        attempts: numberText(retry.max_attempts),
      }

/** The form of an endpoint. Lists are JSON in their field. */
export const draftOf = (webhook: Settings & Pick<Webhook, 'headers'>): Draft => ({
  ...emptyDraft,
  ...retryDraft(webhook.retry),
  url: webhook.url,
  description: webhook.description,
  event_types: JSON.stringify(webhook.event_types),
  filter: JSON.stringify(rowsOf(webhook.filter)),
  headers: JSON.stringify(webhook.headers.map((name): HeaderRow => ({ name, value: '', kept: true }))),
  include_data: yes(webhook.include_data),
  concurrency: numberText(webhook.concurrency),
  rate_max: numberText(webhook.rate_limit?.max ?? null),
  rate_per: writeDelay(webhook.rate_limit?.per_ms ?? 1_000),
  order_by: webhook.order_by ?? '',
  legacy: yes(webhook.legacy_signature !== null),
  subscriber: webhook.subscriber ?? '',
})

const listIn = <Row>(draft: Draft, field: string): Row[] => JSON.parse(draft[field] ?? '[]') as Row[]
export const typesIn = (draft: Draft): string[] => listIn<string>(draft, 'event_types')
export const filterIn = (draft: Draft): FilterRow[] => listIn<FilterRow>(draft, 'filter')
/** Headers as they stand in the form, also those without a name yet. */
export const headersIn = (draft: Draft): HeaderRow[] => listIn<HeaderRow>(draft, 'headers')

/** Headers that have a name. */
export const namedHeaders = (draft: Draft): HeaderRow[] => headersIn(draft).filter(({ name }) => name.trim() !== '')

export interface Reading {
  settings: Settings
  errors: Record<string, string>
}

/** What a draft asks for, and what is wrong with it by field. */
export const settingsOf = (draft: Draft): Reading => {
  const errors: Reading['errors'] = {}
  const text = (field: string): string => (draft[field] ?? '').trim()
  const url = text('url')
  if (!/^https?:\/\/\S+$/i.test(url)) errors['url'] = 'Write a whole address, such as https://crm.example/hooks.'
  const types = typesIn(draft)
  if (types.length === 0) errors['event_types'] = 'Pick at least one kind of fact.'
  const filter = readFilter(filterIn(draft))
  if ('error' in filter) errors['filter'] = filter.error
  if (namedHeaders(draft).some(({ value, kept }) => !kept && value === ''))
    errors['headers'] = 'Give each header its value: those that were kept are not shown.'
  const concurrency = number(draft, 'concurrency', { min: 1, max: 100, whole: true }, errors)
  const settings = {
    url,
    description: text('description'),
    event_types: types,
    filter: 'filter' in filter ? filter.filter : [],
    include_data: draft['include_data'] === 'yes',
    rate_limit: rateOf(draft, errors),
    concurrency: concurrency ?? 4,
    retry: retryOf(draft, errors),
    order_by: text('order_by') || null,
    legacy_signature: draft['legacy'] === 'yes' ? ('github' as const) : null,
    subscriber: text('subscriber') || null,
  }
  return { settings, errors }
}

const rateOf = (draft: Draft, errors: Reading['errors']): Settings['rate_limit'] => {
  if ((draft['rate_max'] ?? '').trim() === '') return null
  const max = number(draft, 'rate_max', { min: 1, max: 100_000, whole: true }, errors)
  const per = readDelay(draft['rate_per'] ?? '')
  if (per === undefined || per < 1_000 || per > 3_600_000) errors['rate_per'] = 'Write 1s, 1m or 1h: at most an hour.'
  return max === undefined || per === undefined ? null : { max, per_ms: per }
}

const retryOf = (draft: Draft, errors: Reading['errors']): Retry => {
  if (draft['retry_by'] !== 'growing') {
    const read = readDelays(draft['delays'] ?? '')
    if ('error' in read) errors['delays'] = read.error
    return { delays_ms: 'delays' in read ? read.delays : [] }
  }
  const base = readDelay(draft['base'] ?? '')
  const max = readDelay(draft['max'] ?? '')
  if (base === undefined || base < 1_000 || base > 86_400_000) errors['base'] = 'Write 5s, 5m or 1h: at most a day.'
  if (max === undefined || max < 1_000 || max > DELAY_MAX_MS) errors['max'] = 'Write 5m, 1h or 1d: at most 2 days.'
  const factor = number(draft, 'factor', { min: 1, max: 10 }, errors)
  const attempts = number(draft, 'attempts', { min: 1, max: 31, whole: true }, errors)
  return { base_ms: base ?? 1_000, factor: factor ?? 2, max_ms: max ?? 1_000, max_attempts: attempts ?? 1 }
}

const number = (
  draft: Draft,
  field: string,
  rules: Parameters<typeof readNumber>[1],
  errors: Reading['errors'],
): number | undefined => {
  const read = readNumber(draft[field] ?? '', rules)
  if ('error' in read) errors[field] = read.error
  return 'value' in read && read.value !== null ? read.value : undefined
}

/** When what fails is tried again, as it is typed now. */
export const retryWords = (draft: Draft): string => {
  const errors: Reading['errors'] = {}
  const retry = retryOf(draft, errors)
  if (Object.keys(errors).length > 0) return ''
  return delaysWords(
    'delays_ms' in retry ? retry.delays_ms : growing(retry.base_ms, retry.factor, retry.max_ms, retry.max_attempts),
  )
}

/** The field of the form that a member of the API's stands in. */
const fieldOf: Readonly<Record<string, string>> = {
  retry: 'delays',
  rate_limit: 'rate_max',
  legacy_signature: 'legacy',
}

/** What the API finds wrong, by field of the form. */
export const refusalsOf = (fields: Readonly<Record<string, string>> = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).map(([pointer, detail]) => {
      const [member = ''] = pointer.split('/')
      return [fieldOf[member] ?? member, detail]
    }),
  )
