// The dashboard's bundle: named files for ever, the page itself always asked for anew, deep links lead to the page.
import { join, normalize, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Middleware } from 'koa'
import { NotFound } from '../../shared/kernel/problems.ts'
import { sendFile } from '../http/files.ts'
import type { Ctx } from '../http/state.ts'

const dist = fileURLToPath(new URL('../../dashboard/dist', import.meta.url))
const machines = /^\/(api|auth|admin|docs|problems|livez|readyz|healthz|metrics|hooks)(\/|$)/

/** Everything from the origin; the live connection needs its WebSocket addresses by name in some browsers. */
const cspFor = (publicUrl: string): string => {
  const live = publicUrl.replace(/^http/, 'ws')
  return `default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; manifest-src 'self'; connect-src 'self' ${live}; base-uri 'self'; form-action 'self'; frame-ancestors 'none'`
}

/** The file a path names, or undefined when it leads out of the bundle. */
const fileFor = (root: string, path: string): string | undefined => {
  try {
    const file = normalize(join(root, decodeURIComponent(path)))
    return file.startsWith(root + sep) && !file.includes('\u0000') ? file : undefined
  } catch {
    return undefined
  }
}

const wantsPage = (ctx: Ctx): boolean => ctx.path === '/' || (ctx.req.headers.accept ?? '').includes('text/html')

/** Middleware to be used last. `root` is the bundle's folder. */
export const createDashboard = (publicUrl: () => string, root: string = dist): Middleware => {
  const handle = async (ctx: Ctx, next: () => Promise<unknown>): Promise<void> => {
    const reading = ctx.method === 'GET' || ctx.method === 'HEAD'
    if (!reading || (machines.test(ctx.path) && ctx.path !== '/auth/login')) {
      await next()
      return
    }
    const file = fileFor(root, ctx.path)
    const hashed = ctx.path.startsWith('/assets/')
    ctx.set('Content-Security-Policy', cspFor(publicUrl()))
    if (file && (await sendFile(ctx, file, hashed ? 'public, max-age=31536000, immutable' : 'no-cache'))) return
    if (hashed || !wantsPage(ctx)) {
      await next()
      return
    }
    if (await sendFile(ctx, join(root, 'index.html'), 'no-cache')) return
    throw NotFound('The dashboard has not been built here; `npm start` builds it.')
  }
  return handle as Middleware
}
