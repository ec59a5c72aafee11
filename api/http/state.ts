// What one request carries on its way: who asks, in which version, and when it began.
import type { DefaultContext, ParameterizedContext } from 'koa'
import type { Principal } from '../../shared/auth/contract.ts'
import type { Taken } from '../../shared/limits/limits.ts'

/** The state of a request, on `ctx.state`. */
export interface RequestState {
  requestId: string
  /** `performance.now()` at arrival. */
  startedAt: number
  /** The resolved version of the API. */
  version: number
  /** Whether the client asked for the media type of a version, such as `application/vnd.k1n.v2+json`. */
  vendor: boolean
  /** Whose quota and audit this is; set once the credential is read. */
  principal?: Principal
  /** Who asks; looked up once a request. */
  identified?: Principal | Promise<Principal>
  /** The request was counted against its caller's quota, or is free. */
  isCharged?: true
  /** What was counted of it so far, while it may turn out to cost more. */
  taken?: Taken
  /** A body of an older version in today's names. */
  toToday?: (body: unknown) => unknown
  /** How an older version tells a problem; as a problem document unless set. */
  refusal?: (problem: Record<string, unknown>) => { type: string; body: unknown }
  /** A valid W3C trace parent that came with the request. */
  traceparent?: string
}

/** A Koa context with our state. */
export type Ctx = ParameterizedContext<
  RequestState,
  DefaultContext & { newRouterPath?: string; params?: Record<string, string> }
>
