// Words of deliveries: one fact on its way to one endpoint, and what came of each attempt.
import { z } from 'zod'
import { Instant } from '../jobs/words.ts'

export const DeliveryId = z
  .string()
  .regex(/^dlv_[a-z2-7]{26}$/, 'must be the id of a delivery, such as dlv_…')
  .meta({ id: 'DeliveryId' })

/** `pending`: not tried yet. `failed`: the last attempt failed and another one comes. `dead`: given up. */
export const DeliveryStatus = z
  .enum(['pending', 'in_flight', 'succeeded', 'failed', 'dead', 'cancelled'])
  .meta({ id: 'DeliveryStatus' })
export type DeliveryStatus = z.output<typeof DeliveryStatus>

/** One attempt as it is shown. */
export const DeliveryAttempt = z
  .object({
    n: z.int().describe('Counted from 1, over resends too.'),
    at: Instant,
    duration_ms: z.number(),
    status_code: z.int().nullable().describe('Null when there was no answer.'),
    error_code: z
      .string()
      .nullable()
      .describe('`http_<status>`, or why there was no answer: `timeout_total`, `refused`, …; null for a success.'),
    request_headers: z
      .record(z.string(), z.string())
      .describe('The signature shortened, values of own headers left out.'),
    response_headers: z.record(z.string(), z.string()).describe('None where the caller may not see the event.'),
    response_excerpt: z
      .string()
      .nullable()
      .describe('At most the first KiB of the answer; null where the caller may not see the event.'),
    peer_ip: z.string().nullable(),
  })
  .meta({ id: 'DeliveryAttempt' })
export type DeliveryAttempt = z.output<typeof DeliveryAttempt>

export const DeliveryWait = z
  .object({
    why: z
      .enum(['disabled', 'ordered', 'backoff', 'breaker', 'rate_limit', 'concurrency', 'line', 'worker'])
      .describe(
        'The endpoint is disabled; a delivery it comes after has not ended; the last attempt failed and the next one has its time; the ' +
          'endpoint rests after failures; its rate is used up; as many as it takes are on their way; others to it go first; no worker ' +
          'has taken it yet.',
      ),
    until: Instant.nullable().describe('The earliest time at which that may end, where it is known.'),
    behind: DeliveryId.nullable().describe('The delivery it comes after.'),
    detail: z.string().describe('The same in a sentence.'),
  })
  .meta({ id: 'DeliveryWait' })
export type DeliveryWait = z.output<typeof DeliveryWait>

const summary = {
  id: DeliveryId,
  webhook_id: z.string(),
  event_id: z.string(),
  event_type: z.string(),
  test: z.boolean().describe('Whether it was sent to try the endpoint out: an example, tried once.'),
  status: DeliveryStatus,
  attempt: z.int().describe('Attempts so far.'),
  created_at: Instant,
  next_attempt_at: Instant.nullable().describe('The earliest time of the next one, where that is known.'),
  last_status_code: z.int().nullable(),
  last_error_code: z.string().nullable(),
}

export const DeliverySummary = z.object(summary).meta({ id: 'DeliverySummary' })
export type DeliverySummary = z.output<typeof DeliverySummary>

export const Delivery = z
  .object({
    ...summary,
    waits: DeliveryWait.nullable().describe('Why it has not been sent yet, or not again; null when it does not wait.'),
    message_id: z.string().describe('The header `webhook-id`.'),
    task_id: z.string().describe('Its job.'),
    body: z
      .string()
      .nullable()
      .describe(
        'What is sent, byte for byte; null when neither its job nor the log has it any more, or the caller may not see it: with `task_data` that takes `jobs:data`.',
      ),
    attempts: z.array(DeliveryAttempt).describe('Oldest first, at most the last 50.'),
  })
  .meta({ id: 'Delivery' })
export type Delivery = z.output<typeof Delivery>

/** How an endpoint fares. */
export const EndpointHealth = z
  .object({
    webhook_id: z.string(),
    last_success_at: Instant.nullable(),
    last_failure_at: Instant.nullable(),
    consecutive_failures: z.int(),
    failing_since: Instant.nullable(),
    rests_until: Instant.nullable().describe('After failures in a row nothing but a probe is sent before then.'),
    gap: z
      .object({ from: Instant, to: Instant })
      .nullable()
      .describe(
        'The log outgrew its bound before webhooks were sent what it held: facts after `from` and before `to` were removed unread and are sent ' +
          'to nobody. Null where there was no such time in the last seven days, or the webhook was made later.',
      ),
    disables_at: Instant.nullable().describe('When it is disabled if nothing arrives until then.'),
    attempts: z.int().describe('Attempts of this and the last hour.'),
    arrived: z.int().describe('Those of them that arrived.'),
    backlog: z.int().describe('Deliveries that have neither arrived nor been given up.'),
    p95_ms: z.number().nullable().describe('Of its answers in this and the last hour, to the next power of two.'),
  })
  .meta({ id: 'EndpointHealth' })
export type EndpointHealth = z.output<typeof EndpointHealth>
