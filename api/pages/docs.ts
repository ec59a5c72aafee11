// The document of the API and a page to read it with. Both come from here; no request leaves the origin.
import { fileURLToPath } from 'node:url'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { authorize } from '../http/authorize.ts'
import { sendFile } from '../http/files.ts'
import { identifyOnce } from '../http/identify.ts'
import type { Identify } from '../http/identify.ts'
import type { RouteTable } from '../http/route-table.ts'
import type { Ctx } from '../http/state.ts'

/** The guarantee that nothing is loaded from elsewhere, whatever the page's scripts would like. They set styles inline. */
const DOCS_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>k1n API</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css"></head><body style="margin: 0"><div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>`

/** Without `validatorUrl: null` the page would show the document to somebody else's server. */
const START = `const dark = matchMedia('(prefers-color-scheme: dark)')
const paint = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
paint()
dark.addEventListener('change', paint)
SwaggerUIBundle({
  dom_id: '#docs', url: '/api/v2/openapi.json', validatorUrl: null, deepLinking: true, docExpansion: 'list',
  filter: true, tagsSorter: 'alpha', defaultModelsExpandDepth: 0, persistAuthorization: false, syntaxHighlight: false,
})`

const document = fileURLToPath(new URL('../../openapi.json', import.meta.url))
const packaged = (file: string): string =>
  fileURLToPath(new URL(`../../node_modules/swagger-ui-dist/${file}`, import.meta.url))

const loopback = new Set(['127.0.0.1', '::1', 'localhost'])

/** Open while the server listens on this machine only; otherwise the scope `docs:read` is needed. */
export const bindDocs = (routes: RouteTable, kernel: Kernel, identify: Identify): void => {
  const open = loopback.has(kernel.settings.HOST)
  const guarded = (path: string, answer: (ctx: Ctx) => Promise<unknown>): void => {
    routes.get(path, async (ctx) => {
      if (!open) authorize(await identifyOnce(identify, ctx), ['docs:read'])
      ctx.set('Content-Security-Policy', DOCS_CSP)
      await answer(ctx)
    })
  }
  guarded('/api/openapi.json', (ctx) => sendFile(ctx, document, 'no-cache'))
  for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js'])
    guarded(`/docs/${file}`, (ctx) => sendFile(ctx, packaged(file), 'private, max-age=86400'))
  guarded('/docs/start.js', async (ctx) => {
    ctx.type = 'text/javascript'
    ctx.body = START
  })
  guarded('/docs', async (ctx) => {
    ctx.type = 'text/html'
    ctx.body = PAGE
  })
}
