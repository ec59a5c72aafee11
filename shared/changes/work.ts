// Schedules and operations: what became of them in a time.
import type { Operation } from '../operations/words.ts'
import type { Schedule } from '../schedules/contract.ts'
import type { ScheduleRun } from '../schedules/runs-contract.ts'
import type { OperationChange, ScheduleChange } from './contract.ts'
import { inOrder, isIn } from './trouble.ts'
import type { Span } from './trouble.ts'

/** Schedules that do not fire since then, each with who paused it and why. */
export const standing = (schedules: readonly Schedule[], span: Span): ScheduleChange[] =>
  schedules.flatMap(({ id, name, orphaned_at, paused }): ScheduleChange[] => {
    const about = { schedule_id: id, name, slots: null, why: null }
    if (isIn(span, orphaned_at))
      return [{ ...about, at: orphaned_at, change: 'orphaned', until: null, by: null, reason: null }]
    if (paused === null || !isIn(span, paused.at)) return []
    const { at, until, by, reason } = paused
    return [{ ...about, at, change: 'paused', until, by, reason }]
  })

/** Slots that nobody carried out; those that were passed over because the schedule says so are none. */
const MISSED: ReadonlySet<ScheduleRun['skipped']> = new Set(['missed', 'catchup_limit', 'invalid'])

/** Missed slots, those of one schedule in one line. */
export const missed = (runs: readonly ScheduleRun[]): ScheduleChange[] =>
  [...Map.groupBy(runs.filter(({ skipped }) => MISSED.has(skipped)), ({ schedule_id }) => schedule_id)].map(
    ([schedule_id, [newest, ...older]]): ScheduleChange => ({
      at: newest?.until ?? newest?.scheduled_for ?? '',
      change: 'missed',
      ...{ schedule_id, name: null, until: null, by: null, reason: null },
      slots: [newest, ...older].reduce((sum, run) => sum + (run?.slots ?? 0), 0),
      why: newest?.skipped ?? null,
    }),
  ) // prettier-ignore

const scheduleRank: Readonly<Record<ScheduleChange['change'], number>> = { missed: 0, orphaned: 1, paused: 2 }
export const scheduleChanges = (all: readonly ScheduleChange[]): ScheduleChange[] =>
  inOrder(all, ({ change }) => scheduleRank[change])

const operationRank: Partial<Record<Operation['status'], number>> = { failed: 0, partially_succeeded: 1, cancelled: 2 }

export const operationChanges = (operations: readonly Operation[], span: Span): OperationChange[] =>
  inOrder(
    operations.flatMap((operation) => {
      const { id, kind, status, reason, asked_by, progress, undoes, created_at, finished_at } = operation
      if (!isIn(span, finished_at)) return []
      return [{ at: finished_at, ...{ id, kind, status, reason, asked_by, progress, undoes, created_at, finished_at } }]
    }),
    ({ status }) => operationRank[status] ?? 3,
  ).map(({ at: _at, ...operation }) => operation)
