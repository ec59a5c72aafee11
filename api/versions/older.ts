// A request of an older version from end to end: counted, announced, and answered by today's routes in its own words, or refused.
import type { DeprecationFormat, Principal } from '../../shared/auth/contract.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { toIso } from '../../shared/kernel/clock.ts'
import { ApiVersionSunset, MethodNotAllowed, RouteNotFound } from '../../shared/kernel/problems.ts'
import type { Problem } from '../../shared/kernel/problem.ts'
import { identifyOnce } from '../http/identify.ts'
import type { Identify } from '../http/identify.ts'
import type { RouteTable } from '../http/route-table.ts'
import type { Ctx } from '../http/state.ts'
import { find, methodsOf } from './adapter.ts'
import type { Found } from './adapter.ts'
import { answerOld, typeOf } from './ask.ts'
import type { AskToday } from './ask.ts'
import type { Dialect } from './dialect.ts'
import { CURRENT } from './negotiate.ts'
import type { Negotiated } from './negotiate.ts'
import { announcement, preferredFormat, stageOf } from './retirement.ts'
import type { Retirement, Stage } from './retirement.ts'
import type { OlderVersion } from './table.ts'

export interface OlderParts {
  kernel: Kernel
  routes: RouteTable
  identify: Identify
  publicUrl: () => string
  /** Hears of each request of an older version by somebody known, refused ones too. */
  used: (principal: Principal, version: number, route: string) => void
}

/** Who asks, found out before the route does; it is told of a wrong credential just as if it had looked itself. */
export const whoAsks = async (identify: Identify, ctx: Ctx): Promise<Principal | undefined> => {
  try {
    return await identifyOnce(identify, ctx)
  } catch {
    return undefined
  }
}

/** `path` is the version's own, without prefix. */
export const speakOlder = async (
  parts: OlderParts,
  ctx: Ctx,
  { dialect, retirement }: OlderVersion,
  negotiated: Negotiated,
  path: string,
): Promise<void> => {
  const { clock, random, settings } = parts.kernel
  const found = leadingTo(parts.routes, ctx, find(dialect.routes, ctx.method, path))
  const principal = await whoAsks(parts.identify, ctx)
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

/** What was found, unless its parameter is a word that today's routes have for something else: `/webhooks/event-types`. */
const leadingTo = (routes: RouteTable, { method }: Ctx, found: Found | undefined): Found | undefined => {
  const isOther = found?.adapter.to.path.includes(':') === true && routes.isExact(method, `/api${found.path}`)
  return isOther ? undefined : found
}

/** A path as a header can carry it: clients send signs that paths do not have. */
const asLink = (path: string): string => path.replace(/[^!#-;=?-Z_a-z~]/g, encodeURIComponent)

/** What requests of a route are counted by; all that lead nowhere are one. */
const nameOf = (found: Found | undefined): string => (found ? `${found.adapter.method} ${found.adapter.path}` : 'none')

/** Today's route of a path; an adapter that leads to none is a mistake of ours. */
const todayOf =
  ({ middleware }: RouteTable): AskToday =>
  async (ctx) => {
    await middleware(ctx, () => Promise.reject(new Error(`no route takes ${ctx.method} ${ctx.path}`)))
  }

const announce = (
  ctx: Ctx,
  retirement: Retirement,
  { format, ...at }: { publicUrl: string; successor: string; format: DeprecationFormat },
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
  const methods = methodsOf(routes, path)
  const isKnown = methods.length > 0 && (ctx.method === 'OPTIONS' || !methods.includes(ctx.method))
  if (!isKnown) throw RouteNotFound(`Version ${version} has no route ${ctx.method} ${path.slice(0, 200)}.`)
  const allow = methods.join(', ')
  if (ctx.method !== 'OPTIONS')
    throw MethodNotAllowed(`This route takes ${allow} in version ${version}.`, { headers: { Allow: allow } })
  ctx.set('Allow', allow)
  ctx.status = 204
}
