// The headers every reply carries, whatever it is.
import type { Ctx } from './state.ts'

/** Replies of JSON and problems load nothing and are framed by nobody. */
export const API_CSP = "default-src 'none'; frame-ancestors 'none'"
export const VARY = 'Accept, X-API-Version, Origin, Accept-Encoding'

const fixed: readonly (readonly [string, string])[] = [
  ['Content-Security-Policy', API_CSP],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cache-Control', 'no-store'],
  ['Vary', VARY],
]

/** Sets what is known before the request is looked at, so that no reply can lack it. */
export const setEarly = (ctx: Ctx, https: boolean): void => {
  for (const [name, value] of fixed) ctx.res.setHeader(name, value)
  ctx.res.setHeader('X-Request-Id', ctx.state.requestId)
  if (https) ctx.res.setHeader('Strict-Transport-Security', 'max-age=31536000')
}

/** Sets what is known at the end: the version, the durability level and how long the work took. */
export const setLate = (ctx: Ctx, durability: string, ms: number): void => {
  ctx.res.setHeader('X-API-Version', String(ctx.state.version))
  ctx.res.setHeader('K1n-Durability', durability)
  ctx.res.setHeader('Server-Timing', `app;dur=${ms.toFixed(1)}`)
}
