// What is decided of a delivery: whether it is signed as its source says, which one it is, and what it is told as.
import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import { EventName, memberAt } from '../kernel/data-filter.ts'
import type { Emit, Refusal, Scheme, Verify } from './words.ts'

/** Headers by their names in lower case. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>

/** A request to a source, as it came. */
export interface Delivery {
  readonly headers: Headers
  readonly raw: Buffer
  readonly now: number
}

/** What a delivery claims: that one of these signatures is of these parts, made at that time. */
interface Claim {
  readonly parts: readonly (string | Buffer)[]
  readonly signatures: readonly Buffer[]
  /** In epoch ms; NaN for what is no time. */
  readonly at?: number
}

/** Signatures of one request that are looked at: two while secrets are changed, and some to spare. */
const SIGNATURES_MAX = 10

const headerOf = (headers: Headers, name: string): string => {
  const lower = name.toLowerCase()
  // `constructor` is a name that a header may have, and every object has something of that name.
  const value = (Object.hasOwn(headers, lower) ? headers[lower] : undefined) ?? ''
  return Array.isArray(value) ? value.join(',') : value
}

const secondsOf = (text: string): number => (/^\d{1,12}$/.test(text) ? Number(text) * 1_000 : Number.NaN)

/** The signatures of a header whose items begin with a mark. */
const marked = (text: string, by: string | RegExp, mark: string, encoding: 'hex' | 'base64'): Buffer[] =>
  text
    .split(by)
    .slice(0, SIGNATURES_MAX)
    .filter((item) => item !== '' && item.startsWith(mark))
    .map((item) => Buffer.from(item.slice(mark.length), encoding))

/** Standard Webhooks 1.0; Svix names its headers otherwise. */
const standardHeader = (headers: Headers, name: string): string =>
  headerOf(headers, `webhook-${name}`) || headerOf(headers, `svix-${name}`)

const claims: { [Name in Scheme]: (settings: Extract<Verify, { scheme: Name }>, delivery: Delivery) => Claim } = {
  standard_webhooks(_settings, { headers, raw }) {
    const [id, time] = [standardHeader(headers, 'id'), standardHeader(headers, 'timestamp')]
    const signatures = marked(standardHeader(headers, 'signature'), ' ', 'v1,', 'base64')
    return { parts: [`${id}.${time}.`, raw], signatures: id === '' ? [] : signatures, at: secondsOf(time) }
  },
  github: (_settings, { headers, raw }) => ({
    parts: [raw],
    signatures: marked(headerOf(headers, 'x-hub-signature-256'), ',', 'sha256=', 'hex'),
  }),
  stripe(_settings, { headers, raw }) {
    const text = headerOf(headers, 'stripe-signature')
    const time = /(?:^|,)t=(\d+)/.exec(text)?.[1] ?? ''
    return { parts: [`${time}.`, raw], signatures: marked(text, ',', 'v1=', 'hex'), at: secondsOf(time) }
  },
  slack(_settings, { headers, raw }) {
    const time = headerOf(headers, 'x-slack-request-timestamp')
    const signatures = marked(headerOf(headers, 'x-slack-signature'), ',', 'v0=', 'hex')
    return { parts: [`v0:${time}:`, raw], signatures, at: secondsOf(time) }
  },
  hmac: ({ signature_header, prefix, encoding }, { headers, raw }) => ({
    parts: [raw],
    signatures: marked(headerOf(headers, signature_header), /, */, prefix, encoding),
  }),
  shared_secret({ header }, { headers }) {
    const given = headerOf(headers, header)
    return { parts: [], signatures: given === '' ? [] : [Buffer.from(hash('sha256', given), 'hex')] }
  },
  none: () => ({ parts: [], signatures: [Buffer.alloc(0)] }),
}

/** What the signature must be. A shared secret is compared by its hash, so that its length tells nothing. */
const expected = (scheme: Scheme, secret: string, parts: Claim['parts']): Buffer => {
  if (scheme === 'none') return Buffer.alloc(0)
  if (scheme === 'shared_secret') return Buffer.from(hash('sha256', secret), 'hex')
  const key = scheme === 'standard_webhooks' ? Buffer.from(secret.replace(/^whsec_/, ''), 'base64') : secret
  const mac = createHmac('sha256', key)
  for (const part of parts) mac.update(part)
  return mac.digest()
}

const isSame = (one: Buffer, other: Buffer): boolean => one.length === other.length && timingSafeEqual(one, other)

/** Why a delivery is refused; undefined when it is signed with one of the secrets, within its tolerance. The work is the same
 *  whatever is wrong. */
export const refusalOf = (settings: Verify, secrets: readonly string[], delivery: Delivery): Refusal | undefined => {
  const claim = (claims[settings.scheme] as (settings: Verify, delivery: Delivery) => Claim)(settings, delivery)
  const macs = secrets.map((secret) => expected(settings.scheme, secret, claim.parts))
  const fitting = macs.flatMap((mac) => claim.signatures.filter((signature) => isSame(mac, signature)))
  if (claim.signatures.length === 0) return 'missing_header'
  if (fitting.length === 0) return 'wrong_signature'
  return isTimely(settings, claim.at, delivery.now) ? undefined : 'wrong_time'
}

const isTimely = (settings: Verify, at: number | undefined, now: number): boolean =>
  !('tolerance_s' in settings) || (at !== undefined && Math.abs(now - at) <= settings.tolerance_s * 1_000)

/** What tells one delivery from another, by its scheme: an id of its own, else what was signed. Undefined where nothing does,
 *  as nothing is signed: two that are alike may both be meant. */
export const deliveryOf = (settings: Verify, delivery: Delivery, payload: unknown): string | undefined => {
  const { headers } = delivery
  const { parts } = (claims[settings.scheme] as (settings: Verify, delivery: Delivery) => Claim)(settings, delivery)
  const signed = (): string => `hash:${hashOf(parts)}`
  switch (settings.scheme) {
    case 'standard_webhooks':
      return standardHeader(headers, 'id')
    case 'github':
      return headerOf(headers, 'x-github-delivery') || signed()
    case 'stripe':
      return textAt(payload, 'id') ?? signed()
    case 'slack':
      return textAt(payload, 'event_id') ?? signed()
    case 'hmac':
      return headerOf(headers, settings.id_header ?? '') || signed()
    case 'shared_secret':
    case 'none':
      return headerOf(headers, settings.id_header ?? '') || undefined
    default:
      settings satisfies never
      throw new Error('unreachable')
  }
}

/** What was signed, in short, where the id of a delivery is no part of it: under any other id it is the same delivery. */
export const signedOf = (settings: Verify, delivery: Delivery): string | undefined => {
  if (settings.scheme !== 'github' && settings.scheme !== 'hmac') return undefined
  return hashOf([delivery.raw])
}

const hashOf = (parts: Claim['parts']): string => hash('sha256', Buffer.concat(parts.map((part) => Buffer.from(part))))

const textAt = (payload: unknown, path: string): string | undefined => {
  const found = memberAt(payload, path)
  return typeof found === 'string' && found !== '' ? found : undefined
}

/** What a delivery is told as: the source's name for it, and behind it, made to fit, the value it says is to follow. */
export const nameOf = ({ event, append }: Emit, headers: Headers, payload: unknown): string => {
  const value =
    append === null ? undefined : 'header' in append ? headerOf(headers, append.header) : memberAt(payload, append.path)
  const name = [event, ...wordsOf(value)].join('.').split('.').slice(0, WORDS_MAX).join('.')
  return EventName.safeParse(name).success ? name : event
}

const WORDS_MAX = 6

/** `Customer.Created!` → `customer`, `created_`. */
const wordsOf = (value: unknown): string[] =>
  typeof value !== 'string'
    ? []
    : value
        .slice(0, 512)
        .toLowerCase()
        .split('.')
        .map((word) =>
          word
            .replace(/[^a-z0-9_-]/g, '_')
            .replace(/^[_-]+/, '')
            .slice(0, 64),
        )
        .filter((word) => word !== '')

/** The question by which Slack checks an address, when a delivery is that. */
export const challengeOf = ({ scheme }: Verify, payload: unknown): string | undefined =>
  scheme === 'slack' && memberAt(payload, 'type') === 'url_verification'
    ? textAt(payload, 'challenge')?.slice(0, 1_024)
    : undefined
