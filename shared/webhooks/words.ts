// Words of webhooks: which facts go where, how, and how often it is tried.
import { z } from 'zod'
import { changes } from '../breakers/words.ts'
import { DataFilter, EventPattern } from '../kernel/data-filter.ts'
import { cleanText } from '../jobs/words.ts'
import { USUAL_DELAYS_MS } from './delay-words.ts'

export const WebhookId = z
  .string()
  .regex(/^wh_[0-9a-z]{8,40}$/, 'must be the id of a webhook, such as wh_01kan5…')
  .meta({ id: 'WebhookId' })

const DAY_MS = 86_400_000

/** When a delivery that failed is tried again. */
export const DeliveryRetries = z
  .union([
    z.strictObject({
      delays_ms: z
        .array(
          z
            .int()
            .min(1_000)
            .max(2 * DAY_MS),
        )
        .max(30),
    }),
    z.strictObject({
      base_ms: z.int().min(1_000).max(DAY_MS),
      factor: z.number().min(1).max(10).default(2),
      max_ms: z
        .int()
        .min(1_000)
        .max(2 * DAY_MS)
        .default(DAY_MS),
      max_attempts: z.int().min(1).max(31),
    }),
  ])
  .meta({ id: 'DeliveryRetries' })
export type DeliveryRetries = z.output<typeof DeliveryRetries>

export const DisabledReason = z.enum(['by_operator', 'gone', 'failing']).meta({ id: 'DisabledReason' })

export const Subscriber = cleanText(1, 128).describe(
  'Whose endpoint it is; a `pk` key of a subscriber sees only its own.',
)

/** What is said of an endpoint when it is made or changed; secrets and values of headers are kept apart. */
export const WebhookSettings = z
  .strictObject({
    url: z.string().min(1).max(2_048),
    description: cleanText(0, 500).default(''),
    event_types: z.array(EventPattern).min(1).max(64),
    filter: DataFilter.default([]),
    include_data: z
      .boolean()
      .default(false)
      .describe(
        'Whether the body also has `task_data`, the payload of the job it is about; takes the scope `jobs:data`.',
      ),
    rate_limit: z
      .strictObject({ max: z.int().min(1).max(100_000), per_ms: z.int().min(1_000).max(3_600_000) })
      .nullable()
      .default(null),
    concurrency: z
      .int()
      .min(1)
      .max(100)
      .default(4)
      .describe(
        'Deliveries to it at once, from each worker process; never more than a quarter of what that runs at once.',
      ),
    retry: DeliveryRetries.default({ delays_ms: USUAL_DELAYS_MS }),
    api_version: z.literal(2).default(2).describe('The version of the API whose words the data has.'),
    order_by: z
      .string()
      .regex(/^[^\u0000-\u001f]{1,256}$/)
      .nullable()
      .default(null)
      .describe(
        'A path into the data. Deliveries of one value there go one after another, in the order of their events; the next ' +
          'waits until the one before has arrived or is given up.',
      ),
    legacy_signature: z.enum(['github']).nullable().default(null).describe('Also sends `X-Hub-Signature-256`.'),
    subscriber: Subscriber.nullable().default(null),
  })
  .meta({ id: 'WebhookSettings' })
export type WebhookSettings = z.output<typeof WebhookSettings>

/** A change of some of it. Whose endpoint it is does not change. */
export const WebhookChange = z.strictObject(changes(WebhookSettings.omit({ subscriber: true }).shape))

/** What a secret looks like; whether it has 24 to 64 bytes is seen by those who sign. */
export const WebhookSecret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, 'must be whsec_ and 24 to 64 bytes in base64')
  .describe('`whsec_` and 24 to 64 random bytes in base64.')

/** A secret that signs. `sealed` opens as `webhook <id> secret`. */
export const SigningSecret = z.object({
  sealed: z.string(),
  /** The last four characters. */
  hint: z.string(),
  createdAt: z.number(),
  /** It signs until then, beside the newer ones; null for the newest. */
  expiresAt: z.number().nullable(),
})
export type SigningSecret = z.output<typeof SigningSecret>

/** An endpoint as it is kept. Members that a newer version of k1n wrote are left out. */
export const WebhookDraft = z.object({
  id: z.string(),
  settings: z.object(WebhookSettings.shape),
  /** Globs of the queues whose facts it may hear of: those its maker may see. */
  queues: z.array(z.string()),
  /** Whether it may hear of events from outside: its maker may read them. */
  outside: z.boolean(),
  enabled: z.boolean(),
  disabled: z.object({ reason: DisabledReason, at: z.number() }).nullable(),
  /** Newest first, at most three. */
  secrets: z.array(SigningSecret),
  /** Values of headers to send, by name, as JSON; opens as `webhook <id> headers`. */
  sealedHeaders: z.string().nullable(),
  headerNames: z.array(z.string()),
  createdAt: z.number(),
  updatedAt: z.number(),
  by: z.string(),
})
export type WebhookDraft = z.output<typeof WebhookDraft>

/** The same with its version, which is another one after every change and never comes again. */
export interface WebhookRecord extends WebhookDraft {
  version: number
}

/** How it goes with an endpoint. Times are epoch milliseconds. */
export interface EndpointHealth {
  readonly lastSuccessAt: number | null
  readonly lastFailureAt: number | null
  readonly consecutiveFailures: number
  /** What the last failure was: the status that was answered, and its class; null where that is not known. */
  readonly failedWith: { readonly status: number | null; readonly error: string | null } | null
}

/** Names the reader of the log that makes deliveries. */
export const WEBHOOKS_CONSUMER = 'webhooks'
