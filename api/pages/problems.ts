// `/problems/<code>`: what every problem's `type` leads to, as a page for people and as JSON for programs.
import { readFile } from 'node:fs/promises'
import { NotFound } from '../../shared/kernel/problems.ts'
import { problemRegistry } from '../../shared/kernel/problem.ts'
import type { RouteTable } from '../http/route-table.ts'
import type { Ctx } from '../http/state.ts'
import { STYLE, escapeHtml, sendPage } from './html.ts'
import { toHtml } from './markdown.ts'

const folder = new URL('../../docs/problems/', import.meta.url)

const read = async (code: string): Promise<string> => {
  const known = problemRegistry.get(code)
  if (!known) throw NotFound(`There is no problem ${code.slice(0, 100)}.`)
  return readFile(new URL(`${code}.md`, folder), 'utf8')
}

const asJson = (code: string): Record<string, unknown> => {
  const { title, status, kind } = problemRegistry.get(code) ?? {}
  return { code, title, status, kind, page: `/problems/${code}` }
}

const wantsPage = (ctx: Ctx): boolean => ctx.accepts('json', 'html') === 'html'

const cached = (ctx: Ctx): void => ctx.set('Cache-Control', 'public, max-age=3600')

const index = (ctx: Ctx): void => {
  const codes = [...problemRegistry.keys()].sort()
  cached(ctx)
  if (!wantsPage(ctx)) {
    ctx.body = { data: codes.map(asJson) }
    return
  }
  const rows = codes.map(
    (code) =>
      `<li><a href="/problems/${code}"><code>${code}</code></a> ${escapeHtml(problemRegistry.get(code)?.title ?? '')}</li>`,
  )
  sendPage(ctx, 200, 'Problems', `<h1>Problems</h1><ul>${rows.join('')}</ul>`)
}

const page = async (ctx: Ctx): Promise<void> => {
  const code = ctx.params?.['code'] ?? ''
  const markdown = await read(code)
  cached(ctx)
  if (!wantsPage(ctx)) ctx.body = { ...asJson(code), markdown }
  else sendPage(ctx, 200, code, toHtml(markdown))
}

export const bindProblemPages = (routes: RouteTable): void => {
  routes.get('/problems', index)
  routes.get('/problems/page.css', (ctx) => {
    ctx.type = 'text/css'
    ctx.set('Cache-Control', 'public, max-age=3600')
    ctx.body = STYLE
  })
  routes.get('/problems/:code', page)
}
