// The one-time link `npm start` prints: opens a session and leads to the dashboard.
import type { Intent } from '../../shared/audit/audit.ts'
import type { Rooms } from '../../shared/rooms.ts'
import { actorOf } from '../http/audited.ts'
import { ANONYMOUS } from '../http/identify.ts'
import type { RouteTable } from '../http/route-table.ts'
import type { Ctx } from '../http/state.ts'
import { leave, sessionCookie } from '../routes/auth.ts'
import { sendPage } from './html.ts'

const used = `<h1>This link does not work any more</h1>
<p>A sign-in link works once and for ten minutes. Run <code>npm run sign-in</code> for a new one, or
<a href="/">go to the dashboard</a> and sign in with a key.</p>`

export const bindSignInLink = (
  routes: RouteTable,
  { auth, audit }: Pick<Rooms, 'auth' | 'audit'>,
  publicUrl: () => string,
): void => {
  const openSession = async (ctx: Ctx, code: string): ReturnType<typeof auth.signInWithCode> => {
    const begun = await audit.begin(intentOf(ctx, 'signInByLink'))
    const session = await auth.signInWithCode(code)
    if (!session) begun.forget()
    else await begun.end({ outcome: 'done', target: session.principal.name, actor: actorOf(session.principal) })
    return session
  }
  routes.get('/auth/login', async (ctx, next): Promise<void> => {
    const code = new URLSearchParams(ctx.querystring).get('code')
    if (code === null) {
      await next()
      return
    }
    auth.throttle.check(ctx.req.socket.remoteAddress ?? '')
    // A HEAD request, as previews of links send it, must not use the link up.
    const session = ctx.method === 'HEAD' ? undefined : await openSession(ctx, code)
    if (!session) {
      if (ctx.method !== 'HEAD') auth.throttle.failed(ctx.req.socket.remoteAddress ?? '')
      sendPage(ctx, ctx.method === 'HEAD' ? 200 : 401, 'Sign in', used)
      return
    }
    await leave(auth, ctx.req.headers.cookie, publicUrl())
    ctx.set('Set-Cookie', sessionCookie(publicUrl(), session.secret))
    ctx.status = 303
    ctx.set('Location', '/')
    ctx.body = null
    ctx.status = 303
  })
}

/** Of one that opens a session: nobody is known before. */
export const intentOf = (ctx: Ctx, action: string): Intent => ({
  actor: actorOf(ANONYMOUS),
  action,
  kind: 'session',
  requestId: ctx.state.requestId,
  ip: ctx.req.socket.remoteAddress,
})
