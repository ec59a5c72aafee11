// Lets bull-board speak through our own router: read-only, without inline code, without fonts from elsewhere.
import { readFile } from 'node:fs/promises'
import { join, normalize, sep } from 'node:path'
import type {
  AppControllerRoute,
  AppViewRoute,
  BullBoardQueues,
  IServerAdapter,
  UIConfig,
} from '@bull-board/api/dist/types.js'
import Router from '@koa/router'
import { sendFile } from '../http/files.ts'
import { parseQuery } from '../http/query.ts'
import type { Ctx } from '../http/state.ts'

const BOARD_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'"

export interface BoardAdapter extends IServerAdapter {
  /** Answers a request below the mount; `path` is what comes after it. False when there is nothing there. */
  answer(ctx: Ctx, path: string): Promise<boolean>
}

/** Fills bull-board's page. What it loads from elsewhere is cut out; our policy would only block it. */
const fill = (page: string, params: Record<string, string>): string =>
  page
    .replace(/<link href="https:[^>]*>/g, '')
    .replace(/<%[-=] *(\w+) *%>/g, (_all, name: string) => params[name] ?? '')

const list = <Item>(value: Item | Item[]): Item[] => (Array.isArray(value) ? value : [value])

export const createAdapter = (basePath: string): BoardAdapter => {
  const router = new Router({ strict: true, sensitive: true })
  let queues: BullBoardQueues = new Map()
  let uiConfig: UIConfig = {}
  let statics = ''
  let views = ''
  let entry: AppViewRoute | undefined

  const showPage = async (ctx: Ctx): Promise<void> => {
    const view = entry?.handler({ basePath, uiConfig })
    const page = await readFile(join(views, view?.name ?? 'index.ejs'), 'utf8')
    ctx.type = 'text/html'
    ctx.body = fill(page, view?.params ?? {})
  }
  const call = async (route: AppControllerRoute, ctx: Ctx): Promise<void> => {
    const request = {
      queues,
      uiConfig,
      params: ctx.params ?? {},
      query: { ...parseQuery(ctx.querystring) },
      body: {},
      headers: {},
    }
    const reply = await route.handler(request)
    ctx.status = reply.status ?? 200
    ctx.body = reply.body
  }
  const showStatic = async (ctx: Ctx, path: string): Promise<boolean> => {
    const file = normalize(join(statics, path))
    return file.startsWith(statics + sep) && sendFile(ctx, file, 'private, max-age=86400')
  }
  const adapter: BoardAdapter = {
    setQueues: (value) => ((queues = value), adapter),
    setViewsPath: (path) => ((views = path), adapter),
    setStaticPath: (_route, path) => ((statics = path), adapter),
    // Its own handler would show stacks; what is thrown goes up and becomes a problem like everything else.
    setErrorHandler: () => adapter,
    setUIConfig: (config) => ((uiConfig = config), adapter),
    setEntryRoute(route) {
      entry = route
      for (const path of list(route.route)) router.get(path, (ctx) => showPage(ctx as unknown as Ctx))
      return adapter
    },
    setApiRoutes(routes) {
      // Only what reads: its buttons change jobs in ways that can loop for ever, and k1n has its own.
      for (const route of routes.filter((candidate) => list(candidate.method).includes('get')))
        for (const path of list(route.route)) router.get(path, (ctx) => call(route, ctx as unknown as Ctx))
      return adapter
    },
    async answer(ctx, path) {
      ctx.set('Content-Security-Policy', BOARD_CSP)
      if (path.startsWith('/static/')) return showStatic(ctx, path.slice('/static'.length))
      ctx.newRouterPath = path
      const before = ctx.body
      await router.routes()(ctx as never, async () => undefined)
      return ctx.body !== before
    },
  }
  return adapter
}
