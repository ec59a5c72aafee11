// The document of the API and a page to read it with. Both come from here; no request leaves the origin.
import { fileURLToPath } from 'node:url'
import type Router from '@koa/router'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { authorize } from '../http/authorize.ts'
import { sendFile } from '../http/files.ts'
import type { Identify } from '../http/identify.ts'
import type { Ctx } from '../http/state.ts'

/** The guarantee that nothing is loaded from elsewhere, whatever the page's scripts would like. Scalar sets styles inline. */
const DOCS_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>k1n API</title><link rel="icon" href="data:,"></head><body><div id="docs"></div>
<script src="/docs/scalar.js"></script><script src="/docs/start.js"></script></body></html>`

const START = `Scalar.createApiReference('#docs', {
  url: '/api/v2/openapi.json', withDefaultFonts: false, telemetry: false, agent: { disabled: true },
  mcp: { disabled: true }, hideClientButton: true, persistAuth: false,
  showToolbar: 'never', showDeveloperTools: 'never',
})`

const document = fileURLToPath(new URL('../../openapi.json', import.meta.url))
const scalar = fileURLToPath(
  new URL('../../node_modules/@scalar/api-reference/dist/browser/standalone.js', import.meta.url),
)

const loopback = new Set(['127.0.0.1', '::1', 'localhost'])

/** Open while the server listens on this machine only; otherwise the scope `docs:read` is needed. */
export const bindDocs = (router: Router, kernel: Kernel, identify: Identify): void => {
  const open = loopback.has(kernel.settings.HOST)
  const guarded = (path: string, answer: (ctx: Ctx) => Promise<unknown>): void => {
    router.get(path, async (koa) => {
      const ctx = koa as unknown as Ctx
      if (!open) authorize(await identify(ctx.req), ['docs:read'])
      ctx.set('Content-Security-Policy', DOCS_CSP)
      await answer(ctx)
    })
  }
  guarded('/api/openapi.json', (ctx) => sendFile(ctx, document, 'no-cache'))
  guarded('/docs/scalar.js', (ctx) => sendFile(ctx, scalar, 'private, max-age=86400'))
  guarded('/docs/start.js', async (ctx) => {
    ctx.type = 'text/javascript'
    ctx.body = START
  })
  guarded('/docs', async (ctx) => {
    ctx.type = 'text/html'
    ctx.body = PAGE
  })
}
