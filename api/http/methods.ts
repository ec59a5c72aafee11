// Methods a path does not take: OPTIONS is answered, everything else becomes a problem with Allow.
import type { Middleware } from 'koa'
import type Router from '@koa/router'
import { MethodNotAllowed, MethodNotImplemented } from '../../shared/kernel/problems.ts'
import type { Ctx } from './state.ts'

const known = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

const allowedFor = (router: Router, path: string): string[] => {
  const methods = router.match(path, 'OPTIONS').path.flatMap((layer) => layer.methods)
  return methods.length === 0 ? [] : [...new Set([...methods, 'OPTIONS'])].sort()
}

/** Middleware to be used behind the router: it sees what no route took. */
export const createMethods = (router: Router): Middleware => {
  const handle = async (ctx: Ctx, next: () => Promise<unknown>): Promise<void> => {
    if (!known.has(ctx.method)) throw MethodNotImplemented(`No route here takes ${ctx.method}.`)
    const allowed = allowedFor(router, ctx.newRouterPath ?? ctx.path)
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
