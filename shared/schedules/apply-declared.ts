// What code declares becomes records. A deploy changes what the last one declared and nothing that operators changed; what is
// declared no more stops firing and stays, so that somebody can see it, and have it again.
import { isDeepStrictEqual } from 'node:util'
import type { Catalog } from '../catalog/kind.ts'
import type { Clock } from '../kernel/clock.ts'
import type { DeclaredSchedules } from './declare.ts'
import { ScheduleDefinition } from './definition.ts'
import type { ScheduleRecord } from './definition.ts'
import type { ScheduleChange } from './events.ts'
import { queueOf } from './queue.ts'
import { asDeclared, beginsAnew, made, membersThatDiffer, rested } from './policy.ts'
import type { Member, ScheduleDraft } from './policy.ts'
import type { ScheduleStore } from './store.ts'

/** Who changes schedules in the name of code. */
export const CODE = 'code'

/** Who applies. */
export interface Applying {
  readonly store: ScheduleStore
  readonly catalog: Catalog
  readonly clock: Clock
}

/** How often a change is tried again when somebody else was faster. */
const TRIES = 3

/** Makes the records what code says; `known` are all of them as of a moment ago. Answers the ids of those that changed. May be
 *  repeated, and done by many at once. */
export const applyDeclared = async (
  applying: Applying,
  declared: DeclaredSchedules,
  known: ReadonlyMap<string, ScheduleRecord>,
): Promise<string[]> => {
  const ids = new Set([...declared.keys(), ...known.keys()])
  const changed: string[] = []
  for (const id of ids) if (await applyOne(applying, id, declared.get(id)?.definition, known.get(id))) changed.push(id)
  return changed
}

const applyOne = async (
  { store, catalog, clock }: Applying,
  id: string,
  declared: ScheduleDefinition | undefined,
  known: ScheduleRecord | undefined,
): Promise<boolean> => {
  let before = known
  for (let left = TRIES; left > 0; left--) {
    const after = declaredAs(id, declared, before, clock.now())
    if (after === undefined) return false
    const change: ScheduleChange = before === undefined ? 'created' : 'updated'
    const told = { schedule_id: id, queue: queueOf(catalog, after.definition), change, actor: CODE }
    const saved = await store.save(told, before?.version ?? 0, after)
    if (saved === 'full') throw new Error(`there is no room for the schedule ${id}; delete some that are not used`)
    if (saved !== 'changed') return true
    const found = (await store.findMany([id])).get(id)
    // One that another version of k1n wrote is that one's to see to.
    if (found === 'unreadable') return false
    before = found
  }
  return false
}

/** What becomes of a record by what code says of its id now; undefined where it stays as it is. */
export const declaredAs = (
  id: string,
  declared: ScheduleDefinition | undefined,
  record: ScheduleRecord | undefined,
  now: number,
): ScheduleDraft | undefined => {
  if (record === undefined) return declared && { ...made(id, declared, { now, by: CODE }), origin: CODE, declared }
  const after = declared === undefined ? undeclared(record, now) : redeclared(record, declared, now)
  return isDeepStrictEqual(after, record) ? undefined : { ...after, updatedAt: now, by: CODE }
}

/** What operators changed holds whatever code says, also when code comes to say the same: an older deploy may come back. Of a
 *  schedule that was there before code declared it, that is all that differs. */
const redeclared = (record: ScheduleRecord, declared: ScheduleDefinition, now: number): ScheduleRecord => {
  const changed = record.declared === null ? membersThatDiffer(record.definition, declared) : record.changed
  const definition = asDeclared(
    { ...record, declared },
    MEMBERS.filter((member) => !changed.includes(member)),
  )
  const next = { ...record, definition, declared, changed, orphanedAt: null }
  if (beginsAnew(record.definition, definition)) return { ...next, since: now, earlier: undefined }
  return record.orphanedAt === null ? next : rested(next, record.orphanedAt, now)
}

const MEMBERS = Object.keys(ScheduleDefinition.shape) as Member[]

/** What was made otherwise goes on without code; what code made does not. */
const undeclared = (record: ScheduleRecord, now: number): ScheduleRecord => {
  if (record.declared === null) return record
  return record.origin === CODE
    ? { ...record, orphanedAt: record.orphanedAt ?? now }
    : { ...record, declared: null, changed: [] }
}
