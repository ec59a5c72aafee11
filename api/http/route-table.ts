// The routes of the API, found by their path where it has no parameters and by how it begins otherwise: a router tries
// every pattern it has, and some hundred and fifty of them are a twentieth of a request, and as much of the start.
import Router from '@koa/router'
import type { Middleware } from 'koa'
import type { Ctx } from './state.ts'

type Take = (ctx: Ctx, next: () => Promise<unknown>) => unknown

export interface RouteTable {
  /** Adds a route. Its head, which is the first part of its path or, below `/api`, the first two, takes no parameters. */
  add(path: string, methods: readonly string[], take: Take): void
  /** Adds a route for GET and HEAD. */
  get(path: string, take: Take): void
  /** Methods that routes of this path take; none when there is no such path. */
  methodsOf(path: string): string[]
  /** Whether a route takes just this path, and has no parameters. */
  isExact(method: string, path: string): boolean
  /** Hands a request to its route, or on when there is none. */
  readonly middleware: Middleware
}

interface Made {
  readonly router: Router
  readonly middleware: Middleware
}

interface Head {
  /** Made when a path first asks for it. */
  made: Made | undefined
  readonly routes: { path: string; methods: string[]; take: Take }[]
}

/** A route that takes one path to the letter. */
interface Exact {
  readonly path: string
  readonly take: Take
}

const hasParameters = (path: string): boolean => /[:*{(]/.test(path)

/** As the router does it: the route's path is known by the same name. */
const takeExact = ({ path, take }: Exact, ctx: Ctx, next: () => Promise<unknown>): unknown => {
  ctx['_matchedRoute'] = path
  return take(ctx, next)
}

/** `/api/jobs/{id}` → `/api/jobs`, `/docs/start.js` → `/docs`. */
const headOf = (path: string): string => {
  const first = path.indexOf('/', 1)
  const end = path.startsWith('/api/') ? path.indexOf('/', first + 1) : first
  return end < 0 ? path : path.slice(0, end)
}

export const createRouteTable = (): RouteTable => {
  const heads = new Map<string, Head>()
  const exact = new Map<string, Exact>()
  const headFor = (path: string): Head => {
    const name = headOf(path)
    if (hasParameters(name)) throw new Error(`${path} has a parameter where routes are found by`)
    const head = heads.get(name) ?? { made: undefined, routes: [] }
    heads.set(name, head)
    return head
  }
  const madeFor = (path: string): Made | undefined => {
    const head = heads.get(headOf(path))
    return head && (head.made ??= make(head))
  }
  const add = (path: string, methods: readonly string[], take: Take): void => {
    const head = headFor(path)
    head.routes.push({ path, methods: [...methods], take })
    head.made = undefined
    if (!hasParameters(path)) for (const method of methods) exact.set(`${method.toUpperCase()} ${path}`, { path, take })
  }
  return {
    add,
    get: (path, take) => add(path, ['get', 'head'], take),
    methodsOf: (path) =>
      madeFor(path)
        ?.router.match(path, 'OPTIONS')
        .path.flatMap((layer) => layer.methods) ?? [],
    isExact: (method, path) => exact.has(`${method} ${path}`),
    middleware: (koa, next): unknown => {
      const ctx = koa as unknown as Ctx
      const path = ctx.newRouterPath ?? ctx.path
      const found = exact.get(`${ctx.method} ${path}`)
      if (found) return takeExact(found, ctx, next)
      const made = madeFor(path)
      return made ? made.middleware(koa, next) : next()
    },
  }
}

const make = ({ routes }: Head): Made => {
  const router = new Router({ exclusive: 'specificity', sensitive: true, strict: true })
  for (const { path, methods, take } of routes) router.register(path, methods, take as never)
  return { router, middleware: router.routes() as unknown as Middleware }
}
