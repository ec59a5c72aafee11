// Words of auth: scopes, roles, keys, and who is asking.
import { z } from 'zod'
import { endpoint } from '../kernel/endpoint.ts'
import { problem } from '../kernel/problem.ts'
import { listOf, pageQuery } from '../kernel/page.ts'
import { PreconditionFailed } from '../kernel/problems.ts'
import { Instant, cleanText } from '../jobs/words.ts'
import { KeyLimits, Tier } from '../limits/words.ts'
import { Subscriber } from '../webhooks/words.ts'
import { SCOPES } from './scope-words.ts'

export { ROLES, SCOPES } from './scope-words.ts'

export const Scope = z.enum(SCOPES).meta({ id: 'Scope' })
export type Scope = z.output<typeof Scope>

/** What a subscriber can be given. */
export const SUBSCRIBING: readonly Scope[] = ['webhooks:read', 'webhooks:write']

/** Other services choose the names of their queues; BullMQ allows all but `:`. */
export const QueueGlob = z
  .string()
  .regex(/^[^:\u0000-\u001f\u007f]{1,256}$/, 'must be a queue name or a glob with *, without `:`')

/** RFC 9745 says a date; readers of the drafts before it understand `true` only. */
const DeprecationFormat = z.enum(['rfc9745', 'boolean'])
export type DeprecationFormat = z.output<typeof DeprecationFormat>

const PinnedVersion = z
  .union([z.literal(1), z.literal(2)])
  .describe('The version of the API that requests with this key speak which say none; the current one unless set.')
const Compat = z
  .strictObject({ deprecation: DeprecationFormat.describe('`boolean`: `Deprecation: true` in place of its date.') })
  .describe('What old clients need; null for nothing.')

const TierInput = Tier.describe(
  'How much it may ask for; `standard` unless set. Another tier, like `limits`, can be given only by who holds all scopes.',
)

/** Who is asking. `queues` are globs; `*` is every queue. */
export interface Principal {
  kind: 'key' | 'session' | 'anonymous'
  id: string
  name: string
  scopes: readonly Scope[]
  queues: readonly string[]
  /** How much it may ask for; standard unless set. */
  tier?: Tier
  /** Figures of its own in place of its tier's. */
  limits?: KeyLimits
  /** Of whose webhooks this is; it sees no other's and nothing else. */
  subscriber?: string
  /** The CSRF token that unsafe calls of a session must carry. */
  csrf?: string
  /** The version of the API that requests speak which say none. */
  pinnedVersion?: number
  /** How deprecated versions tell it that they are. */
  deprecationFormat?: DeprecationFormat
  /** When the key or session ends, epoch ms. */
  expiresAt?: number
  /** What `Auth.stillValid` looks up: the digest of the key or session that was shown. */
  credential?: string
}

export const LastAdminKey = problem(
  'last-admin-key',
  'conflict',
  'The last key that may manage keys cannot be removed.',
)
export const InsufficientGrant = problem(
  'insufficient-grant',
  'forbidden',
  'A key cannot be given more than its maker may do.',
)
export const KeyExpired = problem(
  'key-expired',
  'conflict',
  'The key has expired; another secret would not work either.',
)
export const KeyMissing = problem('key-not-found', 'missing', 'There is no such key.')

export const ApiKey = z
  .object({
    id: z.string(),
    name: z.string(),
    hint: z.string().describe('The first and the last characters.'),
    scopes: z.array(Scope),
    queues: z.array(z.string()),
    subscriber: z
      .string()
      .nullable()
      .describe("Whose webhooks it may see and change; null for a key that is not a subscriber's."),
    tier: Tier,
    limits: KeyLimits.nullable(),
    created_at: Instant,
    created_by: z.string(),
    pinned_version: PinnedVersion.nullable(),
    compat: Compat.nullable(),
    expires_at: Instant.nullable(),
    last_used_at: Instant.nullable(),
    v1_last_used_at: Instant.nullable().describe('When version 1 of the API was last used with it, to the minute.'),
    version: z.int().describe('As the `ETag` tells it; another one after every change.'),
  })
  .meta({ id: 'ApiKey' })
export type ApiKey = z.output<typeof ApiKey>

export const ApiKeyInput = z
  .strictObject({
    name: cleanText(1, 100),
    role: z.enum(['viewer', 'operator', 'developer', 'admin']).optional(),
    scopes: z.array(Scope).min(1).max(SCOPES.length).optional(),
    queues: z.array(QueueGlob).min(1).max(50).optional().describe("All unless given; none for a subscriber's."),
    subscriber: Subscriber.optional().describe(
      'Makes a `pk` key that a subscriber may have: it sees and changes the webhooks of this subscriber only. It takes `scopes`, ' +
        'which can be `webhooks:read` and `webhooks:write`; its webhooks hear of its `queues`.',
    ),
    tier: TierInput.optional(),
    limits: KeyLimits.optional(),
    pinned_version: PinnedVersion.optional(),
    compat: Compat.optional(),
    expires_at: z.iso.datetime({ offset: true }).optional(),
  })
  .refine((key) => (key.role === undefined) !== (key.scopes === undefined), {
    path: ['scopes'],
    message: 'give either a role or scopes',
  })
  .refine((key) => key.subscriber === undefined || key.scopes?.every((scope) => SUBSCRIBING.includes(scope)) === true, {
    path: ['scopes'],
    message: 'a subscriber can be given webhooks:read and webhooks:write only',
  })
  .meta({ id: 'ApiKeyInput' })
export type ApiKeyInput = z.output<typeof ApiKeyInput>

export const ApiKeyPatch = z
  .strictObject({
    name: cleanText(1, 100).optional(),
    tier: TierInput.optional(),
    limits: KeyLimits.nullable().optional(),
    pinned_version: PinnedVersion.nullable().optional(),
    compat: Compat.nullable().optional(),
  })
  .meta({ id: 'ApiKeyPatch' })
export type ApiKeyPatch = z.output<typeof ApiKeyPatch>

export const KeyRotation = z
  .strictObject({
    grace_s: z
      .int()
      .min(0)
      .max(2_592_000)
      .default(86_400)
      .describe('How long the old secret works beside the new one.'),
  })
  .meta({ id: 'ApiKeyRotation' })
export type KeyRotation = z.output<typeof KeyRotation>

export const KeyRotated = ApiKey.extend({
  key: z.string().describe('The new secret, shown this once.'),
  previous_expires_at: Instant.describe('Until when the old one works.'),
}).meta({ id: 'ApiKeyRotated' })
export type KeyRotated = z.output<typeof KeyRotated>

export const SessionInfo = z
  .object({
    id: z.string().describe('Of the key that asks, or of the key or the link that the session was opened with.'),
    name: z.string(),
    kind: z.enum(['key', 'session']),
    tier: Tier,
    scopes: z.array(Scope),
    queues: z.array(z.string()),
    subscriber: z.string().nullable(),
    csrf_token: z.string().nullable(),
    expires_at: Instant.nullable(),
  })
  .meta({ id: 'SessionInfo' })
export type SessionInfo = z.output<typeof SessionInfo>

/** The path of one key. */
export const keyParams = z.object({ key_id: z.string().regex(/^key_[0-9a-z]{1,64}$/, 'must be a key id') })
const one = { tags: ['keys'], params: keyParams } as const

export const auth = {
  listKeys: endpoint({
    method: 'GET',
    path: '/api-keys',
    operationId: 'listApiKeys',
    summary: 'List keys',
    tags: ['keys'],
    scopes: ['keys:read'],
    query: z.strictObject(pageQuery),
    replies: { 200: listOf(ApiKey).meta({ id: 'ApiKeyList' }) },
    problems: [],
  }),
  showKey: endpoint({
    ...one,
    method: 'GET',
    path: '/api-keys/:key_id',
    operationId: 'getApiKey',
    summary: 'Show a key, and whether it still uses version 1 of the API',
    etag: true,
    scopes: ['keys:read'],
    replies: { 200: ApiKey },
    problems: [KeyMissing],
  }),
  editKey: endpoint({
    ...one,
    method: 'PATCH',
    path: '/api-keys/:key_id',
    operationId: 'editApiKey',
    etag: true,
    changes: { kind: 'api_key', id: 'key_id', shownBy: 'getApiKey' },
    summary:
      'Change the name of a key, how much it may ask for, the version it is pinned to, or what its old clients need',
    scopes: ['keys:write'],
    body: ApiKeyPatch,
    replies: { 200: ApiKey },
    problems: [KeyMissing, InsufficientGrant, PreconditionFailed],
  }),
  createKey: endpoint({
    method: 'POST',
    path: '/api-keys',
    operationId: 'createApiKey',
    changes: { kind: 'api_key', id: 'id' },
    summary: 'Make a key; it is shown this once',
    tags: ['keys'],
    scopes: ['keys:write'],
    body: ApiKeyInput,
    replies: { 201: ApiKey.extend({ key: z.string() }).meta({ id: 'ApiKeyCreated' }) },
    problems: [InsufficientGrant],
  }),
  rotateKey: endpoint({
    ...one,
    method: 'POST',
    path: '/api-keys/:key_id/rotate',
    operationId: 'rotateApiKey',
    etag: true,
    changes: { kind: 'api_key', id: 'key_id', shownBy: 'getApiKey' },
    summary: 'Give a key another secret; the old one works for a while, and the new one is shown this once',
    description:
      'Takes a caller who may do all that the key may. What uses the old secret does what the key may do now.',
    scopes: ['keys:write'],
    body: KeyRotation,
    bodyOptional: true,
    replies: { 200: KeyRotated },
    problems: [KeyMissing, KeyExpired, InsufficientGrant, PreconditionFailed],
  }),
  deleteKey: endpoint({
    ...one,
    method: 'DELETE',
    path: '/api-keys/:key_id',
    operationId: 'deleteApiKey',
    etag: true,
    changes: { kind: 'api_key', id: 'key_id', shownBy: 'getApiKey' },
    summary: 'Revoke a key; it stops working within five seconds everywhere',
    scopes: ['keys:write'],
    replies: { 204: null },
    problems: [KeyMissing, LastAdminKey, PreconditionFailed],
  }),
  me: endpoint({
    method: 'GET',
    path: '/me',
    operationId: 'getMe',
    summary: 'Who is asking and what they may do',
    tags: ['keys'],
    scopes: [],
    replies: { 200: SessionInfo },
    problems: [],
  }),
  session: endpoint({
    method: 'GET',
    path: '/auth/session',
    at: 'root',
    operationId: 'getSession',
    summary: 'The dashboard session behind the cookie',
    tags: ['auth'],
    scopes: [],
    replies: { 200: SessionInfo },
    problems: [],
  }),
  signIn: endpoint({
    method: 'POST',
    path: '/auth/login',
    at: 'root',
    operationId: 'signIn',
    changes: { kind: 'session', id: 'name' },
    summary: 'Open a dashboard session with a key',
    tags: ['auth'],
    scopes: 'public',
    body: z.strictObject({ key: z.string().max(100) }),
    replies: { 200: SessionInfo },
    problems: [],
  }),
  signOut: endpoint({
    method: 'POST',
    path: '/auth/logout',
    at: 'root',
    operationId: 'signOut',
    changes: { kind: 'session', id: 'name', shownBy: 'getSession' },
    summary: 'End the dashboard session',
    tags: ['auth'],
    scopes: [],
    replies: { 204: null },
    problems: [],
  }),
}
