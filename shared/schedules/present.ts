// A schedule as people see it: what it says, in words too, whether it is paused, and when it comes next.
import type { Catalog } from '../catalog/kind.ts'
import { toIso } from '../kernel/clock.ts'
import type { Schedule, ScheduleTime } from './contract.ts'
import type { Pause, ScheduleDefinition, ScheduleRecord } from './definition.ts'
import { describeTrigger } from './describe.ts'
import { shownHears } from './hears.ts'
import { queueOf } from './queue.ts'
import { nextPlanned, plannedAt, spreadOf } from './planned.ts'
import type { RunState } from './run-states.ts'
import { noteOf, onTheWall, zoneOf } from './zone.ts'

export interface Presenting {
  readonly catalog: Catalog
  readonly now: number
  readonly state: RunState
  /** Whether payloads may be seen. */
  readonly seesData: boolean
}

export const toSchedule = (record: ScheduleRecord, presenting: Presenting): Schedule => {
  const { catalog, now, state, seesData } = presenting
  const { id, origin, definition, declared, changed, orphanedAt, pause, createdAt, updatedAt, by, version } = record
  return {
    id,
    origin,
    ...shown(definition, seesData),
    queue: queueOf(catalog, definition),
    description: describeTrigger(definition.trigger),
    declared: declared && shown(declared, seesData),
    changed: [...changed],
    orphaned_at: orphanedAt === null ? null : toIso(orphanedAt),
    hears: shownHears(record),
    paused: pauseAt(pause, now),
    next_run_at: nextRunAt(record, now, state),
    last_run: state.lastRun,
    run_count: state.runs,
    skipped_count: state.skipped,
    version,
    created_at: toIso(createdAt),
    updated_at: toIso(updatedAt),
    by,
  }
}

const shown = ({ data, ...rest }: ScheduleDefinition, seesData: boolean) => ({ ...rest, ...(seesData ? { data } : {}) })

const pauseAt = (pause: Pause | null, now: number): Schedule['paused'] =>
  pause === null || (pause.until !== null && pause.until <= now)
    ? null
    : { ...pause, at: toIso(pause.at), until: pause.until === null ? null : toIso(pause.until) }

const nextRunAt = (record: ScheduleRecord, now: number, { runs }: RunState): string | null => {
  const { max_runs } = record.definition
  const next = max_runs !== null && runs >= max_runs ? undefined : nextPlanned(record, now)
  return next === undefined ? null : toIso(next.at)
}

/** A slot as it is told before it comes. */
export const timeOf = (record: Pick<ScheduleRecord, 'id' | 'definition'>, slot: number): ScheduleTime => {
  const zone = zoneOf(record.definition.trigger)
  const { jitter_ms } = record.definition
  return {
    at: toIso(slot),
    local: onTheWall(slot, zone),
    note: noteOf(slot, zone) ?? null,
    planned_at: toIso(plannedAt(record, slot)),
    latest_at: jitter_ms === 0 ? null : toIso(slot + spreadOf(record) + jitter_ms),
  }
}
