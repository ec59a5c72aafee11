// What a job scheduler of BullMQ says as a schedule says it, or why that cannot be said. Pure.
import type { WholeScheduler } from '../bullmq/bullmq.ts'
import { toIso } from '../kernel/clock.ts'
import { hashId } from '../kernel/ids.ts'
import { mistakesInTrigger } from './check.ts'
import { cronTimes } from './cron.ts'
import { ScheduleDefinition, ScheduleId } from './definition.ts'
import { hasPlaces } from './template.ts'
import { take } from './times.ts'
import { TimeTrigger } from './words.ts'

/** `why` is a half sentence about the scheduler. */
export type Said<Value> =
  | { readonly value: Value; readonly why?: never }
  | { readonly value?: never; readonly why: string }

const no = (why: string): { readonly why: string } => ({ why })

/** Its times, in words of ours. */
export const triggerOf = (scheduler: WholeScheduler): Said<TimeTrigger> => {
  const { pattern, every } = scheduler
  if (pattern !== undefined) return cronOf(scheduler, pattern)
  if (every === undefined) return no('says no times')
  const trigger = TimeTrigger.safeParse({ type: 'interval', every_ms: every, offset_ms: scheduler.next % every })
  return trigger.success
    ? { value: trigger.data }
    : no(`comes every ${every} ms, which is not between a second and 366 days`)
}

const cronOf = ({ tz, next }: WholeScheduler, pattern: string): Said<TimeTrigger> => {
  const trigger = TimeTrigger.safeParse({ type: 'cron', expression: pattern, timezone: tz ?? 'UTC' })
  if (!trigger.success) return no(`has the times ${pattern}, which cannot be said here`)
  const [mistake] = mistakesInTrigger(trigger.data, [])
  if (mistake !== undefined) return no(`has times that cannot be said here: ${mistake.detail}`)
  // Without a zone it goes by the clock of whatever machine its workers run on; its next time tells whether that is UTC.
  if (tz === undefined && take(cronTimes(pattern, 'UTC', next - 1), 1)[0] !== next)
    return no('names no time zone and does not go by UTC; give it its `tz` first')
  return { value: trigger.data }
}

/** All that it says. */
export const definitionOf = (
  queue: string,
  id: string,
  scheduler: WholeScheduler,
  now: number,
): Said<ScheduleDefinition> => {
  const { name, startDate, endDate, waits } = scheduler
  if (name === undefined) return no('is a repeatable job of BullMQ 4 or older')
  const trigger = triggerOf(scheduler)
  if (trigger.value === undefined) return trigger
  if (endDate !== undefined && endDate <= now) return no('has ended')
  const left = runsLeftOf(scheduler)
  if (left !== null && left < 1) return no('has made all its jobs')
  const data = parsed(scheduler.data)
  if (!isRecord(data)) return no('has a payload that is no object, or is longer than 64 KiB')
  const options = optionsOf(parsed(scheduler.opts))
  if (options.value === undefined) return options
  const definition = ScheduleDefinition.safeParse({
    ...{ name: id.slice(0, 128), job_name: name, queue, data, trigger: trigger.value, max_runs: left },
    start_at: startDate === undefined || startDate <= now || waits ? null : toIso(startDate),
    end_at: endDate === undefined ? null : toIso(endDate),
    job_options: options.value,
  })
  if (!definition.success) return no(`says what a schedule cannot: ${definition.error.issues[0]?.path.join('.') ?? ''} ${definition.error.issues[0]?.message ?? ''}`) // prettier-ignore
  if (hasPlaces(definition.data.data)) return no('has {{…}} in its payload, which a schedule would fill')
  return { value: definition.data }
}

/** The job of its next time is still to be made by the schedule where it is taken away, and not where it may run. */
const runsLeftOf = ({ limit, made, waits }: WholeScheduler): number | null =>
  limit === undefined ? null : limit - made + (waits ? 1 : 0)

/** What of BullMQ's options there is here too. Completed jobs are kept or not; so many of them, or for so long, cannot be said, and
 *  then they go: what nobody removes would grow for ever. */
const optionsOf = (opts: unknown): Said<Record<string, unknown>> => {
  if (!isRecord(opts)) return no('has options that cannot be read')
  const { attempts, priority, lifo, backoff, removeOnComplete } = opts
  if ([opts['de'], opts['deduplication'], opts['debounce']].some((each) => each !== undefined))
    return no('makes jobs one by `deduplication`, which its next time would stop at')
  const waits = backoffOf(backoff)
  if (waits.value === undefined) return waits
  const given = { attempts, priority, lifo: lifo === true ? true : undefined, ...waits.value }
  const goes = removeOnComplete !== undefined && removeOnComplete !== false
  const members = { ...given, remove_on_complete: goes ? true : undefined }
  return { value: Object.fromEntries(Object.entries(members).filter(([, member]) => member !== undefined)) }
}

const backoffOf = (backoff: unknown): Said<{ backoff?: Record<string, unknown> }> => {
  if (backoff === undefined || backoff === 0) return { value: {} }
  const policy = typeof backoff === 'number' ? { type: 'fixed', delay: backoff } : backoff
  if (!isRecord(policy) || (policy['type'] !== 'fixed' && policy['type'] !== 'exponential'))
    return no('waits between attempts as only its own workers know')
  return {
    value: { backoff: { type: policy['type'], delay_ms: policy['delay'], max_ms: MAX_WAIT_MS, jitter: 'none' } },
  }
}

const MAX_WAIT_MS = 86_400_000

/** The id of its schedule: its own, as far as it can be one. With `queue` one that no other scheduler gets. */
export const scheduleIdOf = (id: string, queue?: string): string => {
  const like = id
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]+/g, '-')
    .replaceAll(/^[.-]+|[.-]+$/g, '')
  const short = like.slice(0, 40).replace(/[.-]+$/, '')
  const own = queue === undefined ? like : `${short || 'adopted'}-${hashId(8, queue, id)}`.toLowerCase()
  return ScheduleId.safeParse(own).success && own !== 'new' ? own : scheduleIdOf(id, queue ?? '')
}

const parsed = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return undefined
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
