// Changing schedules: read, decide, write; once more when somebody else was faster.
import type { Principal } from '../auth/contract.ts'
import type { Catalog } from '../catalog/kind.ts'
import { PreconditionFailed } from '../kernel/problems.ts'
import { ScheduleMissing, TooManySchedules } from './contract.ts'
import type { ScheduleRecord } from './definition.ts'
import type { ScheduleChange } from './events.ts'
import { queueOf } from './queue.ts'
import type { ScheduleDraft } from './policy.ts'
import { RECORDS_MAX } from './store.ts'
import type { ScheduleStore } from './store.ts'
import { sees } from './visible.ts'

/** What must be so for a change to be made. */
export interface Condition {
  /** The versions the schedule may have; any when absent, any of one that is there with `any`. */
  versions?: readonly number[] | 'any' | undefined
  /** There must be no such schedule yet. */
  isNew?: boolean
}

/** What becomes of a schedule: a draft of it, nothing when it goes, and what that is called. `stays`: it is so already. */
export type Decision =
  | { readonly change: ScheduleChange; readonly next: ScheduleDraft | undefined }
  | { readonly change: 'stays' }

export type Decide = (before: ScheduleRecord | undefined) => Promise<Decision> | Decision

/** How often a change is tried again when somebody else was faster and the caller named no version. */
const TRIES = 5

/** Answers the record as it became, or as it was last. Problems: `precondition-failed`, `too-many-schedules`, and those of
 *  whoever decides. */
export type Change = (
  principal: Principal,
  id: string,
  condition: Condition,
  decide: Decide,
) => Promise<{ record: ScheduleRecord; isNew: boolean }>

export const createChange =
  (store: ScheduleStore, catalog: Catalog): Change =>
  async (principal, id, condition, decide) => {
    for (let left = TRIES; left > 0; left--) {
      const before = await store.find(id)
      // What somebody may not see is not there, and may not be written over either.
      if (before && !sees(catalog, principal, before)) throw missing(id)
      check(id, before, condition)
      const decision = await decide(before)
      const record = decision.change === 'stays' ? before : (decision.next ?? before)
      if (record === undefined) throw missing(id)
      if (decision.change === 'stays') return { record: { version: 0, ...record }, isNew: false }
      const queue = queueOf(catalog, record.definition)
      const told = { schedule_id: id, queue, change: decision.change, actor: principal.name }
      const version = await store.save(told, before?.version ?? 0, decision.next)
      if (version === 'full')
        throw TooManySchedules(`${RECORDS_MAX} schedules are kept already; delete some that are not used.`)
      if (version !== 'changed') return { record: { ...record, version }, isNew: before === undefined }
    }
    throw PreconditionFailed(`The schedule ${id} is being changed by others; try again.`)
  }

export const missing = (id: string): Error =>
  ScheduleMissing(`There is no schedule ${id}; GET /scheduler/schedules lists them.`)

const check = (id: string, before: ScheduleRecord | undefined, { versions, isNew }: Condition): void => {
  const fits = versions === undefined || (before && (versions === 'any' || versions.includes(before.version)))
  if (fits && !(isNew === true && before)) return
  throw PreconditionFailed(`The schedule ${id} has another version than the request says.`, {
    ...(before ? { headers: { ETag: `"${before.version}"` } } : {}),
  })
}
