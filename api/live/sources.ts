// The state topics there are: the overview, the queues, the breakers, alerts, operations, event sources, endpoints of webhooks and what
// was sent to one of them, the running and just ended attempts, one job.
import type { Principal } from '../../shared/auth/contract.ts'
import { allowsQueue } from '../../shared/bullmq/globs.ts'
import { BREAKER_LIVE } from '../../shared/breakers/events.ts'
import { EventSourceChanged, WebhookReceived } from '../../shared/inbound/contract.ts'
import { parseAddress } from '../../shared/kernel/ids.ts'
import { isProblem } from '../../shared/kernel/problem.ts'
import type { Rooms } from '../../shared/rooms.ts'
import { ServiceChanged } from '../../shared/services/contract.ts'
import type { TailEntry } from '../../shared/stream/tail.ts'
import { mayReadEvents } from '../../shared/stream/topics.ts'
import type { SpanRow } from '../../shared/timeline/contract.ts'
import { toSpanRow } from '../../shared/timeline/span-words.ts'
import { comesLate } from '../../shared/timeline/standing-words.ts'
import type { Rows, Source } from './state.ts'

const rowsOf = (key: string, row: unknown): Rows => new Map([[key, row]])

/** Those that are so now, and the ones that ended last; what is pending is told by nothing. */
const alerts = (rooms: Rooms, principal: Principal): Source => ({
  load: async () => new Map((await rooms.alerts.rows(principal)).map((alert) => [alert.id, alert])),
  take: ({ live }) => (live.startsWith('alert:') ? 'load' : undefined),
  restMs: 250,
  idleMs: 5_000,
})

const overview = (rooms: Rooms, principal: Principal): Source => ({
  load: async () => rowsOf('overview', await rooms.metrics.overview(principal, { sparing: true })),
  take: () => 'load',
  restMs: 500,
  idleMs: 5_000,
})

const queues = (rooms: Rooms, principal: Principal): Source => ({
  load: async () =>
    new Map((await rooms.queues.list(principal, { sparing: true })).map((queue) => [queue.name, queue])),
  take: () => 'load',
  restMs: 500,
  idleMs: 5_000,
})

const breakers = (rooms: Rooms, principal: Principal): Source | undefined => {
  if (!principal.scopes.includes('recovery:read')) return undefined
  return {
    load: async () => new Map((await rooms.breakers.rows()).map((breaker) => [breaker.service, breaker])),
    take: ({ live }) => (live === BREAKER_LIVE || live === ServiceChanged.live ? 'load' : undefined),
    restMs: 250,
    idleMs: 2_000,
  }
}

/** Rows of the last minute and those that run; older ones are left to `GET /timeline/spans`. */
const RECENT_MS = 60_000
const keyOf = ({ queue, id, attempt }: SpanRow): string => `${queue}:${id}#${attempt}`

const spans = (rooms: Rooms, principal: Principal): Source => ({
  load: async () => new Map((await rooms.timeline.recent(principal, RECENT_MS)).map((row) => [keyOf(row), row])),
  take(entry, rows) {
    const row = toSpanRow(entry)
    if (!row || !allowsQueue(principal, row.queue)) return undefined
    const known = rows.get(keyOf(row)) as SpanRow | undefined
    return known && comesLate(row, known) ? undefined : rowsOf(keyOf(row), row)
  },
  // A run that ended grows old and is forgotten; one that still ran and is gone was cut off and must be told.
  forgets: (row) => (row as SpanRow).run >= 0,
  restMs: 5_000,
  idleMs: 15_000,
})

/** Those under way and the ones that ended last. */
const RECENT_OPERATIONS = 50

const operations = (rooms: Rooms, principal: Principal): Source => ({
  load: async () => {
    const { data } = await rooms.operations.list(principal, { limit: RECENT_OPERATIONS })
    return new Map(data.map((operation) => [operation.id, operation]))
  },
  take: ({ live }) => (live.startsWith('operation:') ? 'load' : undefined),
  restMs: 500,
  idleMs: 5_000,
})

/** As many endpoints as one page of the API. */
const ENDPOINTS_MAX = 200

const webhooks = (rooms: Rooms, principal: Principal): Source => ({
  load: async () => {
    const { data } = await rooms.webhooks.list(principal, { limit: ENDPOINTS_MAX })
    const healths = await rooms.deliveries.healths(
      principal,
      data.map(({ id }) => id),
    )
    const rows = data.map((webhook) => ({ ...webhook, health: healths.get(webhook.id) }))
    // One that was deleted in between is a row no more.
    return new Map(rows.filter(({ health }) => health !== undefined).map((row) => [row.id, row]))
  },
  take: ({ live }) => (live.startsWith('webhook:') ? 'load' : undefined),
  restMs: 500,
  idleMs: 2_000,
})

/** What stands above in the list, whose changes tell that it is to be fetched anew. */
const RECENT_DELIVERIES = 20

const deliveries = (rooms: Rooms, principal: Principal, webhookId: string): Source => ({
  load: async () => {
    try {
      const { data } = await rooms.deliveries.list(principal, webhookId, { limit: RECENT_DELIVERIES })
      return new Map(data.map((delivery) => [delivery.id, delivery]))
    } catch (error) {
      if (isProblem(error) && error.kind === 'missing') return new Map()
      throw error
    }
  },
  take: (entry) => (entry.value['webhook_id'] === webhookId ? 'load' : undefined),
  restMs: 250,
  idleMs: 1_000,
})

/** The newest ones; the rest are left to `GET /event-sources`. */
const SOURCES_SHOWN = 200

const eventSources = (rooms: Rooms): Source => ({
  load: async () => {
    const { data } = await rooms.inbound.sources.list({ limit: SOURCES_SHOWN })
    return new Map(data.map((source) => [source.id, source]))
  },
  take: ({ live }) => (live === WebhookReceived.live || live === EventSourceChanged.live ? 'load' : undefined),
  restMs: 500,
  // What was refused is told by nothing.
  idleMs: 5_000,
})

const job = (rooms: Rooms, principal: Principal, address: string): Source | undefined => {
  const at = parseAddress(address)
  if (!at || !allowsQueue(principal, at.queue)) return undefined
  return {
    load: async () => {
      try {
        return rowsOf('job', await rooms.jobs.glance(principal, at))
      } catch (error) {
        if (isProblem(error) && error.kind === 'missing') return new Map()
        throw error
      }
    },
    take: ({ sent, value }: TailEntry) => (sent === undefined && value['task_id'] === address ? 'load' : undefined),
    restMs: 100,
    idleMs: 5_000,
  }
}

const DELIVERIES = 'state:deliveries-'

/** Where the rows of a topic come from; undefined for a topic there is not. */
export const sourceOf =
  (rooms: Rooms) =>
  (principal: Principal, topic: string): Source | undefined => {
    if (topic === 'state:overview') return overview(rooms, principal)
    if (topic === 'state:queues') return queues(rooms, principal)
    if (topic === 'state:breakers') return breakers(rooms, principal)
    // Whoever may not list operations has no such topic.
    if (topic === 'state:operations' && principal.scopes.includes('operations:read'))
      return operations(rooms, principal)
    if (topic === 'state:alerts' && principal.scopes.includes('alerts:read')) return alerts(rooms, principal)
    if (topic === 'state:event-sources' && mayReadEvents(principal)) return eventSources(rooms)
    if (topic === 'state:spans') return spans(rooms, principal)
    if (principal.scopes.includes('webhooks:read')) {
      if (topic === 'state:webhooks') return webhooks(rooms, principal)
      if (topic.startsWith(DELIVERIES)) return deliveries(rooms, principal, topic.slice(DELIVERIES.length))
    }
    return topic.startsWith('state:job:') ? job(rooms, principal, topic.slice('state:job:'.length)) : undefined
  }
