// The words other rooms share with jobs: instants, states, errors and how a job is addressed.
import { z } from 'zod'
import { ErrorClass } from '../retries/words.ts'

/** RFC 3339 in UTC with milliseconds. */
export const Instant = z.iso.datetime({ precision: 3 }).meta({ id: 'Instant', examples: ['2026-11-22T10:00:00.000Z'] })

export const JobState = z
  .enum([
    'waiting',
    'prioritized',
    'delayed',
    'parked',
    'active',
    'waiting_children',
    'completed',
    'failed',
    'cancelled',
    'expired',
    'skipped',
    'unknown',
  ])
  .meta({ id: 'JobState' })
export type JobState = z.output<typeof JobState>

export const JobError = z
  .object({
    name: z.string(),
    message: z.string(),
    code: z.string().optional(),
    class: ErrorClass,
    stack: z.string().optional(),
  })
  .meta({ id: 'JobError' })
export type JobError = z.output<typeof JobError>

/** Text that Redis, JSON, logs and screens can all carry: no NUL and no half of a surrogate pair. */
export const cleanText = (min: number, max: number) =>
  z
    .string()
    .min(min)
    .max(max)
    .refine((text) => !text.includes('\u0000') && text.isWellFormed(), 'must not hold NUL or broken Unicode')

export const ReasonText = cleanText(1, 500).describe('Why, for the history.')

/** `{queue}:{job id}`, or a bare id where it is the only one. The ids that other services give their jobs are anything
 *  they like (`invoice/2024/1`, `a@b.c`), and whoever sees such a job in a list may open and steer it. */
export const TaskId = z
  .string()
  .regex(/^[^\u0000-\u001f\u007f]{1,512}$/, 'must be 1 to 512 characters that can be seen')
  .describe('`{queue}:{id}`, or the bare id where only one queue has it.')
export const TaskParams = z.object({ task_id: TaskId })
/** Other services choose the names of their queues; BullMQ allows all but `:`. */
export const QueueName = z
  .string()
  .regex(/^[^:\u0000-\u001f\u007f]{1,256}$/, 'must be 1 to 256 characters, without `:`')
  .describe('The name of a queue.')
export const TaskQuery = z.strictObject({
  queue: QueueName.optional().describe('Settles a bare id that several queues have.'),
})

/** What JSON can say. `z.json()` would tell the document a schema that refers to itself, which generated clients cannot read. */
export type Json = string | number | boolean | null | Json[] | { [member: string]: Json }

const isJson = (value: unknown): boolean => {
  if (typeof value === 'object' && value !== null)
    return Object.getPrototypeOf(value) === Object.prototype || Array.isArray(value)
      ? Object.values(value).every(isJson)
      : false
  return value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value)
}

/** Any value of JSON. */
export const Json = z.unknown().refine(isJson, 'must be JSON') as unknown as z.ZodType<Json, Json>
