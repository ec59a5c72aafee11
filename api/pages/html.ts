// Plain pages the API itself shows: problems, a used sign-in link. No script, one style sheet of our own.
import type { Ctx } from '../http/state.ts'

export const PAGE_CSP =
  "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => entities[char] ?? char)

export const STYLE = `:root{color-scheme:light dark}
body{font:1rem/1.6 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem}
h1{line-height:1.2}h2{font-size:1.1rem;margin-top:2rem}
code,pre{font-family:ui-monospace,monospace;font-size:.9em}
pre{overflow-x:auto;padding:.75rem;border:1px solid;border-radius:.25rem}
table{border-collapse:collapse;margin:1rem 0}th,td{border:1px solid;padding:.25rem .5rem;text-align:start;vertical-align:top}
a{color:LinkText}button{min-height:2.75rem;padding:.5rem 1rem;font:inherit}`

/** Answers with a page. `body` is HTML already. */
export const sendPage = (ctx: Ctx, status: number, title: string, body: string): void => {
  ctx.set('Content-Security-Policy', PAGE_CSP)
  ctx.status = status
  ctx.type = 'text/html; charset=utf-8'
  ctx.body = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · k1n</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/problems/page.css"></head>
<body><main>${body}</main></body></html>`
}
