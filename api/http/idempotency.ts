// Idempotency-Key: the same request twice is done once, and answered twice.
import { hash } from 'node:crypto'
import type { Principal } from '../../shared/auth/contract.ts'
import { hashId } from '../../shared/kernel/ids.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import type { Problem } from '../../shared/kernel/problem.ts'
import { IdempotencyInProgress, IdempotencyKeyReused, InvalidIdempotencyKey } from '../../shared/kernel/problems.ts'

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

type Held = { fp: string; state: 'running' } | ({ fp: string; state: 'done' } & Kept)

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
}

/** Whether a refusal would be the same next time: those that say when to ask again are not. */
export const isFinal = (problem: Problem): boolean =>
  [404, 409, 422].includes(problem.status) && problem.extras.retryAfterMs === undefined

export interface Idempotency {
  /** Takes the key for this request, or answers what the first request with it was told. Throws
   *  `idempotency-key-reused` for another request and `idempotency-in-progress` while the first one runs. */
  begin(request: Identified): Promise<{ replay: Kept } | { finish(kept: Kept): void; release(): void }>
}

export const createIdempotency = (kernel: Kernel): Idempotency => {
  const { redis } = kernel
  // Neither is waited for: the reply is true either way, and a retry finds the same job by its derived id.
  const quietly = (work: Promise<unknown>): void => void work.catch(() => undefined)
  return {
    async begin({ principal, key, method, template, path, version, raw }) {
      const place = kernel.key('idem', hashId(32, principal.id, method, template, key))
      const fp = hash('sha256', Buffer.concat([Buffer.from(`${method}\n${path}\n${version}\n`), raw]))
      const text = await redis.set(place, JSON.stringify({ fp, state: 'running' }), 'PX', HELD_MS, 'NX', 'GET')
      if (text === null) {
        return {
          finish: (kept) =>
            quietly(redis.set(place, JSON.stringify({ fp, state: 'done', ...trim(kept) }), 'PX', KEPT_MS)),
          release: () => quietly(redis.del(place)),
        }
      }
      const held = JSON.parse(text) as Held
      if (held.fp !== fp)
        throw IdempotencyKeyReused('This Idempotency-Key came with another request before; use a new one.')
      if (held.state === 'running')
        throw IdempotencyInProgress('The first request with this Idempotency-Key is not done yet.', {
          retryAfterMs: 1_000,
        })
      return { replay: held }
    },
  }
}

const trim = (kept: Kept): Kept => (kept.body !== null && kept.body.length > BODY_MAX ? { ...kept, body: null } : kept)
