// Dead letters: jobs that failed for good, in all queues, as one inbox. The failed sets are the truth; nothing is copied.
import type { Principal } from '../auth/contract.ts'
import { seesData } from '../jobs/read.ts'
import { REDACTED } from '../jobs/present.ts'
import { createFind } from '../jobs/find.ts'
import { createGone } from '../jobs/gone.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import type { Catalog } from '../catalog/kind.ts'
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Page } from '../kernel/page.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { createEventLog } from '../stream/log.ts'
import type { DlqEntry } from './contract.ts'
import { payloadOf, toEntry } from './entry.ts'
import { parseDlqId } from './id.ts'
import { listDeadLetters } from './list.ts'
import type { DeadLetterQuery } from './list.ts'
import { readDeath, resubmit } from './resubmit.ts'
import type { Answer, Request } from './resubmit.ts'

export type { Answer as ResubmitAnswer, DeadLetterQuery, Request as ResubmitTerms }

/** A dead letter's id is `{queue}:{id}~{moment}`; a bare address means its newest death, a bare job id is looked up. */
export interface Dlq {
  list(principal: Principal, query: DeadLetterQuery): Promise<Page<DlqEntry>>
  /** Problems: `task-not-found`, `already-resubmitted` for a death that was followed by another life. */
  show(principal: Principal, dlqId: string): Promise<DlqEntry>
  /** The same queue revives the same job in one step; another one gets a new job under an id that follows from the death. */
  resubmit(principal: Principal, dlqId: string, request: Request): Promise<Answer>
}

export interface DlqNeeds {
  bull: Bull
  catalog: Catalog
}

export const createDlq = (kernel: Kernel, { bull, catalog }: DlqNeeds): Dlq => {
  const room = { kernel, bull, catalog, log: createEventLog(kernel) }
  const find = createFind(kernel, bull, createGone(kernel))
  const meant = async (principal: Principal, text: string): Promise<{ address: Address; diedAt: number | null }> => {
    const parsed = parseDlqId(text)
    if (!parsed) return { address: await find(principal, text), diedAt: null }
    // A job that moved to another queue is found no more, but its death is still told apart from one that never was.
    const address = parsed.diedAt === null ? await find(principal, text) : await permitted(principal, parsed.address)
    return { address, diedAt: parsed.diedAt }
  }
  const permitted = async (principal: Principal, address: Address): Promise<Address> =>
    allowsQueue(principal, address.queue) ? address : find(principal, `${address.queue}:${address.id}`)
  const show = async (principal: Principal, text: string): Promise<DlqEntry> => {
    const { address, diedAt } = await meant(principal, text)
    const death = await readDeath(room, address, diedAt)
    return toEntry(death.stated.job, death.diedAt, seesData(principal) ? payloadOf(death.stated.job) : REDACTED)
  }
  const again = async (principal: Principal, text: string, request: Request): Promise<Answer> => {
    const { address, diedAt } = await meant(principal, text)
    return resubmit(room, principal, address, diedAt, request)
  }
  return {
    list: (principal, query) => guardRedis(listDeadLetters(kernel, bull, principal, query), 'read'),
    show: (principal, text) => guardRedis(show(principal, text), 'read'),
    resubmit: (principal, text, request) => guardRedis(again(principal, text, request)),
  }
}
