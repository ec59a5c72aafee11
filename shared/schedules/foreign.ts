// Job schedulers that other services made with BullMQ: listed, never touched unasked, and adopted when somebody says so.
import type { Principal } from '../auth/contract.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import type { Bull, WholeScheduler } from '../bullmq/bullmq.ts'
import type { Catalog } from '../catalog/kind.ts'
import { toIso } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { isProblem } from '../kernel/problem.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { adopt } from './adoption.ts'
import type { Adopted, Adopting, SchedulerAt } from './adoption.ts'
import type { ScheduleDefinition } from './definition.ts'
import { describeTrigger } from './describe.ts'
import { mustFit } from './fit.ts'
import { CannotAdopt, ForeignMissing } from './foreign-contract.ts'
import type { ForeignScheduler, ForeignSchedulers } from './foreign-contract.ts'
import { definitionOf, triggerOf } from './foreign-policy.ts'
import { createScheduleStore } from './store.ts'

export interface Foreign {
  list(principal: Principal, query: { queue?: readonly string[] | undefined }): Promise<ForeignSchedulers>
  /** Answers the schedule it has become. Problems: `foreign-scheduler-not-found`, `cannot-adopt`, `unknown-job-name`,
   *  `too-many-schedules`. */
  adopt(principal: Principal, from: SchedulerAt): Promise<Adopted>
}

export interface ForeignNeeds {
  readonly bull: Bull
  readonly catalog: Catalog
}

/** Schedulers in one answer. */
const LISTED_MAX = 500
/** Queues of ours that nobody else uses. */
const OURS = /^k1n-/

export const createForeign = (kernel: Kernel, { bull, catalog }: ForeignNeeds): Foreign => {
  const rowsOf = async (principal: Principal, queue: string, count: number): Promise<ForeignScheduler[]> => {
    const ids = await bull.schedulerIds(queue, count)
    const found = await bull.wholeSchedulers(queue, ids)
    return Promise.all([...found].map(([id, each]) => toRow({ bull, catalog, kernel }, principal, { queue, schedulerId: id }, each))) // prettier-ignore
  }
  const list: Foreign['list'] = async (principal, { queue: asked }) => {
    const queues = (await bull.current()).filter(
      (queue) => !OURS.test(queue) && allowsQueue(principal, queue) && (asked?.includes(queue) ?? true),
    )
    const counts = await bull.schedulerCounts(queues)
    const data: ForeignScheduler[] = []
    for (const [index, queue] of queues.entries())
      if ((counts[index] ?? 0) > 0 && data.length < LISTED_MAX)
        data.push(...(await rowsOf(principal, queue, LISTED_MAX - data.length)))
    return { data, truncated: counts.reduce((sum, count) => sum + count, 0) > LISTED_MAX }
  }
  const take: Foreign['adopt'] = async (principal, from) => {
    if (OURS.test(from.queue) || !allowsQueue(principal, from.queue) || !(await bull.exists(from.queue)))
      throw ForeignMissing(`There is no queue ${from.queue} with a job scheduler ${from.schedulerId}.`)
    if (kernel.settings.K1N_ATTACH === 'observe')
      throw CannotAdopt('K1N_ATTACH=observe leaves the queues of other services as they are; set it to `own` to adopt.')
    return adopt(createAdopting(kernel, { bull, catalog }, principal), from, principal.name)
  }
  return {
    list: (principal, query) => guardRedis(list(principal, query), 'read'),
    adopt: (principal, from) => guardRedis(take(principal, from)),
  }
}

/** What adopting needs, in the name of somebody. */
export const createAdopting = (
  kernel: Kernel,
  { bull, catalog }: ForeignNeeds,
  principal: Pick<Principal, 'queues'>,
): Adopting => ({
  kernel,
  bull,
  store: createScheduleStore(kernel),
  async definitionOf(from, scheduler) {
    const now = kernel.clock.now()
    const { value, why } = definitionOf(from.queue, from.schedulerId, scheduler, now)
    if (value === undefined) throw CannotAdopt(`The job scheduler ${from.schedulerId} ${why}.`)
    await mustFit({ bull, catalog }, principal, value, { now, isNew: false })
    return value
  },
})

const toRow = async (
  { bull, catalog, kernel }: ForeignNeeds & { kernel: Kernel },
  principal: Principal,
  from: SchedulerAt,
  scheduler: WholeScheduler,
): Promise<ForeignScheduler> => {
  const trigger = triggerOf(scheduler).value ?? null
  const why = await whyNot(createAdopting(kernel, { bull, catalog }, principal).definitionOf(from, scheduler))
  return {
    queue: from.queue,
    scheduler_id: from.schedulerId,
    job_name: scheduler.name ?? null,
    trigger,
    description: trigger && describeTrigger(trigger),
    timezone: scheduler.tz ?? null,
    next_run_at: Number.isFinite(scheduler.next) ? toIso(scheduler.next) : null,
    runs: scheduler.made,
    adoptable: why === null,
    why_not: why,
  }
}

const whyNot = async (definition: Promise<ScheduleDefinition>): Promise<string | null> => {
  try {
    await definition
    return null
  } catch (error) {
    if (!isProblem(error)) throw error
    const [first] = error.extras.errors ?? []
    return first?.pointer === undefined ? error.message : `${error.message} ${first.pointer}: ${first.detail}`
  }
}
