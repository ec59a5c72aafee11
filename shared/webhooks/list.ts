// One page of webhooks, newest first: ids hold their time, so their order is the order of making.
import type { Principal } from '../auth/contract.ts'
import { cursorSecret } from '../kernel/cursor-secret.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { decodeCursor, encodeCursor } from '../kernel/page.ts'
import type { Page } from '../kernel/page.ts'
import { mayKnow } from './access.ts'
import type { WebhookRecord } from './words.ts'

export interface WebhookQuery {
  limit: number
  cursor?: string | undefined
  enabled?: 'true' | 'false' | undefined
  subscriber?: string | undefined
  /** Part of the address or the description. */
  q?: string | undefined
}

export const pageOf = (
  kernel: Kernel,
  all: ReadonlyMap<string, WebhookRecord>,
  principal: Principal,
  query: WebhookQuery,
): Page<WebhookRecord> => {
  const { limit, cursor, enabled = null, subscriber = null, q = null } = query
  const secret = cursorSecret(kernel)
  const filter = ['webhooks', enabled, subscriber, q]
  const after = cursor === undefined ? undefined : decodeCursor<string>(secret, cursor, filter)
  const found = [...all.values()]
    .filter((record) => (after === undefined || record.id < after) && mayKnow(principal, record) && fits(record, query))
    .sort((a, b) => (a.id < b.id ? 1 : -1))
  const data = found.slice(0, limit)
  const more = found.length > data.length
  const next = more ? encodeCursor(secret, data.at(-1)?.id, filter) : null
  return { data, page: { limit, has_more: more, next_cursor: next, prev_cursor: null } }
}

const fits = ({ settings, enabled }: WebhookRecord, query: WebhookQuery): boolean =>
  (query.enabled === undefined || String(enabled) === query.enabled) &&
  (query.subscriber === undefined || settings.subscriber === query.subscriber) &&
  (query.q === undefined || settings.url.includes(query.q) || settings.description.includes(query.q))
