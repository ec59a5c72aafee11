// What a schedule is: what sets it off, what it makes, and what happens when things get in each other's way.
import { z } from 'zod'
import { JobName, JobOptions } from '../jobs/contract.ts'
import { Json, Instant, QueueName, cleanText } from '../jobs/words.ts'
import { Trigger } from './words.ts'

/** `_` parts a schedule from its slot in the ids of its jobs (`s_<schedule>_<slot>`), so it is in no schedule's id. */
export const ScheduleId = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?$/, 'must be 1 to 64 lower-case letters, digits, dots and dashes')
  .meta({ id: 'ScheduleId', examples: ['nightly-billing'] })

export const Overlap = z
  .enum(['allow', 'skip', 'queue_one', 'cancel_running'])
  .meta({ id: 'Overlap' })
  .describe(
    'When the job of an earlier slot has not ended: start beside it, skip the slot, start one when it ends, or cancel it first.',
  )
export const Misfire = z
  .enum(['skip', 'run_once', 'run_all'])
  .meta({ id: 'Misfire' })
  .describe(
    'What becomes of slots that nobody could carry out in time: none, the newest of them, or all up to `catchup_limit`.',
  )

/** All that is said of a schedule, by code or through the API. */
export const ScheduleDefinition = z
  .strictObject({
    name: cleanText(1, 128).describe('For people.'),
    job_name: JobName,
    queue: QueueName.optional().describe('May be left out for names in the catalog.'),
    data: z
      .record(z.string(), Json)
      .default({})
      .describe(
        'The payload. In its texts `{{slot.at}}`, `{{slot.date}}`, `{{slot.ms}}`, `{{schedule.id}}` and, of an event, ' +
          '`{{event.id}}`, `{{event.name}}` and `{{event.data.…}}` are replaced; a text that is nothing else takes the value itself.',
      ),
    trigger: Trigger,
    start_at: Instant.nullable().default(null).describe('No slot before this.'),
    end_at: Instant.nullable().default(null).describe('No slot after this.'),
    max_runs: z.int().min(1).max(1_000_000_000).nullable().default(null),
    jitter_ms: z
      .int()
      .min(0)
      .max(3_600_000)
      .default(0)
      .describe('Each slot starts up to so much later, another time each.'),
    spread_ms: z
      .int()
      .min(0)
      .max(86_400_000)
      .default(0)
      .describe(
        'All slots start later by a part of this that the id decides, so that schedules of one minute do not meet.',
      ),
    overlap: Overlap.default('allow'),
    misfire: Misfire.default('run_once'),
    grace_ms: z
      .int()
      .min(1_000)
      .max(86_400_000)
      .default(60_000)
      .describe('A slot that starts later than this is a misfire.'),
    catchup_limit: z
      .int()
      .min(1)
      .max(1_000)
      .default(100)
      .describe('Slots that `run_all` makes up for at most, the newest.'),
    job_options: JobOptions.omit({ delay_ms: true, run_at: true, dedup: true }).default({}),
    tags: z.array(cleanText(1, 64)).max(20).default([]),
  })
  .meta({ id: 'ScheduleDefinition' })
export type ScheduleDefinition = z.output<typeof ScheduleDefinition>

/** Nobody fires it until somebody resumes it, or until `until`. */
export interface Pause {
  readonly reason: string | null
  readonly by: string
  readonly at: number
  readonly until: number | null
}

/** The job scheduler of BullMQ that a schedule takes over. Until that is done, `underWay`, nobody fires the schedule. */
export interface Adoption {
  readonly queue: string
  readonly schedulerId: string
  readonly underWay: boolean
}

/** Slots from `since` to `until`, both included. Epoch ms. */
export interface Stretch {
  readonly since: number
  readonly until: number
}

/** A schedule as it is kept. `definition` is what holds: what code says with what operators changed over it. */
export interface ScheduleRecord {
  readonly id: string
  /** `code`: declared by the workers' code. `api`: made through the API. `adopted`: was a job scheduler of BullMQ that another service made. */
  readonly origin: 'code' | 'api' | 'adopted'
  readonly definition: ScheduleDefinition
  /** What code said last; null for what code never declared. */
  readonly declared: ScheduleDefinition | null
  /** Members that operators changed of what code declares; a deploy leaves them as they are. */
  readonly changed: readonly (keyof ScheduleDefinition)[]
  /** When it turned out that code declares it no more; nobody fires it since. */
  readonly orphanedAt: number | null
  readonly pause: Pause | null
  readonly adoption?: Adoption | undefined
  /** What it hears of while it waits for events: facts of which queues, as globs, and whether events from outside. Absent: everything,
   *  as what code says does. */
  readonly hears?: { readonly queues: readonly string[]; readonly outside: boolean } | undefined
  readonly createdAt: number
  readonly updatedAt: number
  readonly by: string
  /** Slots before this moment are none of this definition: it was made, resumed or given another trigger then. */
  readonly since: number
  /** The time before the rest that `since` ended: its slots were due, and nobody may have decided about the last of them. */
  readonly earlier?: Stretch | undefined
  /** Another one after each change. */
  readonly version: number
}
