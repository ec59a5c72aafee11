// Methods a path does not take: OPTIONS is answered, everything else becomes a problem with Allow.
import type { Middleware } from 'koa'
import { MethodNotAllowed, MethodNotImplemented } from '../../shared/kernel/problems.ts'
import type { RouteTable } from './route-table.ts'
import type { Ctx } from './state.ts'

const known = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

const allowedFor = (routes: RouteTable, path: string): string[] => {
  const methods = routes.methodsOf(path)
  return methods.length === 0 ? [] : [...new Set([...methods, 'OPTIONS'])].sort()
}

/** Middleware to be used behind the routes: it sees what no route took. */
export const createMethods = (routes: RouteTable): Middleware => {
  const handle = async (ctx: Ctx, next: () => Promise<unknown>): Promise<void> => {
    if (!known.has(ctx.method)) throw MethodNotImplemented(`No route here takes ${ctx.method}.`)
    const allowed = allowedFor(routes, ctx.newRouterPath ?? ctx.path)
    if (allowed.length === 0) {
      await next()
      return
    }
    const header = { Allow: allowed.join(', ') }
    if (ctx.method !== 'OPTIONS') throw MethodNotAllowed(`This route takes ${header.Allow}.`, { headers: header })
    ctx.set(header)
    if (allowed.includes('PATCH')) ctx.set('Accept-Patch', 'application/merge-patch+json, application/json')
    ctx.status = 204
  }
  return handle
}
