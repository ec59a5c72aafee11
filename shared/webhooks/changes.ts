// Changing endpoints: read, decide, write; once more when somebody else was faster.
import type { Principal } from '../auth/contract.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { PreconditionFailed } from '../kernel/problems.ts'
import { known, mustMayChange } from './access.ts'
import { TooManyWebhooks } from './contract.ts'
import { sealedAnew } from './secrets.ts'
import { RECORDS_MAX } from './store.ts'
import type { Told, WebhookStore } from './store.ts'
import type { WebhookDraft, WebhookRecord } from './words.ts'

/** The versions an endpoint may have for a change to be made; any when absent, any of one that is there with `any`. */
export interface Condition {
  versions?: readonly number[] | 'any' | undefined
}

/** What becomes of an endpoint, undefined when it goes, and the fact that tells it. */
export interface Change {
  next: WebhookDraft | undefined
  told: Told
}

export interface Changes {
  /** Problem: `too-many-webhooks`. */
  add(draft: WebhookDraft, told: Told): Promise<WebhookRecord>
  /** Problems: `webhook-not-found`, `precondition-failed`, and those of `mustMayChange`. Answers what it became, or was last. */
  change(
    principal: Principal,
    id: string,
    condition: Condition,
    decide: (before: WebhookRecord) => Change,
  ): Promise<WebhookRecord>
}

/** How often a change is tried again when somebody else was faster and the caller named no version. */
const TRIES = 5

export const createChanges = (kernel: Kernel, store: WebhookStore): Changes => {
  /** Undefined when somebody was faster. */
  const write = async (before: WebhookRecord, { next, told }: Change): Promise<WebhookRecord | undefined> => {
    const draft = next && sealedAnew(kernel.vault, { ...next, updatedAt: kernel.clock.now() })
    const version = await store.save(before.id, before.version, draft, told)
    return typeof version === 'number' ? { ...(draft ?? before), version } : undefined
  }
  return {
    async add(draft, told) {
      const version = await store.save(draft.id, 0, draft, told)
      if (typeof version === 'number') return { ...draft, version }
      throw TooManyWebhooks(`${RECORDS_MAX} webhooks are kept already; delete some that are not used.`)
    },
    async change(principal, id, condition, decide) {
      for (let left = TRIES; left > 0; left--) {
        const before = known(principal, id, await store.find(id))
        check(before, condition)
        mustMayChange(principal, before)
        const written = await write(before, decide(before))
        if (written !== undefined) return written
      }
      throw PreconditionFailed(`The webhook ${id} is being changed by others; try again.`)
    },
  }
}

const check = ({ id, version }: WebhookRecord, { versions }: Condition): void => {
  if (versions === undefined || versions === 'any' || versions.includes(version)) return
  throw PreconditionFailed(`The webhook ${id} has another version than the request says.`, {
    headers: { ETag: `"${version}"` },
  })
}
