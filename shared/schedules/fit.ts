// Whether a definition can be carried out here: what its schema cannot tell, each mistake by its member.
import type { z } from 'zod'
import type { Principal } from '../auth/contract.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { findKind, namesOf } from '../catalog/catalog.ts'
import type { AnyKind, Catalog } from '../catalog/kind.ts'
import { storedOptions } from '../jobs/options.ts'
import { UnknownJobName } from '../jobs/problems.ts'
import { toIso } from '../kernel/clock.ts'
import { fieldErrors } from '../kernel/mistakes.ts'
import { isProblem } from '../kernel/problem.ts'
import type { FieldError } from '../kernel/problem.ts'
import { ValidationFailed } from '../kernel/problems.ts'
import { mistakesInTrigger, mistakesOnEvents } from './check.ts'
import type { ScheduleDefinition } from './definition.ts'
import { isTimed, slotsAfter } from './planned.ts'
import { hasPlaces, mistakesInTemplate } from './template.ts'
import { take, timesOf } from './times.ts'

export interface Fitting {
  readonly bull: Pick<Bull, 'isOwn' | 'exists'>
  readonly catalog: Catalog
}

/** Throws `unknown-job-name` or `validation-failed` with every mistake. `isNew` tells whether it is to come from now on, and so
 *  must have a time to come. */
export const mustFit = async (
  { bull, catalog }: Fitting,
  principal: Pick<Principal, 'queues'>,
  definition: ScheduleDefinition,
  { now, isNew }: { now: number; isNew: boolean },
): Promise<void> => {
  const kind = findKind(definition.job_name, catalog)
  await mustHaveQueue({ bull, catalog }, principal, kind, definition)
  const inTrigger = mistakesInTrigger(definition.trigger, ['trigger'])
  const errors = [
    ...inTrigger,
    ...(inTrigger.length > 0 ? [] : mistakesInTimes(definition, now, isNew)),
    ...mistakesOnEvents(definition),
    ...mistakesInPayload(kind, definition),
    ...mistakesInOptions(kind, definition, now),
  ]
  if (errors.length === 0) return
  throw ValidationFailed(`${errors.length} ${errors.length === 1 ? 'field is' : 'fields are'} not valid.`, { errors })
}

const mustHaveQueue = async (
  { bull, catalog }: Fitting,
  principal: Pick<Principal, 'queues'>,
  kind: AnyKind | undefined,
  { job_name, queue = kind?.queue }: ScheduleDefinition,
): Promise<void> => {
  if (kind?.isOurs) throw unknown(`k1n itself adds what is called ${job_name}`, catalog)
  if (kind && queue !== kind.queue)
    throw ValidationFailed('1 field is not valid.', {
      errors: [
        { pointer: '#/queue', code: 'custom', detail: `must be ${kind.queue}, where ${job_name} runs, or left out` },
      ],
    })
  if (queue === undefined)
    throw unknown(`No handler here is called ${job_name}. Give the \`queue\` whose workers take it`, catalog)
  if (!allowsQueue(principal, queue)) throw unknown(`There is no queue ${queue} that takes ${job_name}`, catalog)
  if (kind) return
  if (bull.isOwn(queue)) throw unknown(`The workers of ${queue} have no handler called ${job_name}`, catalog)
  if (!(await bull.exists(queue)))
    throw unknown(`There is no queue ${queue} yet. Start its worker or add a first job with BullMQ itself`, catalog)
}

const unknown = (what: string, catalog: Catalog): Error =>
  UnknownJobName(`${what}, or use a name this installation knows: ${namesOf(catalog).join(', ')}.`, {
    errors: [{ pointer: '#/job_name', code: 'unknown-job-name', detail: 'is not known here' }],
  })

const mistakesInTimes = (definition: ScheduleDefinition, now: number, isNew: boolean): FieldError[] => {
  const { trigger, start_at, end_at } = definition
  if (start_at !== null && end_at !== null && Date.parse(end_at) <= Date.parse(start_at))
    return [{ pointer: '#/end_at', code: 'end-before-start', detail: 'must be after start_at' }]
  const mistakes = isTimed(trigger) ? mistakesInJitter(definition, now) : []
  if (!isNew) return mistakes
  if (end_at !== null && Date.parse(end_at) <= now)
    return [...mistakes, { pointer: '#/end_at', code: 'never-fires', detail: `is over; it is ${toIso(now)} now` }]
  if (!isTimed(trigger) || take(slotsAfter(definition, now), 1).length > 0) return mistakes
  const pointer = trigger.type === 'once' ? '#/trigger/run_at' : '#/trigger'
  return [...mistakes, { pointer, code: 'never-fires', detail: `has no time to come between start and end; it is ${toIso(now)} now` }] // prettier-ignore
}

/** Slots seen to find the shortest pause between two. */
const SEEN = 8

/** With a jitter as long as the pause between two slots the later could start before the earlier; and where jobs may not run
 *  beside one another, each must start before it is decided about the next. */
const mistakesInJitter = (definition: ScheduleDefinition, now: number): FieldError[] => {
  const { trigger, jitter_ms, spread_ms, overlap } = definition
  const putOff = jitter_ms + (overlap === 'allow' ? 0 : spread_ms)
  if (putOff === 0 || !isTimed(trigger)) return []
  const slots = take(timesOf(trigger, now), SEEN)
  const shortest = Math.min(...slots.slice(1).map((slot, index) => slot - (slots[index] ?? 0)))
  const than = `must be less than the ${shortest} ms between two slots`
  if (jitter_ms >= shortest) return [{ pointer: '#/jitter_ms', code: 'jitter-too-long', detail: than }]
  if (putOff < shortest) return []
  const detail = `${than}, jitter included, unless \`overlap\` is \`allow\``
  return [{ pointer: '#/spread_ms', code: 'spread-too-long', detail }]
}

const mistakesInPayload = (kind: AnyKind | undefined, { data, trigger }: ScheduleDefinition): FieldError[] => {
  const places = mistakesInTemplate(data, trigger, ['data'])
  // What is filled in is checked when it is filled in.
  if (places.length > 0 || kind === undefined || hasPlaces(data)) return places
  const parsed = (kind.payload as z.ZodType).safeParse(data)
  return parsed.success ? [] : fieldErrors(parsed.error, ['data'])
}

/** The rules of jobs hold for those of schedules too. */
const mistakesInOptions = (
  kind: AnyKind | undefined,
  { job_name: name, job_options: options }: ScheduleDefinition,
  now: number,
): FieldError[] => {
  try {
    storedOptions(kind, { name, options }, undefined, { by: '' }, now)
    return []
  } catch (error) {
    if (!isProblem(error)) throw error
    return (error.extras.errors ?? []).map(({ pointer = '#', ...rest }) => ({
      ...rest,
      pointer: pointer.replace(/^#\/options/, '#/job_options'),
    }))
  }
}
