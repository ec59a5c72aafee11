// Who is asking and what they may do: keys, sessions, sign-in links, tickets.
import type { Kernel } from '../kernel/kernel.ts'
import { isProblem } from '../kernel/problem.ts'
import type { Service } from '../kernel/service.ts'
import { subscribe } from '../kernel/subscriptions.ts'
import type { Subscription } from '../kernel/subscriptions.ts'
import { SCOPES } from './contract.ts'
import type { Principal } from './contract.ts'
import { createKeys, digestOf } from './keys.ts'
import type { Keys } from './keys.ts'
import { createOnce } from './once.ts'
import type { Once } from './once.ts'
import { createPortal } from './portal.ts'
import type { Portal } from './portal.ts'
import { ABSOLUTE_MS, createSessions } from './sessions.ts'
import type { Sessions } from './sessions.ts'
import { createThrottle } from './throttle.ts'
import type { Throttle } from './throttle.ts'

export interface Auth extends Service {
  readonly keys: Keys
  readonly sessions: Sessions
  readonly once: Once
  readonly throttle: Throttle
  readonly portal: Portal
  /** Opens a session from a sign-in code, with the rights of the admin key; undefined when the code is used or too old. */
  signInWithCode(code: string): Promise<{ secret: string; principal: Principal } | undefined>
  /** Opens a session from a link to a portal; undefined when it was opened before, is too old, or was revoked. */
  openPortal(code: string): Promise<{ secret: string; principal: Principal } | undefined>
  /** Who a key typed into the sign-in form belongs to; failures count against the address. */
  signInWithKey(key: string, ip: string): Promise<Principal>
  /** Whether the key or session of a principal still holds; streams ask once a minute and close when it does not. */
  stillValid(principal: Principal): Promise<boolean>
}

/** Started, it also hears at once when another process revokes a key; unstarted it knows within five seconds. */
export const createAuth = (kernel: Kernel): Auth => {
  const keys = createKeys(kernel)
  const adminDigest = digestOf(kernel.settings.K1N_ADMIN_KEY ?? '')
  const adminValid = async (digest: string): Promise<boolean> => digest === adminDigest || keys.stillValid(digest)
  const portal = createPortal(kernel, {
    keyHolds: (id) => keys.holds(id),
    async tell(id) {
      sessions.forget(id)
      await keys.tell(id)
    },
  })
  const sessions = createSessions(kernel, (digest) => portal.stillValid(digest) ?? adminValid(digest))
  const once = createOnce(kernel)
  const throttle = createThrottle(kernel.clock)
  let subscription: Subscription | undefined
  return {
    name: 'auth',
    keys,
    sessions,
    once,
    throttle,
    portal,
    async openPortal(code) {
      const guest = await portal.open(code)
      // The link is used up: whoever looks away for an hour must not stand outside.
      return guest && sessions.open(guest, { idleMs: ABSOLUTE_MS })
    },
    async signInWithCode(code) {
      if (!(await once.redeemCode(code))) return undefined
      return sessions.open({
        kind: 'key',
        id: 'admin',
        name: 'admin',
        scopes: SCOPES,
        queues: ['*'],
        tier: 'internal',
        credential: adminDigest,
      })
    },
    async signInWithKey(key, ip) {
      throttle.check(ip)
      try {
        return await keys.identify(key)
      } catch (error) {
        if (isProblem(error)) throttle.failed(ip)
        throw error
      }
    },
    stillValid: async ({ kind, credential = '' }) =>
      kind === 'session' ? sessions.stillValid(credential) : adminValid(credential),
    async start() {
      if (subscription) return
      subscription = subscribe(kernel, kernel.key('auth', 'revoked'), (id) => {
        keys.forget(id)
        sessions.forget(id)
      })
    },
    async stop() {
      subscription?.stop()
      subscription = undefined
    },
  }
}
