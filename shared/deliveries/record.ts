// A delivery as it is kept, in short names, and as it is shown.
import { toIso } from '../kernel/clock.ts'
import { traceparentOf } from '../webhooks/trace.ts'
import { deliveryId, jobId, messageId } from './id.ts'
import type { Delivery, DeliveryAttempt, DeliverySummary, DeliveryWait } from './words.ts'

/** An attempt as it is kept: its number is the name of its field. */
export interface KeptAttempt {
  readonly at: number
  readonly ms: number
  readonly status: number | null
  readonly error: string | null
  readonly sent: Readonly<Record<string, string>>
  readonly got: Readonly<Record<string, string>>
  readonly text: string
  readonly peer: string | null
}

export type KeptStatus = Exclude<Delivery['status'], 'in_flight'>

export interface DeliveryRecord {
  readonly key: string
  readonly webhookId: string
  readonly eventId: string
  readonly eventType: string
  readonly status: KeptStatus
  readonly createdAt: number
  readonly nextAt: number | null
  readonly attempts: number
  /** Whether it was sent to try the endpoint out, and its body where all of it was read: no log has it. */
  readonly isTest: boolean
  readonly testBody: string | undefined
  /** Oldest first; the last ones only. */
  readonly kept: readonly (KeptAttempt & { n: number })[]
}

/** Attempts that are kept of one delivery. */
export const ATTEMPTS_KEPT = 50

/** Reads the fields of a hash; undefined when there is none. */
export const toRecord = (key: string, fields: Readonly<Record<string, string>>): DeliveryRecord | undefined => {
  const { w, e = '', t = '', c, s, n, x, y, z } = fields
  if (w === undefined) return undefined
  const attempts = Number(n ?? 0)
  const first = Math.max(1, attempts - ATTEMPTS_KEPT + 1)
  const numbers = Array.from({ length: Math.max(0, attempts - first + 1) }, (_, index) => first + index)
  return {
    key,
    webhookId: w,
    eventId: e,
    eventType: t,
    status: (s ?? 'pending') as KeptStatus,
    createdAt: Number(c),
    nextAt: x === undefined || x === '' ? null : Number(x),
    attempts,
    isTest: y !== undefined,
    testBody: z,
    kept: numbers.flatMap((number) => attemptOf(number, fields[`a${number}`]) ?? []),
  }
}

const attemptOf = (n: number, text: string | undefined): (KeptAttempt & { n: number }) | undefined =>
  text === undefined ? undefined : { n, ...(JSON.parse(text) as KeptAttempt) }

/** `runs`: its job is with a worker now. */
export const summarise = (record: DeliveryRecord, runs: boolean): DeliverySummary => {
  const last = record.kept.at(-1)
  const isOpen = record.status === 'pending' || record.status === 'failed'
  return {
    id: deliveryId(record.key),
    webhook_id: record.webhookId,
    event_id: record.eventId,
    event_type: record.eventType,
    test: record.isTest,
    status: runs && isOpen ? 'in_flight' : record.status,
    attempt: record.attempts,
    created_at: toIso(record.createdAt),
    next_attempt_at: record.nextAt === null || runs || !isOpen ? null : toIso(record.nextAt),
    last_status_code: last?.status ?? null,
    last_error_code: last?.error ?? null,
  }
}

/** What is sent, where that is still known, and whether that and what came back are shown. */
interface Content {
  readonly body: string | null
  readonly isSeen: boolean
}

export const present = (
  record: DeliveryRecord,
  queue: string,
  { runs, waits }: { runs: boolean; waits: DeliveryWait | null },
  content: Content,
): Delivery => ({
  ...summarise(record, runs),
  waits,
  message_id: messageId(record.key),
  task_id: `${queue}:${jobId(record.key)}`,
  body: content.isSeen ? content.body : null,
  attempts: record.kept.map((attempt) => presentAttempt(record, attempt, content)),
})

const presentAttempt = (
  record: DeliveryRecord,
  attempt: KeptAttempt & { n: number },
  { isSeen }: Content,
): DeliveryAttempt => ({
  n: attempt.n,
  at: toIso(attempt.at),
  duration_ms: attempt.ms,
  status_code: attempt.status,
  error_code: attempt.error,
  request_headers: { ...following(record, attempt), ...attempt.sent },
  response_headers: isSeen ? { ...attempt.got } : {},
  response_excerpt: isSeen ? attempt.text : null,
  peer_ip: attempt.peer,
})

/** Headers that follow from a delivery, and so are not kept with each attempt. */
export const FOLLOWS: ReadonlySet<string> = new Set([
  ...['content-type', 'webhook-id', 'webhook-timestamp', 'traceparent'],
  ...['x-k1n-event', 'x-k1n-delivery', 'x-k1n-api-version'],
])

const following = (record: DeliveryRecord, { at, sent }: KeptAttempt): Record<string, string> => ({
  'content-type': 'application/json',
  'webhook-id': messageId(record.key),
  'webhook-timestamp': String(Math.floor(at / 1_000)),
  traceparent: traceparentOf(record.eventId, deliveryId(record.key), Number(sent['x-k1n-attempt'] ?? 1)),
  'x-k1n-event': record.eventType,
  'x-k1n-delivery': deliveryId(record.key),
  'x-k1n-api-version': '2',
})
