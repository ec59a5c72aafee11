// A schedule, declared once in code: what sets it off and the job it makes.
import type { z } from 'zod'
import type { AnyKind, PayloadOf } from '../catalog/kind.ts'
import { fieldErrors } from '../kernel/mistakes.ts'
import { parseOnce } from '../kernel/parse-once.ts'
import type { FieldError } from '../kernel/problem.ts'
import { mistakesInTrigger, mistakesOnEvents } from './check.ts'
import { ScheduleDefinition, ScheduleId } from './definition.ts'
import { hasPlaces, mistakesInTemplate } from './template.ts'

export interface DeclaredSchedule {
  readonly id: string
  readonly definition: ScheduleDefinition
}

/** All schedules that an installation's code declares, by id. */
export type DeclaredSchedules = ReadonlyMap<string, DeclaredSchedule>

/** A job that workers of another service take. */
export interface ForeignJob {
  readonly name: string
  readonly queue: string
}

/** A payload, in which any member may be a place to fill, such as `{{slot.date}}`. */
export type Template<Payload> = { readonly [Member in keyof Payload]: Payload[Member] | `{{${string}}}` }

type DataFor<Job> = Job extends AnyKind ? Template<z.input<Job['payload']> & object> : ScheduleDefinition['data']

export interface ScheduleOptions<Job extends AnyKind | ForeignJob> extends Omit<
  z.input<typeof ScheduleDefinition>,
  'job_name' | 'queue' | 'data'
> {
  id: string
  /** A kind of job of the catalog, or the name and the queue of one that it does not know. */
  job: Job
  data?: DataFor<Job>
}

/** Declares a schedule. Throws a sentence that names it when something about it is not right. */
export const schedule = <Job extends AnyKind | ForeignJob>({
  id,
  job,
  ...rest
}: ScheduleOptions<Job>): DeclaredSchedule => {
  try {
    const named = isKind(job) ? { job_name: job.name } : { job_name: job.name, queue: job.queue }
    const definition = parseOnce(ScheduleDefinition, { ...rest, ...named })
    const [mistake] = mistakesIn(job, definition)
    if (mistake !== undefined) throw new Error(`${mistake.pointer ?? '#'}: ${mistake.detail}`)
    // As it comes back from Redis, so that the two can be compared.
    return { id: parseOnce(ScheduleId, id), definition: JSON.parse(JSON.stringify(definition)) as ScheduleDefinition }
  } catch (error) {
    throw new Error(`the schedule ${id} is not declared right: ${String(error)}`, { cause: error })
  }
}

/** Puts schedules together. Throws when two have one id. */
export const schedulesOf = (...schedules: DeclaredSchedule[]): DeclaredSchedules => {
  const ids = schedules.map(({ id }) => id)
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice !== undefined) throw new Error(`two schedules are called ${twice}`)
  return new Map(schedules.map((each) => [each.id, each]))
}

const isKind = (job: AnyKind | ForeignJob): job is AnyKind => 'payload' in job

const mistakesIn = (job: AnyKind | ForeignJob, definition: ScheduleDefinition): readonly FieldError[] => {
  const { trigger, data } = definition
  return [
    ...mistakesInTrigger(trigger, ['trigger']),
    ...mistakesOnEvents(definition),
    ...mistakesInTemplate(data, trigger, ['data']),
    ...(isKind(job) && !hasPlaces(data) ? mistakesInPayload(job, data) : []),
  ]
}

/** A template shows only when it is filled whether its kind takes it. */
const mistakesInPayload = ({ payload }: AnyKind, data: PayloadOf<AnyKind>): readonly FieldError[] => {
  const parsed = (payload as z.ZodType).safeParse(data)
  return parsed.success ? [] : fieldErrors(parsed.error, ['data'])
}
