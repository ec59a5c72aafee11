// What changing an endpoint asks the API for, and what others changed meanwhile.
import type { WebhookPatch } from '../../../shared/webhooks/contract.ts'
import { changedIn, type Draft } from '../../data/draft.ts'
import { namedHeaders, type Settings } from '../webhook-form/fields.ts'

/** Which fields of the form stand for a member of the settings. */
const members: Readonly<Record<string, keyof Settings | 'headers' | undefined>> = {
  url: 'url',
  description: 'description',
  event_types: 'event_types',
  filter: 'filter',
  headers: 'headers',
  include_data: 'include_data',
  concurrency: 'concurrency',
  rate_max: 'rate_limit',
  rate_per: 'rate_limit',
  retry_by: 'retry',
  delays: 'retry',
  base: 'retry',
  factor: 'retry',
  max: 'retry',
  attempts: 'retry',
  order_by: 'order_by',
  legacy: 'legacy_signature',
  subscriber: 'subscriber',
}

/** What of a draft differs from what is saved, as the API takes it. Headers are said all together. */
export const patchOf = (draft: Draft, base: Draft, settings: Settings): WebhookPatch => {
  const changed = new Set(changedIn(draft, base).flatMap((field) => members[field] ?? []))
  const entries = Object.entries(settings).filter(([member]) => changed.has(member as keyof Settings))
  return {
    ...Object.fromEntries(entries),
    ...(changed.has('headers') && {
      headers: Object.fromEntries(namedHeaders(draft).map(({ name, value }) => [name.trim(), value])),
    }),
  }
}

const labels: Readonly<Record<string, string>> = {
  url: 'the address',
  description: 'the description',
  event_types: 'which facts are sent',
  filter: 'the conditions',
  headers: 'the headers',
  include_data: 'whether payloads are sent',
  concurrency: 'how many are sent at once',
  rate_limit: 'the rate',
  retry: 'when it is tried again',
  order_by: 'the order',
  legacy_signature: 'the second signature',
  subscriber: 'the subscriber',
}

/** Names of fields for a sentence, each thing once. */
export const fieldNames = (fields: readonly string[]): string =>
  [...new Set(fields.flatMap((field) => labels[members[field] ?? ''] ?? []))].join(', ')
