// The audit: one append-only log of who changed what. A change is noted before it is made, so that none goes unseen.
import type { Principal } from '../auth/contract.ts'
import { demandAllQueues } from '../auth/reach.ts'
import { createBag } from '../kernel/bag.ts'
import type { Bag } from '../kernel/bag.ts'
import { makeId } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { redact } from '../kernel/log.ts'
import type { Page } from '../kernel/page.ts'
import { isRedisDown } from '../kernel/redis.ts'
import { loop } from '../kernel/service.ts'
import type { Service } from '../kernel/service.ts'
import { createAuditStore } from './store.ts'
import type { Stored } from './store.ts'
import type { AuditActor, AuditEntry, AuditQuery } from './contract.ts'
import { listAudit } from './list.ts'
import { sidesOf } from './redact.ts'

/** What is known of a change before it is made. */
export interface Intent {
  actor: AuditActor
  /** The `operationId` of a request, or a name of k1n's own. */
  action: string
  kind: string
  /** Undefined where only the answer tells; null for many. */
  target?: string | null | undefined
  before?: unknown
  reason?: string | undefined
  requestId?: string
  ip?: string | undefined
}

/** What became of it. */
export interface Ending {
  outcome: AuditEntry['outcome']
  target?: string | null | undefined
  after?: unknown
  /** Before and after are of one shape: only members that differ are kept. */
  isSame?: boolean
  actor?: AuditActor
}

export interface Begun {
  /** Appends what became of the change. Never throws: where it cannot, the entry follows as `unknown` within minutes. Nobody needs
   *  to wait for it: lists of this process have it, and the audit stops after it. */
  end(ending: Ending): Promise<void>
  /** Nothing was changed: nothing is kept. */
  forget(): void
}

export interface Audit extends Service {
  /** Notes that a change is about to be made, and waits until that is kept. Throws what Redis throws: then it must not be made. */
  begin(intent: Intent): Promise<Begun>
  /** Notes work that was handed in. Not waited for, as the work says itself who handed it in; a failure is told in the log. */
  work(intent: Intent, ending: Ending): void
  /** Notes what k1n did by itself. Never throws; a failure is told in the log. */
  note(change: Omit<Intent, 'actor' | 'requestId' | 'ip'> & { after?: unknown }): Promise<void>
  /** Problem: `resource-forbidden` for those who may not see every queue. */
  list(principal: Principal, query: AuditQuery): Promise<Page<AuditEntry>>
  /** Appends changes as `unknown` that were begun a minute ago and whose process went away. Answers how many. */
  settle(): Promise<number>
}

/** k1n itself. */
export const SYSTEM: AuditActor = { kind: 'system', id: 'system', name: 'k1n' }

/** No change takes this long: after that its process is gone, in ms. */
export const OPEN_MAX_MS = 60_000
const SETTLE_EVERY_MS = 60_000
const REASON_MAX = 1_000

const storedOf = (intent: Intent, at: number, ending: Ending): Stored => {
  const target = intent.target === undefined ? ending.target : intent.target
  return {
    at,
    actor: ending.actor ?? intent.actor,
    action: intent.action,
    target: { kind: intent.kind, id: target ?? null },
    ...sidesOf(intent.before, ending.after, ending.isSame === true),
    reason: intent.reason === undefined ? null : redact(intent.reason).slice(0, REASON_MAX),
    request_id: intent.requestId ?? null,
    ip: intent.ip ?? null,
    outcome: ending.outcome,
  }
}

export const createAudit = (kernel: Kernel): Audit => {
  const { clock, log } = kernel
  const store = createAuditStore(kernel)
  const settle = async (): Promise<number> => {
    const open = await store.open()
    const old = open.filter(({ stored }) => clock.now() - stored.at > OPEN_MAX_MS)
    const settled = await Promise.all(old.map(({ id, stored }) => store.end(stored, { id, settles: true })))
    return settled.filter((isSettled) => isSettled).length
  }
  /** Nobody can be told any more, but whoever reads the log of the process. */
  const unwritten = (stored: Stored, error: unknown): void => {
    const { action, target, actor, request_id } = stored
    log.error('a change is not in the audit yet', { action, target, actor, request_id, error: String(error) })
  }
  const service = loop('audit', async (signal) => {
    while (!signal.aborted) {
      await settle().catch((error: unknown) => {
        if (!isRedisDown(error)) log.warn('changes that were begun could not be told', { error })
      })
      await clock.sleep(SETTLE_EVERY_MS, signal)
    }
  })
  const [ends, handedIn] = [createBag<Promise<void>>(), createBag<Promise<void>>()]
  const write = (writing: Promise<unknown>, stored: Stored, among: Bag<Promise<void>>): Promise<void> => {
    const written = writing.then(nothing, (error: unknown) => unwritten(stored, error))
    void written.finally(among.add(written))
    return written
  }
  return {
    ...service,
    settle,
    // Nobody waited for it while it was handed in, and behind a slow call much of it may be gathered.
    async stop() {
      await service.stop()
      // What is answered while it waits ends meanwhile.
      while (ends.size + handedIn.size > 0) await Promise.all([...ends, ...handedIn])
    },
    async begin(intent) {
      const at = clock.now()
      const id = makeId('aud', at)
      await store.begin(id, storedOf(intent, at, { outcome: 'unknown' }))
      return {
        end(ending) {
          const stored = storedOf(intent, at, ending)
          return write(store.end(stored, { id }), stored, ends)
        },
        forget: () => void store.forget(id).catch(() => undefined),
      }
    },
    work(intent, ending) {
      const stored = storedOf(intent, clock.now(), ending)
      void write(store.work(stored), stored, handedIn)
    },
    async note({ after, ...change }) {
      const stored = storedOf({ ...change, actor: SYSTEM }, clock.now(), { outcome: 'done', after, isSame: true })
      await store.end(stored).catch((error: unknown) => unwritten(stored, error))
    },
    async list(principal, query) {
      demandAllQueues(principal, 'The audit tells')
      await Promise.all(ends)
      // What that appends is the newest there is: further pages tell none of it.
      if (query.cursor === undefined) await settle()
      return listAudit(kernel, store, query)
    },
  }
}

const nothing = (): void => undefined
