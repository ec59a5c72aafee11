// An operation as it is stored, and as it is shown.
import { toIso } from '../kernel/clock.ts'
import type { Asker } from './kind.ts'
import type { Operation, OperationPhase, OperationProgress, OperationStatus, StepResult } from './words.ts'

/** What never changes of an operation. */
export interface About {
  readonly id: string
  readonly kind: string
  readonly asker: Asker
  readonly params: Record<string, unknown>
  readonly createdAt: number
  readonly undoes: string | null
  /** How long after its end it may be taken back; null where it cannot. */
  readonly undoWithinMs: number | null
  readonly watches: boolean
  /** Its items can be asked how they fare; operations made before there was that lack it. */
  readonly follows?: boolean
}

/** So many runs that failed, or that ended with their process, without a step between them end an operation. */
export const TRIES_MAX = 10

export interface OperationRecord extends About {
  readonly status: OperationStatus
  readonly reason: string | null
  readonly phase: OperationPhase | null
  readonly wanted: 'pause' | 'cancel' | null
  readonly pace: number | null
  readonly total: number | null
  readonly done: number
  readonly failed: number
  readonly skipped: number
  /** Where the next item is: which slice of the selection, and how many of it were applied. */
  readonly chunk: number
  readonly offset: number
  /** Items up to here were found to fare well, or somebody wished to go on all the same. */
  readonly judged: number
  readonly watched: number
  readonly again: number
  readonly otherwise: number
  /** Results of the steps of its trial, as JSON; empty before the first. */
  readonly steps: string
  readonly rate: number | null
  readonly startedAt: number | null
  readonly finishedAt: number | null
  readonly undoUntil: number | null
  readonly lease: number
  readonly fence: number
  readonly wakes: number
  /** How often it was taken without getting on, up to `TRIES_MAX`. */
  readonly tries: number
}

const number = (text: string | undefined): number | null => (text === undefined || text === '' ? null : Number(text))

/** Reads a record; undefined when there is none. */
export const toRecord = (hash: Readonly<Record<string, string>>): OperationRecord | undefined => {
  const { about, status, phase, wanted, reason } = hash
  if (about === undefined || status === undefined) return undefined
  return {
    ...(JSON.parse(about) as About),
    status: status as OperationStatus,
    reason: reason || null,
    phase: (phase || null) as OperationPhase | null,
    wanted: (wanted || null) as OperationRecord['wanted'],
    pace: number(hash['pace']),
    total: number(hash['total']),
    done: number(hash['done']) ?? 0,
    failed: number(hash['failed']) ?? 0,
    skipped: number(hash['skipped']) ?? 0,
    chunk: number(hash['chunk']) ?? 0,
    offset: number(hash['offset']) ?? 0,
    judged: number(hash['judged']) ?? 0,
    watched: number(hash['watched']) ?? 0,
    again: number(hash['again']) ?? 0,
    otherwise: number(hash['otherwise']) ?? 0,
    steps: hash['steps'] ?? '',
    rate: number(hash['rate']),
    startedAt: number(hash['started']),
    finishedAt: number(hash['finished']),
    undoUntil: number(hash['undo_until']),
    lease: number(hash['lease']) ?? 0,
    fence: number(hash['fence']) ?? 0,
    wakes: number(hash['wakes']) ?? 0,
    tries: number(hash['tries']) ?? 0,
  }
}

/** Items that were gone through. */
export const processedOf = ({ done, failed, skipped }: Pick<OperationRecord, 'done' | 'failed' | 'skipped'>): number =>
  done + failed + skipped

export const isOver = ({ status }: Pick<OperationRecord, 'status'>): boolean =>
  status !== 'queued' && status !== 'running' && status !== 'paused'

export const progressOf = (record: OperationRecord, now: number): OperationProgress => {
  const { total, done, failed, skipped } = record
  const rate = record.status === 'running' && record.rate !== null && record.rate > 0 ? record.rate : null
  const left = total === null ? null : total - processedOf(record)
  return {
    ...{ total, done, failed, skipped },
    rate_per_s: rate,
    eta: rate === null || left === null ? null : toIso(Math.round(now + (left / rate) * 1_000)),
  }
}

/** What people see; the params that are `hidden` from them only by name. */
export const present = (record: OperationRecord, now: number, hidden: readonly string[] = []): Operation => {
  const { id, kind, status, reason, phase, wanted, asker, pace, undoes, undoUntil } = record
  const self = `/api/v2/operations/${id}`
  const canUndo = undoUntil !== null && undoUntil > now
  return {
    ...{ id, kind, status, reason, undoes },
    params: redacted(record.params, hidden),
    phase: status === 'running' ? phase : null,
    requested: wanted,
    asked_by: asker.name,
    progress: progressOf(record, now),
    pace_per_s: pace,
    watched: watchedOf(record),
    undo_until: canUndo ? toIso(undoUntil) : null,
    created_at: toIso(record.createdAt),
    started_at: record.startedAt === null ? null : toIso(record.startedAt),
    finished_at: record.finishedAt === null ? null : toIso(record.finishedAt),
    links: {
      ...{ self, results: `${self}/results` },
      ...(hasFates(record) && { fates: `${self}/fates` }),
      ...(canUndo && { undo: `${self}/undo` }),
    },
  }
}

/** Of one that ended the items are kept only where something was done to them. */
export const hasFates = (record: OperationRecord): boolean =>
  record.follows === true && (!isOver(record) || record.done > 0)

const watchedOf = (record: OperationRecord): Operation['watched'] => {
  const { watches, watched, again, otherwise } = record
  return watches ? { ended: watched, failed_again: again, failed_otherwise: otherwise, steps: stepsOf(record) } : null
}

export const stepsOf = ({ steps }: Pick<OperationRecord, 'steps'>): StepResult[] =>
  steps === '' ? [] : (JSON.parse(steps) as StepResult[])

const redacted = (params: Record<string, unknown>, hidden: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, hidden.includes(name) ? { redacted: true } : value]),
  )
