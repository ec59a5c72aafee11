// Idempotency-Key: the same request twice is done once, and answered twice.
import { hash } from 'node:crypto'
import type { Principal } from '../../shared/auth/contract.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { script } from '../../shared/kernel/script.ts'
import type { Problem } from '../../shared/kernel/problem.ts'
import { IdempotencyInProgress, IdempotencyKeyReused, InvalidIdempotencyKey } from '../../shared/kernel/problems.ts'
import { withVault } from '../../shared/kernel/vault.ts'
import { createBatch } from './batch.ts'

/** How long a result is kept, in ms. */
const KEPT_MS = 86_400_000
/** How long a running request holds its key. It outlives the Redis deadline of a request; a process that died leaves
 *  the key for this long at most, and what it had begun is safe to begin again. */
const HELD_MS = 3_000
const BODY_MAX = 65_536
const shape = /^[A-Za-z0-9_\-.:]{1,255}$/

/** The reply as it is kept and given again. */
export interface Kept {
  status: number
  type: string
  headers: Record<string, string>
  body: string | null
}

/** What Redis holds: `r` and a fingerprint while the request runs; then `d`, the fingerprint, one line of JSON about the
 *  reply, and its body as it is, which is cheaper than putting JSON into JSON. The body of a reply that shows a secret is
 *  sealed. */
const running = (fp: string): string => `r${fp}`
const done = (fp: string, { body, ...reply }: Kept, seal?: (body: string) => string): string => {
  const isSealed = seal !== undefined && body !== null
  const about = { ...reply, empty: body === null, ...(isSealed ? { sealed: true } : {}) }
  return `d${fp}${JSON.stringify(about)}\n${isSealed ? seal(body) : (body ?? '')}`
}

const FINGERPRINT = 43
const parseDone = (text: string, open: (body: string) => string): Kept => {
  const line = text.indexOf('\n')
  const about = JSON.parse(text.slice(1 + FINGERPRINT, line)) as Omit<Kept, 'body'> & { empty: boolean; sealed?: true }
  const { empty, sealed, ...reply } = about
  const body = text.slice(line + 1)
  return { ...reply, body: empty ? null : sealed ? open(body) : body }
}

/** The key of a header: a quoted string as the draft says, or a bare token as many send it. */
export const parseIdempotencyKey = (header: string | string[] | undefined): string | undefined => {
  if (header === undefined) return undefined
  const text = Array.isArray(header) ? header.join(',') : header.trim()
  const key = /^"(.*)"$/.exec(text)?.[1] ?? text
  if (shape.test(key)) return key
  throw InvalidIdempotencyKey('Idempotency-Key must be 1 to 255 of letters, digits and _ - . :', {
    errors: [
      {
        parameter: 'Idempotency-Key',
        in: 'header',
        code: 'invalid_format',
        detail: 'must be 1 to 255 of letters, digits and _ - . :',
      },
    ],
  })
}

export interface Identified {
  principal: Principal
  key: string
  method: string
  template: string
  path: string
  version: number
  raw: Buffer
  /** The reply shows a secret. */
  secret?: boolean
}

/** Whether a refusal would be the same next time: those that say when to ask again are not. */
export const isFinal = (problem: Problem): boolean =>
  [404, 409, 422].includes(problem.status) && problem.extras.retryAfterMs === undefined

export interface Idempotency {
  /** Takes the key for this request, or answers what the first request with it was told. Throws
   *  `idempotency-key-reused` for another request, `idempotency-in-progress` while the first one runs, and `secrets-unavailable`
   *  when what it was told cannot be opened any more. */
  begin(request: Identified): Promise<{ replay: Kept } | { finish(kept: Kept): void; release(): void }>
}

const takeKeys = script(new URL('./take-keys.lua', import.meta.url))
const keepReplies = script(new URL('./keep-replies.lua', import.meta.url))

interface Entry {
  place: string
  text: string
}

export const createIdempotency = (kernel: Kernel): Idempotency => {
  const { redis, vault } = kernel
  const places = (entries: Entry[]): string[] => entries.map((entry) => entry.place)
  const texts = (entries: Entry[]): string[] => entries.map((entry) => entry.text)
  const take = createBatch(
    async (entries: Entry[]) =>
      (await takeKeys(redis, places(entries), [HELD_MS, ...texts(entries)])) as (string | null)[],
  )
  const keep = createBatch(async (entries: Entry[]) => {
    await keepReplies(redis, places(entries), [KEPT_MS, ...texts(entries)])
    return []
  })
  // Neither is waited for: the reply is true either way, and a retry finds the same job by its derived id.
  const quietly = (work: Promise<unknown>): void => void work.catch(() => undefined)
  return {
    async begin({ principal, key, method, template, path, version, raw, secret = false }) {
      const place = kernel.key('idem', principal.id, method, template, key)
      const fp = hash('sha256', `${method}\n${path}\n${version}\n${raw.toString('latin1')}`, 'base64url')
      // Only what was done shows a secret, and no secret is made where there is no key that seals.
      const isSealed = (status: number): boolean => secret && status < 300 && vault.seals
      const seal = (status: number) => (isSealed(status) ? (body: string) => vault.seal(body, place) : undefined)
      const held = await take({ place, text: running(fp) })
      if (held === null) {
        return {
          finish: (kept) => quietly(keep({ place, text: done(fp, trim(kept), seal(kept.status)) })),
          release: () => quietly(redis.del(place)),
        }
      }
      if (held.slice(1, 1 + FINGERPRINT) !== fp)
        throw IdempotencyKeyReused('This Idempotency-Key came with another request before; use a new one.')
      if (held.startsWith('r'))
        throw IdempotencyInProgress('The first request with this Idempotency-Key is not done yet.', {
          retryAfterMs: 1_000,
        })
      return { replay: withVault(() => parseDone(held, (body) => vault.open(body, place))) }
    },
  }
}

const trim = (kept: Kept): Kept => (kept.body !== null && kept.body.length > BODY_MAX ? { ...kept, body: null } : kept)
