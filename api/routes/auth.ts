// Routes of auth: keys, who is asking, and the dashboard's sign-in and sign-out.
import type { Auth } from '../../shared/auth/auth.ts'
import { KeyRotation, auth as rows } from '../../shared/auth/contract.ts'
import type { Principal, SessionInfo } from '../../shared/auth/contract.ts'
import { portal as portalRows } from '../../shared/auth/portal-contract.ts'
import { ABSOLUTE_MS } from '../../shared/auth/sessions.ts'
import { tierOf } from '../../shared/limits/tiers.ts'
import { toIso } from '../../shared/kernel/clock.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'
import { etagOf, ifMatch } from '../http/conditions.ts'
import { cookieName, readCookie } from '../http/identify.ts'

/** Where links to portals lead. */
export const PORTAL_PATH = '/auth/portal'

/** The Set-Cookie text of a session; an empty secret ends it. */
export const sessionCookie = (publicUrl: string, secret: string): string => {
  const age = secret === '' ? 0 : ABSOLUTE_MS / 1_000
  const secure = publicUrl.startsWith('https:') ? '; Secure' : ''
  return `${cookieName(publicUrl)}=${secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${age}${secure}`
}

export const infoOf = (principal: Principal): SessionInfo => ({
  id: principal.id,
  name: principal.name,
  kind: principal.kind === 'session' ? 'session' : 'key',
  tier: tierOf(principal),
  scopes: [...principal.scopes],
  queues: [...principal.queues],
  subscriber: principal.subscriber ?? null,
  csrf_token: principal.csrf ?? null,
  expires_at: principal.expiresAt === undefined ? null : toIso(principal.expiresAt),
})

export const bindAuth = (bind: Bind, { auth }: { auth: Auth }, publicUrl: () => string): void => {
  bind(rows.listKeys, async ({ query }) => reply(200, await auth.keys.list(query)))
  bind(rows.createKey, async ({ principal, body }) => {
    const key = await auth.keys.create(principal, body)
    return reply(201, key, { Location: `/api/v2/api-keys/${key.id}` })
  })
  bind(rows.showKey, async ({ params }) => {
    const key = await auth.keys.show(params.key_id)
    return reply(200, key, etagOf(key))
  })
  bind(rows.editKey, async ({ principal, params, body, req }) => {
    const key = await auth.keys.edit(principal, params.key_id, body, { versions: ifMatch(req) })
    return reply(200, key, etagOf(key))
  })
  bind(rows.rotateKey, async ({ principal, params, body, req }) => {
    const rotation = body ?? KeyRotation.parse({})
    const rotated = await auth.keys.rotate(principal, params.key_id, rotation, { versions: ifMatch(req) })
    return reply(200, rotated, etagOf(rotated))
  })
  bind(rows.deleteKey, async ({ params, req }) => {
    await auth.keys.revoke(params.key_id, { versions: ifMatch(req) })
    return reply(204, null)
  })
  bindPortal(bind, auth, publicUrl)
  bind(rows.me, async ({ principal }) => reply(200, infoOf(principal)))
  bind(rows.session, async ({ principal }) => reply(200, infoOf(principal)))
  bind(rows.signIn, async (call) => {
    const { body, req } = call
    const { secret, principal } = await auth.sessions.open(
      await auth.signInWithKey(body.key, req.socket.remoteAddress ?? ''),
    )
    call.actor = principal
    await leave(auth, req.headers.cookie, publicUrl())
    return reply(200, infoOf(principal), { 'Set-Cookie': sessionCookie(publicUrl(), secret) })
  })
  bind(rows.signOut, async ({ req }) => {
    await leave(auth, req.headers.cookie, publicUrl())
    return reply(204, null, { 'Set-Cookie': sessionCookie(publicUrl(), '') })
  })
}

const bindPortal = (bind: Bind, auth: Auth, publicUrl: () => string): void => {
  bind(portalRows.list, async ({ query }) => reply(200, { data: await auth.portal.list(query.subscriber) }))
  bind(portalRows.create, async ({ principal, body }) => {
    const { code, ...link } = await auth.portal.create(principal, body)
    return reply(201, { ...link, url: `${publicUrl()}${PORTAL_PATH}?code=${code}` })
  })
  bind(portalRows.revoke, async ({ params }) => {
    await auth.portal.revoke(params.link_id)
    return reply(204, null)
  })
}

/** Ends the session a browser brought along, so that an old cookie opens nothing any more. */
export const leave = async (auth: Auth, cookies: string | undefined, publicUrl: string): Promise<void> => {
  const old = readCookie(cookies, cookieName(publicUrl))
  if (old !== undefined && old !== '') await auth.sessions.close(old)
}
