// Carries out a request of an older version: asks today's route for it, as often as a page needs, and rewords what it says.
import { authorize } from '../http/authorize.ts'
import { ANONYMOUS } from '../http/identify.ts'
import type { Ctx } from '../http/state.ts'
import type { Found, Listing } from './adapter.ts'
import { oldPath } from './adapter.ts'
import type { Dialect } from './dialect.ts'
import { CURRENT } from './negotiate.ts'
import { NOTHING_YET, walkOn } from './paging.ts'
import { answerOf, bodyOf, listAsked, nextQuery, pageOf } from './translate.ts'
import type { Said } from './translate.ts'

/** Asks a route of today, which answers on the context. */
export type AskToday = (ctx: Ctx) => Promise<void>

/** Calls that one page may take: all rows it can reach, and some for pages that come back with few. */
const CALLS_MAX = 60

const address = (ctx: Ctx, path: string, query: string): void => {
  ctx.url = `/api/v${CURRENT}${path}${query === '' ? '' : `?${query}`}`
  ctx.newRouterPath = `/api${path}`
}

const ask = async (today: AskToday, ctx: Ctx, path: string, query: string): Promise<Said> => {
  address(ctx, path, query)
  await today(ctx)
  const { body } = ctx
  return {
    status: ctx.status,
    body: typeof body === 'string' || Buffer.isBuffer(body) ? (JSON.parse(String(body)) as unknown) : null,
  }
}

/** Problems are thrown as ever; the edge tells them in the words of the dialect. */
export const answerOld = async (today: AskToday, ctx: Ctx, dialect: Dialect, found: Found): Promise<void> => {
  const { adapter } = found
  ctx.state.toToday = (body) => bodyOf(adapter, body)
  const said = await (adapter.list
    ? askPage(today, ctx, dialect, found, adapter.list)
    : askOne(today, ctx, dialect, found))
  ctx.status = said.status
  ctx.body = JSON.stringify(said.body)
  ctx.res.setHeader('Content-Type', typeOf(dialect, ctx))
  relocate(ctx, dialect)
}

const askOne = async (today: AskToday, ctx: Ctx, dialect: Dialect, { adapter, path }: Found): Promise<Said> =>
  answerOf(dialect, adapter, await ask(today, ctx, path, ctx.querystring))

interface Rows {
  data: unknown[]
  page?: { next_cursor: string | null }
}

const askPage = async (
  today: AskToday,
  ctx: Ctx,
  dialect: Dialect,
  { adapter, path }: Found,
  list: Listing,
): Promise<Said> => {
  // The page is read before today's route is asked, which would look at this first.
  authorize((await ctx.state.identified) ?? ANONYMOUS, adapter.to.scopes)
  const asked = listAsked(list, ctx.querystring)
  let walked = NOTHING_YET
  let cursor: string | undefined
  let calls = 0
  do {
    const { body } = await ask(today, ctx, path, nextQuery(list, asked, walked.count, cursor))
    const { data, page } = body as Rows
    walked = walkOn(asked, walked, data)
    cursor = page?.next_cursor ?? undefined
    const isThere = walked.count >= asked.page * asked.limit
    if (isThere || ctx.res.closed || ++calls >= CALLS_MAX) break
  } while (cursor !== undefined)
  return pageOf(dialect, adapter, asked, { walked, hasMore: cursor !== undefined })
}

export const typeOf = ({ version }: Dialect, ctx: Ctx): string =>
  ctx.state.vendor ? `application/vnd.k1n.v${version}+json` : 'application/json; charset=utf-8'

/** `Location` leads to where this version shows what was made. */
const relocate = (ctx: Ctx, { version, routes }: Dialect): void => {
  const given = ctx.res.getHeader('Location')
  const prefix = `/api/v${CURRENT}`
  if (typeof given !== 'string' || !given.startsWith(prefix)) return
  const path = oldPath(routes, given.slice(prefix.length))
  if (path !== undefined) ctx.res.setHeader('Location', `/api/v${version}${path}`)
}
