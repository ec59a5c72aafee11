// Who is signed in and what they may do; when the server says nobody, the sign-in page takes over.
import { createSubscriber } from 'svelte/reactivity'
import type { auth } from '../../shared/auth/contract.ts'
import type { Result } from '../../shared/kernel/endpoint.ts'
import { READ_ONLY, rewound } from './looking-back.ts'

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
  closed(): void {
    // An answer that comes late says nothing new of somebody who is out already.
    if (standing.state !== 'out') become({ state: 'out', expired: standing.state === 'in', guest: wasGuest() })
  },
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
  /** Why something cannot be done with the scopes at hand, or while the pages look back; undefined when it can. */
  lacks(scope: Session['scopes'][number]): string | undefined {
    if (rewound.at !== undefined && !scope.endsWith(':read')) return READ_ONLY
    const now = session.standing
    return now.state === 'in' && now.session.scopes.includes(scope) ? undefined : `Needs ${scope}`
  },
  /** The same for what is of all queues and cannot be told in part. */
  lacksQueues(): string | undefined {
    const now = session.standing
    return now.state === 'in' && now.session.queues.includes('*') ? undefined : 'Needs all queues'
  },
}
