// The versions of the API: which one a request speaks, and who answers it. Today's goes to the routes; an older one is
// answered by them too, in its own words, for as long as its retirement allows.
import type { Middleware } from 'koa'
import { VARY } from '../http/headers.ts'
import type { Ctx } from '../http/state.ts'
import { negotiateCached, splitPath, withPin } from './negotiate.ts'
import type { Negotiated } from './negotiate.ts'
import { speakOlder, whoAsks } from './older.ts'
import type { OlderParts } from './older.ts'
import { createVersionTable } from './table.ts'
import type { VersionTable } from './table.ts'

export interface Versions {
  /** To be used first behind the edge. */
  readonly middleware: Middleware
  readonly table: VersionTable
}

/** The document tells of one version, whoever asks. */
const UNPINNED = '/api/openapi.json'
/** The list of versions is of none. */
const LIST = '/api'

export const createVersions = (parts: OlderParts): Versions => {
  const table = createVersionTable(parts.kernel)

  const handle = (koa: unknown, next: () => Promise<unknown>): Promise<unknown> => {
    const ctx = koa as Ctx
    if (!ctx.path.startsWith('/api/')) return next()
    const { version: path, route } = splitPath(ctx.path)
    const negotiated = negotiateCached(askedBy(ctx, path), table.alive())
    // The one name the router reads before the path itself.
    ctx.newRouterPath = route
    if (negotiated.source === 'default') return answerUnasked(ctx, negotiated, route, next)
    return answer(ctx, negotiated, route, next)
  }

  /** Nothing in the request says a version; its key may. Caches must not give the answer to other keys. */
  const answerUnasked = async (ctx: Ctx, negotiated: Negotiated, route: string, next: () => Promise<unknown>) => {
    ctx.res.setHeader('Vary', `${VARY}, Authorization, X-API-Key`)
    const pinned = route === UNPINNED || !hasKey(ctx) ? undefined : (await whoAsks(parts.identify, ctx))?.pinnedVersion
    return answer(ctx, withPin(negotiated, pinned), route, next)
  }

  const answer = (ctx: Ctx, negotiated: Negotiated, route: string, next: () => Promise<unknown>): Promise<unknown> => {
    ctx.state.version = negotiated.version
    ctx.state.vendor = negotiated.vendor
    const old = table.older.get(negotiated.version)
    return old && route !== LIST ? speakOlder(parts, ctx, old, negotiated, route.slice('/api'.length)) : next()
  }

  return { middleware: handle as Middleware, table }
}

const askedBy = (ctx: Ctx, path: number | null) => {
  const { accept, 'content-type': contentType, 'x-api-version': header } = ctx.req.headers
  return { path, header: Array.isArray(header) ? header.join() : header, accept, contentType }
}

const hasKey = ({ req }: Ctx): boolean =>
  req.headers.authorization !== undefined || req.headers['x-api-key'] !== undefined
