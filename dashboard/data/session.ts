// Who is signed in and what they may do; when the server says nobody, the sign-in page takes over.
import { createSubscriber } from 'svelte/reactivity'
import type { auth } from '../../shared/auth/contract.ts'
import type { Result } from '../../shared/kernel/endpoint.ts'

export type Session = Result<typeof auth.session>
type Standing =
  | { state: 'unknown' }
  | { state: 'out'; expired: boolean; guest: boolean }
  | { state: 'in'; session: Session }

let standing: Standing = { state: 'unknown' }
let notify = (): void => undefined
const subscribe = createSubscriber((update) => {
  notify = update
  return () => (notify = () => undefined)
})
const become = (next: Standing): void => {
  standing = next
  notify()
}

const wasGuest = (): boolean => standing.state === 'in' && standing.session.subscriber !== null

export const session = {
  get standing(): Standing {
    subscribe()
    return standing
  },
  get csrf(): string | undefined {
    return standing.state === 'in' ? (standing.session.csrf_token ?? undefined) : undefined
  },
  opened: (found: Session): void => become({ state: 'in', session: found }),
  /** Nobody is signed in; `expired` when somebody was a moment ago. */
  closed: (): void => become({ state: 'out', expired: standing.state === 'in', guest: wasGuest() }),
  left: (): void => become({ state: 'out', expired: false, guest: wasGuest() }),
  /** The subscriber whose webhooks this is about, of which alone something is shown; undefined for people of the installation. */
  get guest(): string | undefined {
    const now = session.standing
    return now.state === 'in' ? (now.session.subscriber ?? undefined) : undefined
  },
  /** Globs of the queues that may be seen. */
  get queues(): readonly string[] {
    const now = session.standing
    return now.state === 'in' ? now.session.queues : []
  },
  /** Why something cannot be done with the scopes at hand, or undefined when it can. */
  lacks(scope: Session['scopes'][number]): string | undefined {
    const now = session.standing
    return now.state === 'in' && now.session.scopes.includes(scope) ? undefined : `Needs ${scope}`
  },
}
