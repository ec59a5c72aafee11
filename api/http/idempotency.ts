// Idempotency-Key: the same request twice is done once, and answered twice.
import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { Principal } from '../../shared/auth/contract.ts'
import type { Before } from '../../shared/bullmq/add.ts'
import { FINGERPRINT, HELD_MS, KEPT_MS } from '../../shared/bullmq/receipt.ts'
import type { Receipt, Retold } from '../../shared/bullmq/receipt.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { script } from '../../shared/kernel/script.ts'
import type { Problem } from '../../shared/kernel/problem.ts'
import { IdempotencyInProgress, IdempotencyKeyReused, InvalidIdempotencyKey } from '../../shared/kernel/problems.ts'
import { withVault } from '../../shared/kernel/vault.ts'
import type { Vault } from '../../shared/kernel/vault.ts'
import { createBatch } from './batch.ts'

const BODY_MAX = 65_536
const shape = /^[A-Za-z0-9_\-.:]{1,255}$/

/** The reply as it is kept and given again. */
export interface Kept {
  status: number
  type: string
  headers: Record<string, string>
  body: string | null
}

/** The text of a receipt: `r` and a fingerprint while the request runs; then `d`, the fingerprint, one line of JSON about the
 *  reply, and its body as it is, which is cheaper than putting JSON into JSON. The body of a reply that shows a secret is
 *  sealed. Of a reply that can be told again there is `t`, the fingerprint, a check sum of its body, and the facts it is told from:
 *  a tenth of it, of which Redis has a million a day at twelve requests a second. */
const running = (fp: string): string => `r${fp}`
const done = (fp: string, { body, ...reply }: Kept, seal?: (body: string) => string): string => {
  const isSealed = seal !== undefined && body !== null
  const about = { ...reply, empty: body === null, ...(isSealed ? { sealed: true } : {}) }
  return `d${fp}${JSON.stringify(about)}\n${isSealed ? seal(body) : (body ?? '')}`
}

const sumOf = ({ body }: Kept): string => (body === null ? '' : crc32(body).toString(36))
const toBeTold = (fp: string, reply: Kept, facts: string): string => `t${fp}${sumOf(reply)} ${facts}`

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
  /** For a reply of which only facts are kept. */
  tellAgain?: TellAgain | undefined
}

/** Tells again what a request like this one was answered, from the facts that were kept of it. */
export type TellAgain = (facts: string) => Retold<Kept>

/** Whether a refusal would be the same next time: those that say when to ask again are not. */
export const isFinal = (problem: Problem): boolean =>
  [404, 409, 422].includes(problem.status) && problem.extras.retryAfterMs === undefined

/** What the first request with this key was told; thrown, as nothing of what was begun is to go on. */
export class Replay extends Error {
  readonly kept: Kept
  constructor(kept: Kept) {
    super('answered before')
    this.kept = kept
  }
}

/** A request's claim to its key. It is open until Redis was asked for the key, and held once this request has it. */
export interface Claim {
  readonly state: 'open' | 'asked' | 'held' | 'kept'
  /** Asks for the key before anything is done. Throws a `Replay` of what the first request with it was told,
   *  `idempotency-key-reused` for another request, `idempotency-in-progress` while the first one runs, and `secrets-unavailable`
   *  when what it was told cannot be opened any more. */
  take(): Promise<void>
  /** The same in one step with the work: `send` gives Redis the receipt along with it, with the facts the reply is told again
   *  from. It is kept when it is `stored`, else the key is held. */
  carry<Came extends string>(
    reply: Kept,
    facts: string,
    send: (receipt: Receipt) => Promise<Came | Before>,
  ): Promise<Came>
  /** Keeps the reply unless it is. */
  finish(reply: Kept): void
  /** Lets the key go: nothing was done. */
  release(): void
}

export interface Idempotency {
  claim(request: Identified): Claim
}

const takeKeys = script(new URL('./take-keys.lua', import.meta.url))
const keepReplies = script(new URL('./keep-replies.lua', import.meta.url))

/** Receipts by themselves, those of one turn of the event loop together. */
interface Receipts {
  readonly vault: Vault
  take(receipt: Receipt): Promise<string | null>
  keep(receipt: Receipt): Promise<void>
  release(place: string): Promise<unknown>
}

const createReceipts = ({ redis, vault }: Kernel): Receipts => {
  const places = (receipts: Receipt[]): string[] => receipts.map((receipt) => receipt.place)
  const texts = (receipts: Receipt[]): string[] => receipts.map((receipt) => receipt.text)
  return {
    vault,
    take: createBatch(
      async (receipts: Receipt[]) =>
        (await takeKeys(redis, places(receipts), [HELD_MS, ...texts(receipts)])) as (string | null)[],
    ),
    keep: createBatch(async (receipts: Receipt[]) => {
      await keepReplies(redis, places(receipts), [KEPT_MS, ...texts(receipts)])
      return []
    }),
    release: (place) => redis.del(place),
  }
}

export const createIdempotency = (kernel: Kernel): Idempotency => {
  const receipts = createReceipts(kernel)
  return {
    claim({ principal, key, method, template, path, version, raw, secret = false, tellAgain }) {
      const place = kernel.key('idem', principal.id, method, template, key)
      const fp = hash('sha256', `${method}\n${path}\n${version}\n${raw.toString('latin1')}`, 'base64url')
      return new OneClaim(receipts, place, fp, secret, tellAgain)
    },
  }
}

// Neither is waited for: the reply is true either way, and a retry finds the same job by its derived id.
const quietly = (work: Promise<unknown>): void => void work.catch(() => undefined)

class OneClaim implements Claim {
  state: Claim['state'] = 'open'
  readonly #receipts: Receipts
  readonly #place: string
  readonly #fp: string
  readonly #isSecret: boolean
  readonly #tellAgain: TellAgain | undefined

  constructor(receipts: Receipts, place: string, fp: string, isSecret: boolean, tellAgain: TellAgain | undefined) {
    this.#receipts = receipts
    this.#place = place
    this.#fp = fp
    this.#isSecret = isSecret
    this.#tellAgain = tellAgain
  }

  async take(): Promise<void> {
    this.state = 'asked'
    const before = await this.#receipts.take({ place: this.#place, text: running(this.#fp) })
    if (before !== null) await this.#refuse(before)
    this.state = 'held'
  }

  async carry<Came extends string>(
    reply: Kept,
    facts: string,
    send: (receipt: Receipt) => Promise<Came | Before>,
  ): Promise<Came> {
    this.state = 'asked'
    const came = await send({ place: this.#place, text: toBeTold(this.#fp, reply, facts) })
    if (typeof came === 'object') return this.#refuse(came.before)
    this.state = came === 'stored' ? 'kept' : 'held'
    return came
  }

  finish(reply: Kept): void {
    if (this.state !== 'kept') quietly(this.#receipts.keep(this.#receiptOf(reply)))
  }

  release(): void {
    quietly(this.#receipts.release(this.#place))
  }

  #receiptOf(reply: Kept): Receipt {
    const { vault } = this.#receipts
    // Only what was done shows a secret, and no secret is made where there is no key that seals.
    const isSealed = this.#isSecret && reply.status < 300 && vault.seals
    const seal = isSealed ? (body: string): string => vault.seal(body, this.#place) : undefined
    return { place: this.#place, text: done(this.#fp, trim(reply), seal) }
  }

  async #refuse(before: string): Promise<never> {
    if (!/^[rdt]/.test(before) || before.slice(1, 1 + FINGERPRINT) !== this.#fp)
      throw IdempotencyKeyReused('This Idempotency-Key came with another request before; use a new one.')
    if (before.startsWith('r'))
      throw IdempotencyInProgress('The first request with this Idempotency-Key is not done yet.', {
        retryAfterMs: 1_000,
      })
    if (before.startsWith('t') && this.#tellAgain)
      throw new Replay(await toldFrom(before.slice(1 + FINGERPRINT), this.#tellAgain))
    const { vault } = this.#receipts
    throw new Replay(withVault(() => parseDone(before, (body) => vault.open(body, this.#place))))
  }
}

/** The reply the facts lead to, if it is the one that was given; else what there is to say by now. */
const toldFrom = async (rest: string, tellAgain: TellAgain): Promise<Kept> => {
  const space = rest.indexOf(' ')
  const again = tellAgain(rest.slice(space + 1))
  try {
    const kept = again.told()
    if (sumOf(kept) === rest.slice(0, space)) return kept
  } catch {
    // The request would be refused today; it was not then.
  }
  return again.now()
}

const trim = (kept: Kept): Kept => (kept.body !== null && kept.body.length > BODY_MAX ? { ...kept, body: null } : kept)
