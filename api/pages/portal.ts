// A link to the portal of a subscriber: a page that asks once more, as programs that look through mails follow links too, and then opens
// a session that is theirs alone.
import type { Rooms } from '../../shared/rooms.ts'
import { actorOf } from '../http/audited.ts'
import { sameOrigin } from '../http/identify.ts'
import type { RouteTable } from '../http/route-table.ts'
import type { Ctx } from '../http/state.ts'
import { PORTAL_PATH, leave, sessionCookie } from '../routes/auth.ts'
import { escapeHtml, sendPage } from './html.ts'
import { intentOf } from './sign-in.ts'

const over = `<h1>This link does not work any more</h1>
<p>A link to your webhooks opens once, and only for as long as whoever gave it to you said. Ask them for a new one.</p>`

const ask = (subscriber: string, code: string): string => `<h1>The webhooks of ${escapeHtml(subscriber)}</h1>
<p>This link opens your endpoints and what was sent to them: for twelve hours, in this browser. It works once.</p>
<form method="post" action="${PORTAL_PATH}?code=${encodeURIComponent(code)}"><button>Open the webhooks</button></form>`

const foreign = `<h1>Open the link itself</h1>
<p>This came from another site. Open the link that you were given, and press the button there.</p>`

type Needs = Pick<Rooms, 'auth' | 'audit'>

export const bindPortalLink = (routes: RouteTable, { auth, audit }: Needs, publicUrl: () => string): void => {
  const refuse = (ctx: Ctx): void => {
    auth.throttle.failed(ctx.req.socket.remoteAddress ?? '')
    sendPage(ctx, 401, 'Webhooks', over)
  }
  const codeOf = (ctx: Ctx): string => new URLSearchParams(ctx.querystring).get('code') ?? ''
  /** Nobody is told whether a code is right more often than a key. */
  const mayTry = (ctx: Ctx): void => auth.throttle.check(ctx.req.socket.remoteAddress ?? '')

  const open = async (ctx: Ctx): ReturnType<typeof auth.openPortal> => {
    const begun = await audit.begin(intentOf(ctx, 'openPortalLink'))
    const session = await auth.openPortal(codeOf(ctx))
    if (!session) begun.forget()
    else await begun.end({ outcome: 'done', target: session.principal.id, actor: actorOf(session.principal) })
    return session
  }
  routes.get(PORTAL_PATH, async (ctx): Promise<void> => {
    mayTry(ctx)
    const code = codeOf(ctx)
    const subscriber = await auth.portal.look(code)
    ctx.set('Cache-Control', 'no-store')
    // Without any referrer a form is sent with `Origin: null`; over plain http nothing else tells that it is ours.
    ctx.set('Referrer-Policy', 'same-origin')
    if (subscriber === undefined) refuse(ctx)
    else sendPage(ctx, 200, 'Webhooks', ask(subscriber, code))
  })
  routes.add(PORTAL_PATH, ['POST'], async (ctx): Promise<void> => {
    if (!sameOrigin(ctx.req, publicUrl())) {
      sendPage(ctx, 403, 'Webhooks', foreign)
      return
    }
    mayTry(ctx)
    const session = await open(ctx)
    if (!session) {
      refuse(ctx)
      return
    }
    await leave(auth, ctx.req.headers.cookie, publicUrl())
    ctx.set('Set-Cookie', sessionCookie(publicUrl(), session.secret))
    ctx.set('Location', '/webhooks')
    ctx.body = null
    ctx.status = 303
  })
}
