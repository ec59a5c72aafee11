// Dead letters: jobs that failed for good, in all queues, as one inbox. The failed sets are the truth; the index beside them finds.
import type { Principal } from '../auth/contract.ts'
import { seesData } from '../jobs/read.ts'
import { REDACTED } from '../jobs/present.ts'
import { JobMissing } from '../jobs/problems.ts'
import { createFind } from '../jobs/find.ts'
import { createGone } from '../jobs/gone.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import type { Catalog } from '../catalog/kind.ts'
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { createEventLog } from '../stream/log.ts'
import type { Operation } from '../operations/words.ts'
import type { Operations } from '../operations/operations.ts'
import { discard, restore } from './bin.ts'
import { BulkDiscardParams, BulkResubmitParams } from './contract.ts'
import type { BulkDiscardRequest, BulkPreview, BulkResubmitRequest, DlqEntry, EntryChange } from './contract.ts'
import { createPictures } from '../triage/picture.ts'
import { payloadOf, toEntry } from './entry.ts'
import { dlqId, parseDlqId } from './id.ts'
import { listDeadLetters } from './list.ts'
import type { DeadLetterPage, DeadLetterQuery } from './list.ts'
import { groupFor } from './candidates.ts'
import { previewOf } from './preview.ts'
import { remarkOf, remarkText } from './remark.ts'
import { readDeath, resubmit } from './resubmit.ts'
import type { Answer, Request } from './resubmit.ts'
import { createSelect } from './select.ts'
import type { z } from 'zod'

export type { Answer as ResubmitAnswer, DeadLetterQuery, Request as ResubmitTerms }

/** A dead letter's id is `{queue}:{id}~{moment}`; a bare address means its newest death, a bare job id is looked up. */
export interface Dlq {
  list(principal: Principal, query: DeadLetterQuery): Promise<DeadLetterPage>
  /** Problems: `task-not-found`, `already-resubmitted` for a death that was followed by another life. */
  show(principal: Principal, dlqId: string): Promise<DlqEntry>
  /** Keeps a note and tags with a dead letter. Problems as for `show`. */
  change(principal: Principal, dlqId: string, change: EntryChange): Promise<DlqEntry>
  /** The same queue revives the same job in one step; another one gets a new job under an id that follows from the death. */
  resubmit(principal: Principal, dlqId: string, request: Request): Promise<Answer>
  /** Gone from the inbox at once. Problems: as `show`. */
  discard(principal: Principal, dlqId: string): Promise<void>
  /** Brings a discarded one back as it was, within ten minutes. Problem: `task-not-found`. */
  restore(principal: Principal, dlqId: string): Promise<DlqEntry>
  /** How many match, and the oldest ten of them. */
  preview(principal: Principal, request: ResubmitMany | DiscardMany): Promise<BulkPreview>
  resubmitMany(principal: Principal, request: ResubmitMany, asked?: Asked): Promise<Operation>
  discardMany(principal: Principal, request: DiscardMany, asked?: Asked): Promise<Operation>
}

type ResubmitMany = z.output<typeof BulkResubmitRequest>
type DiscardMany = z.output<typeof BulkDiscardRequest>
/** What to do with all that match, beside what the request says of it. */
interface Asked {
  idempotencyKey?: string | undefined
}

export interface DlqNeeds {
  bull: Bull
  catalog: Catalog
  operations: Operations
}

export const createDlq = (kernel: Kernel, { bull, catalog, operations }: DlqNeeds): Dlq => {
  const room = { kernel, bull, catalog, log: createEventLog(kernel) }
  const pictures = createPictures(kernel)
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
  const shown = async (principal: Principal, address: Address, moment: number | null): Promise<DlqEntry> => {
    const reading = [readDeath(room, address, moment), groupFor(kernel, pictures, address)] as const
    const [{ stated, diedAt }, group] = await Promise.all(reading)
    const { job } = stated
    return toEntry(job, diedAt, group, seesData(principal) ? payloadOf(job) : REDACTED)
  }
  const show = async (principal: Principal, text: string): Promise<DlqEntry> => {
    const { address, diedAt } = await meant(principal, text)
    return shown(principal, address, diedAt)
  }
  const change = async (principal: Principal, text: string, asked: EntryChange): Promise<DlqEntry> => {
    const { address, diedAt } = await meant(principal, text)
    const death = await readDeath(room, address, diedAt)
    const { job } = death.stated
    const said = remarkText(remarkOf(job, death.diedAt), death.diedAt, asked)
    const finishedOn = job.finishedOn === undefined ? undefined : death.diedAt
    // It lives again since it was read, or is gone: reading it once more says which.
    if (!(await bull.remark(address, finishedOn, said))) return show(principal, dlqId(address, death.diedAt))
    return shown(principal, address, death.diedAt)
  }
  const again = async (principal: Principal, text: string, request: Request): Promise<Answer> => {
    const { address, diedAt } = await meant(principal, text)
    return resubmit(room, principal, address, diedAt, request)
  }
  const putAway = async (principal: Principal, text: string): Promise<void> => {
    const { address, diedAt } = await meant(principal, text)
    const death = await readDeath(room, address, diedAt)
    await discard(room, { ...address, diedAt: death.diedAt }, principal.name)
  }
  const bringBack = async (principal: Principal, text: string): Promise<DlqEntry> => {
    const { address, diedAt } = await meant(principal, text)
    if (diedAt === null) throw JobMissing(`${text} names no death; restore a dead letter by its whole id.`)
    await restore(room, address, diedAt, principal.name)
    return show(principal, text)
  }
  const select = createSelect(kernel, bull)
  return {
    discard: (principal, text) => guardRedis(putAway(principal, text)),
    restore: (principal, text) => guardRedis(bringBack(principal, text)),
    preview: (principal, request) => guardRedis(previewOf(room, select, principal, request), 'read'),
    resubmitMany: (principal, { all: _all, dry_run: _dry, rate_per_s: pace = null, ...params }, asked) =>
      operations.start(principal, { kind: 'dlq.resubmit', params: BulkResubmitParams.parse(params), pace, ...asked }),
    discardMany: (principal, { all: _all, dry_run: _dry, rate_per_s: pace = null, ...params }, asked) =>
      operations.start(principal, { kind: 'dlq.purge', params: BulkDiscardParams.parse(params), pace, ...asked }),
    list: (principal, query) => guardRedis(listDeadLetters({ kernel, bull, pictures }, principal, query), 'read'),
    show: (principal, text) => guardRedis(show(principal, text), 'read'),
    change: (principal, text, asked) => guardRedis(change(principal, text, asked)),
    resubmit: (principal, text, request) => guardRedis(again(principal, text, request)),
  }
}
