// The guard in front: requests whose caller is not known are counted by their address, in the memory of this process.
import type { Context, Middleware } from 'koa'
import ratelimit from 'koa-ratelimit'
import type { Principal } from '../../shared/auth/contract.ts'
import { isProblem } from '../../shared/kernel/problem.ts'
import { Overloaded, QuotaExceeded } from '../../shared/kernel/problems.ts'
import { networkOf } from '../../shared/kernel/windows.ts'
import type { Charge } from './charge.ts'
import { identifyOnce } from './identify.ts'
import type { Identify } from './identify.ts'
import { QUOTA_TYPE } from './quota.ts'
import type { Ctx } from './state.ts'

const WINDOW_MS = 60_000
/** Addresses that are remembered. koa-ratelimit forgets none by itself. */
const ADDRESSES_MAX = 10_000

type Next = () => Promise<unknown>

/** A map that forgets what was put in longest ago, when it has more than there is room for. */
class Bounded<Value> extends Map<string, Value> {
  override set(key: string, value: Value): this {
    // An address whose time began anew is the newest, wherever it stood.
    this.delete(key)
    super.set(key, value)
    const [oldest] = this.keys()
    if (this.size > ADDRESSES_MAX && oldest !== undefined) this.delete(oldest)
    return this
  }
}

const idOf = (ctx: Context): string => networkOf(ctx.req.socket.remoteAddress ?? '')

/** `max` requests a minute of one address, or one /64 of IPv6. */
const countAddresses = (max: number): Middleware => {
  const db = new Bounded<{ reset: number; remaining: number }>()
  return ratelimit({
    driver: 'memory',
    db,
    duration: WINDOW_MS,
    max,
    disableHeader: true,
    errorMessage: 'too many',
    id: idOf,
    onLimited(ctx) {
      const retryAfterMs = (db.get(`limit:${idOf(ctx)}`)?.reset ?? 0) * 1_000 - Date.now()
      throw QuotaExceeded(`An address may send ${max} requests a minute without a credential.`, {
        retryAfterMs: Math.max(1, retryAfterMs),
        headers: { 'RateLimit-Policy': `"anonymous";q=${max};w=${WINDOW_MS / 1_000}` },
        members: { type: QUOTA_TYPE, 'violated-policies': ['anonymous'] },
      })
    },
  })
}

/** What is behind the guard: the API, the sign-in, the board. Health, documentation and the dashboard's files are not. */
const isGuarded = (path: string): boolean =>
  /^\/(api|auth|admin)(\/|$)/.test(path) && path !== '/api/openapi.json' && path !== '/api/v2/openapi.json'
const isHook = (path: string): boolean => path.startsWith('/hooks/')

/** Middleware to be used behind the edge. */
export const createGuard = (identify: Identify, charge: Charge, anonymousMax: number): Middleware => {
  const count = countAddresses(anonymousMax)
  const counted = (ctx: Ctx, next: Next): Promise<unknown> => count(ctx, next as never) as Promise<unknown>

  /** Requests that lead nowhere meet no row that counts them. */
  const known = async (ctx: Ctx, principal: Principal, next: Next): Promise<void> => {
    try {
      await next()
    } catch (error) {
      // Whoever is sent away because there is too much to do hears so at once, and pays nothing.
      if (isProblem(error) && error.code !== Overloaded.code) await charge.first(ctx, principal)
      throw error
    }
    if (ctx.body === undefined) await charge.first(ctx, principal)
  }
  const pass = (ctx: Ctx, principal: Principal, next: Next): Promise<unknown> =>
    principal.kind === 'anonymous' ? counted(ctx, next) : known(ctx, principal, next)

  /** While Redis is away nobody can be known, and that is not theirs to answer for. */
  const found = async (ctx: Ctx, asked: Promise<Principal>, next: Next): Promise<unknown> => {
    let principal: Principal
    try {
      principal = await asked
    } catch (error) {
      return isProblem(error) ? counted(ctx, next) : next()
    }
    return pass(ctx, principal, next)
  }
  /** Other services sign what they send, which shows only later; they count when they were refused. */
  const hook = async (ctx: Ctx, next: Next): Promise<void> => {
    try {
      await next()
    } catch (error) {
      if (isProblem(error) && error.status < 500) await counted(ctx, () => Promise.resolve())
      throw error
    }
  }
  const handle = (ctx: Ctx, next: Next): Promise<unknown> => {
    if (isHook(ctx.path)) return hook(ctx, next)
    if (!isGuarded(ctx.path)) return next()
    const asked = identifyOnce(identify, ctx)
    return asked instanceof Promise ? found(ctx, asked, next) : pass(ctx, asked, next)
  }
  return handle
}
