// What a handler is called with: who asks, what was asked, and the request behind it.
import type { IncomingMessage } from 'node:http'
import type { Principal } from '../../shared/auth/contract.ts'
import type { Carrier } from './carrier.ts'
import type { Ctx } from './state.ts'

/** What a handler is given beside the parsed input. */
export interface Caller {
  principal: Principal
  /** Aborts when the client goes away before it was answered. */
  readonly signal: AbortSignal
  requestId: string
  idempotencyKey?: string
  /** The key, for a verb that is bound to carry it. */
  claim?: Carrier
  traceparent?: string
  /** Who the audit names; the principal unless a handler finds out that it is another. */
  actor: Principal
  /** The request itself, for rows with a raw body and for streams. */
  req: IncomingMessage
}

export interface Input {
  params: unknown
  query: unknown
  body: unknown
}

/** What a handler is called with. A class for the sake of its getter: an object that is made with one of its own is of a
 *  shape of its own, which keeps all it holds until the next full collection. */
export class Call implements Caller, Input {
  readonly principal: Principal
  actor: Principal
  readonly requestId: string
  readonly req: IncomingMessage
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
  readonly idempotencyKey?: string
  claim?: Carrier
  readonly traceparent?: string
  readonly #ctx: Ctx
  #abort: AbortController | undefined

  constructor(ctx: Ctx, principal: Principal, key: string | undefined, { params, query, body }: Input) {
    this.#ctx = ctx
    this.principal = principal
    this.actor = principal
    this.requestId = ctx.state.requestId
    this.req = ctx.req
    this.params = params
    this.query = query
    this.body = body
    if (key !== undefined) this.idempotencyKey = key
    if (ctx.state.traceparent !== undefined) this.traceparent = ctx.state.traceparent
  }

  /** Made on first use: most handlers are done before a client could change its mind. */
  get signal(): AbortSignal {
    if (this.#abort) return this.#abort.signal
    const made = (this.#abort = new AbortController())
    this.#ctx.res.once('close', () => made.abort())
    return made.signal
  }
}
