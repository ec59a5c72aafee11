// The words other rooms share with operations: what long work is called, where it stands, and how it is paced and tried.
import { z } from 'zod'
import { Instant } from '../jobs/words.ts'

export const OperationId = z
  .string()
  .regex(/^op_[0-9a-z]{16,64}$/, 'must be the id of an operation')
  .describe('`op_…`, as it was answered when the work was asked for.')

/** `partially_succeeded`: it went through all items, and some failed. */
export const OperationStatus = z
  .enum(['queued', 'running', 'paused', 'succeeded', 'partially_succeeded', 'failed', 'cancelled'])
  .meta({ id: 'OperationStatus' })
export type OperationStatus = z.output<typeof OperationStatus>

/** What a running operation is at: storing its items, applying a step of its trial, hearing how that fared, or the rest. */
export const OperationPhase = z.enum(['selecting', 'trying', 'waiting', 'applying']).meta({ id: 'OperationPhase' })
export type OperationPhase = z.output<typeof OperationPhase>

export const PacePerS = z.number().min(0.1).max(100_000).describe('Items a second.')

/** A trial: so many items first, and only when those fare well so many more, before the rest. */
export const Trial = z
  .strictObject({
    steps: z.array(z.int().min(1).max(500)).min(1).max(5).default([1, 10]).describe('Items of each step.'),
    wait_ms: z
      .int()
      .min(1_000)
      .max(3_600_000)
      .default(60_000)
      .describe('How long to wait for how a step fared; without a word the operation pauses.'),
  })
  .meta({ id: 'Trial' })
export type Trial = z.output<typeof Trial>

export const OperationProgress = z
  .object({
    total: z.int().nullable().describe('Null until all items are stored.'),
    done: z.int(),
    failed: z.int(),
    skipped: z.int().describe('Nothing was left to do for them.'),
    rate_per_s: z.number().nullable(),
    eta: Instant.nullable(),
  })
  .meta({ id: 'OperationProgress' })
export type OperationProgress = z.output<typeof OperationProgress>

const watchedCounts = {
  ended: z.int(),
  failed_again: z.int().describe('For the same reason as before.'),
  failed_otherwise: z.int().describe('For another reason.'),
}
/** How a step of a trial fared. */
export const StepResult = z.object({ until: z.int().describe('Items from the start to its end.'), ...watchedCounts })
export type StepResult = z.output<typeof StepResult>

/** How items fare by now that an operation was done to. */
export const OperationFates = z
  .object({
    operation_id: z.string(),
    fates: z
      .object({
        looked: z
          .int()
          .describe('Items that were looked at: all that were gone through, or at most 500 spread over them.'),
        of: z.int().describe('Items that were gone through.'),
        came_through: z.int(),
        ...{ failed_again: watchedCounts.failed_again, failed_otherwise: watchedCounts.failed_otherwise },
        failing: z.int().describe('An attempt failed; another one comes.'),
        pending: z.int().describe('They wait, or run for the first time.'),
        cancelled: z.int().describe('Somebody ended them, or the time in which they were to start was over.'),
        gone: z.int().describe('There is nothing of them any more: they were done and removed, or removed since.'),
        left: z.int().describe('It was not done to them, or something was done to them again since.'),
        badly: z
          .array(
            z.object({
              item: z.string(),
              task_id: z.string(),
              fate: z.enum(['failed_again', 'failed_otherwise', 'failing']),
            }),
          ) // prettier-ignore
          .max(20)
          .describe('The first of those that fare badly, as what they were and the jobs they are.'),
      })
      .nullable()
      .describe('Null where its kind does not tell how items fare, and once its items are not kept any more.'),
  })
  .meta({ id: 'OperationFates' })
export type OperationFates = z.output<typeof OperationFates>

export const Operation = z
  .object({
    id: z.string(),
    kind: z.string().describe('What is done to each item, such as `dlq.resubmit`.'),
    status: OperationStatus,
    reason: z.string().nullable().describe('Why it paused, failed or was cancelled.'),
    phase: OperationPhase.nullable(),
    requested: z.enum(['pause', 'cancel']).nullable().describe('Asked for and not yet so; it takes a second.'),
    asked_by: z.string(),
    params: z.record(z.string(), z.unknown()),
    progress: OperationProgress,
    pace_per_s: z.number().nullable().describe('Null while it goes as fast as it can.'),
    watched: z
      .object({ ...watchedCounts, steps: z.array(StepResult).max(5) })
      .nullable()
      .describe('How those fared that were looked at; null where nothing is watched.'),
    undoes: z.string().nullable().describe('The operation that this one takes back.'),
    undo_until: Instant.nullable(),
    created_at: Instant,
    started_at: Instant.nullable(),
    finished_at: Instant.nullable(),
    links: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Operation' })
export type Operation = z.output<typeof Operation>
