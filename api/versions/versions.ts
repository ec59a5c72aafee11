// The versions of the API: which one a request speaks, and who answers it. Today's goes to the routes; an older one is
// answered by them too, in its own words, for as long as its retirement allows.
import type { Middleware } from 'koa'
import type { Principal } from '../../shared/auth/contract.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { toIso } from '../../shared/kernel/clock.ts'
import { ApiVersionSunset, MethodNotAllowed, RouteNotFound } from '../../shared/kernel/problems.ts'
import type { Problem } from '../../shared/kernel/problem.ts'
import type { ApiVersion } from '../../shared/system/contract.ts'
import { VARY } from '../http/headers.ts'
import type { Identify } from '../http/identify.ts'
import type { RouteTable } from '../http/route-table.ts'
import type { Ctx } from '../http/state.ts'
import { find, methodsOf } from './adapter.ts'
import type { Found } from './adapter.ts'
import { answerOld, typeOf } from './ask.ts'
import type { AskToday } from './ask.ts'
import type { Dialect } from './dialect.ts'
import { CURRENT, KNOWN, negotiateCached, splitPath, withPin } from './negotiate.ts'
import type { Negotiated } from './negotiate.ts'
import { announcement, isGone, preferredFormat, retirementOfV1, stageOf } from './retirement.ts'
import type { Retirement, Stage } from './retirement.ts'
import { v1 } from './v1/dialect.ts'

export interface VersionsParts {
  kernel: Kernel
  routes: RouteTable
  identify: Identify
  publicUrl: () => string
  /** Hears of each request of an older version by somebody known, refused ones too. */
  used: (principal: Principal, version: number, route: string) => void
}

export interface VersionsTold {
  /** Every version that answers, the current one first. */
  list(): ApiVersion[]
  /** The numbers of all others there ever were. */
  readonly older: readonly number[]
}

export interface Versions extends VersionsTold {
  /** To be used first behind the edge. */
  readonly middleware: Middleware
}

/** An older version, and how it ends. */
interface Old {
  dialect: Dialect
  retirement: Retirement
}

/** The document tells of one version, whoever asks. */
const UNPINNED = '/api/openapi.json'
/** The list of versions is of none. */
const LIST = '/api'

export const createVersions = (parts: VersionsParts): Versions => {
  const { kernel } = parts
  // Which version answers how: today's by the routes themselves, and each older one by its dialect.
  const older = new Map<number, Old>([[1, { dialect: v1, retirement: retirementOfV1(kernel.settings) }]])
  const isOver = (version: number): boolean => {
    const old = older.get(version)
    return old !== undefined && isGone(old.retirement, kernel.clock.now())
  }
  let living = KNOWN
  const alive = (): readonly number[] => {
    if (living.some(isOver)) living = KNOWN.filter((version) => !isOver(version))
    return living
  }

  const handle = (koa: unknown, next: () => Promise<unknown>): Promise<unknown> => {
    const ctx = koa as Ctx
    if (!ctx.path.startsWith('/api/')) return next()
    const { version: path, route } = splitPath(ctx.path)
    const negotiated = negotiateCached(askedBy(ctx, path), alive())
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
    const old = older.get(negotiated.version)
    return old && route !== LIST ? speakOld(parts, ctx, old, negotiated, route.slice('/api'.length)) : next()
  }

  return {
    middleware: handle as Middleware,
    older: [...older.keys()],
    list: () => [
      { version: CURRENT, status: 'current', url: `/api/v${CURRENT}` },
      ...[...older.values()].filter(({ dialect: { version } }) => !isOver(version)).map(told),
    ],
  }
}

const askedBy = (ctx: Ctx, path: number | null) => {
  const { accept, 'content-type': contentType, 'x-api-version': header } = ctx.req.headers
  return { path, header: Array.isArray(header) ? header.join() : header, accept, contentType }
}

const hasKey = ({ req }: Ctx): boolean =>
  req.headers.authorization !== undefined || req.headers['x-api-key'] !== undefined

/** Who asks, found out before the route does; it is told of a wrong credential just as if it had looked itself. */
const whoAsks = (identify: Identify, ctx: Ctx): Promise<Principal | undefined> => {
  const asking = new Promise<Principal>((resolve) => resolve(identify(ctx.req)))
  ctx.state.identified = asking
  return asking.catch(() => undefined)
}

const speakOld = async (
  parts: VersionsParts,
  ctx: Ctx,
  { dialect, retirement }: Old,
  negotiated: Negotiated,
  path: string,
): Promise<void> => {
  const { clock, random, settings } = parts.kernel
  const found = find(dialect.routes, ctx.method, path)
  const principal = ctx.state.identified
    ? await ctx.state.identified.catch(() => undefined)
    : await whoAsks(parts.identify, ctx)
  if (principal && principal.kind !== 'anonymous') parts.used(principal, dialect.version, nameOf(found))
  announce(ctx, retirement, {
    publicUrl: parts.publicUrl(),
    successor: `/api/v${CURRENT}${asLink(found?.path ?? '')}`,
    format: principal?.deprecationFormat ?? settings.K1N_DEPRECATION_FORMAT,
  })
  const stage = stageOf(retirement, clock.now(), random())
  if (stage.state !== 'served') throw sunset(retirement, stage, negotiated)
  ctx.state.refusal = (problem) => ({ type: typeOf(dialect, ctx), body: dialect.failure(problem, found?.adapter.body) })
  if (found) await answerOld(todayOf(parts.routes), ctx, dialect, found)
  else answerNone(ctx, dialect, path)
}

/** A path as a header can carry it: clients send signs that paths do not have. */
const asLink = (path: string): string => path.replace(/[^!#-;=?-Z_a-z~]/g, encodeURIComponent)

/** What requests of a route are counted by; all that lead nowhere are one. */
const nameOf = (found: Found | undefined): string => (found ? `${found.adapter.method} ${found.adapter.path}` : 'none')

/** Today's route of a path; an adapter that leads to none is a mistake of ours. */
const todayOf =
  ({ middleware }: RouteTable): AskToday =>
  async (ctx) => {
    await middleware(ctx as unknown as Parameters<Middleware>[0], () =>
      Promise.reject(new Error(`no route takes ${ctx.method} ${ctx.path}`)),
    )
  }

const announce = (
  ctx: Ctx,
  retirement: Retirement,
  { format, ...at }: { publicUrl: string; successor: string; format: 'rfc9745' | 'boolean' },
): void => {
  const { prefer } = ctx.req.headers
  const preferred = preferredFormat(Array.isArray(prefer) ? prefer.join() : prefer)
  for (const [name, value] of Object.entries(announcement(retirement, preferred ?? format, at)))
    ctx.res.setHeader(name, value)
  ctx.res.setHeader('Vary', `${String(ctx.res.getHeader('Vary'))}, Prefer`)
  if (preferred !== undefined) ctx.res.setHeader('Preference-Applied', `deprecation=${preferred}`)
}

/** What a version that is gone says, and in a rehearsal one that goes. */
const sunset = ({ sunsetAt }: Retirement, stage: Stage, { version, source }: Negotiated): Problem => {
  const members = { supported_versions: [CURRENT], requested: version, source, sunset_at: toIso(sunsetAt) }
  return stage.state === 'browned_out'
    ? ApiVersionSunset(`Version ${version} ends for good at ${toIso(sunsetAt)}; this is a rehearsal.`, {
        members: { ...members, brownout_until: toIso(stage.until) },
      })
    : ApiVersionSunset(`Version ${version} does not answer any more; use version ${CURRENT}.`, { members })
}

const answerNone = (ctx: Ctx, { version, routes }: Dialect, path: string): void => {
  const allow = methodsOf(routes, path).join(', ')
  if (allow === '') throw RouteNotFound(`Version ${version} has no route ${ctx.method} ${path.slice(0, 200)}.`)
  if (ctx.method !== 'OPTIONS')
    throw MethodNotAllowed(`This route takes ${allow} in version ${version}.`, { headers: { Allow: allow } })
  ctx.set('Allow', allow)
  ctx.status = 204
}

const told = ({ dialect: { version }, retirement }: Old): ApiVersion => ({
  version,
  status: 'deprecated',
  url: `/api/v${version}`,
  deprecated_at: toIso(retirement.deprecatedAt),
  sunset_at: toIso(retirement.sunsetAt),
  brownouts:
    retirement.mode === 'brownout'
      ? retirement.brownouts.map(({ from, to }) => ({ from: toIso(from), to: toIso(to) }))
      : [],
})
