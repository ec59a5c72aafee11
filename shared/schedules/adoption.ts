// Taking over a job scheduler of another service, so that each of its times comes once. First the schedule is written down with
// what it takes over and from which time on, and rests; then the scheduler is removed if it is still as it was read; then the
// schedule may fire. Whoever is cut off in between leaves nothing that comes twice, and the next who looks goes on.
import type { Bull, WholeScheduler } from '../bullmq/bullmq.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { TooManySchedules } from './contract.ts'
import type { Adoption, ScheduleDefinition, ScheduleRecord } from './definition.ts'
import type { ScheduleChange } from './events.ts'
import { CannotAdopt, ForeignMissing } from './foreign-contract.ts'
import { scheduleIdOf } from './foreign-policy.ts'
import { made } from './policy.ts'
import type { ScheduleDraft } from './policy.ts'
import { RECORDS_MAX } from './store.ts'
import type { ScheduleStore } from './store.ts'

export interface Adopting {
  readonly kernel: Pick<Kernel, 'clock'>
  readonly bull: Pick<Bull, 'wholeScheduler' | 'takeScheduler'>
  readonly store: ScheduleStore
  /** What the scheduler says as a schedule does. Throws when that cannot be said or may not be. */
  readonly definitionOf: (from: SchedulerAt, scheduler: WholeScheduler) => Promise<ScheduleDefinition>
}

/** Where a job scheduler is. */
export type SchedulerAt = Pick<Adoption, 'queue' | 'schedulerId'>

export interface Adopted {
  readonly id: string
  /** Whether it was not a schedule before. */
  readonly isNew: boolean
}

/** How often it is tried again when the scheduler's time comes meanwhile, or somebody else adopts it too. */
const TRIES = 10

/** Problems: `foreign-scheduler-not-found`, `cannot-adopt`, `too-many-schedules`, and those of `definitionOf`. */
export const adopt = async (adopting: Adopting, from: SchedulerAt, by: string): Promise<Adopted> => {
  let isNew = false
  for (let left = TRIES; left > 0; left--) {
    // In this order: what is written over is never newer than the scheduler it was decided by.
    const record = await recordOf(adopting, from)
    const scheduler = await adopting.bull.wholeScheduler(from.queue, from.schedulerId)
    if (scheduler === undefined) {
      if (record === undefined)
        throw ForeignMissing(`The queue ${from.queue} has no job scheduler ${from.schedulerId}.`)
      if (await finish(adopting, record, by)) return { id: record.id, isNew }
      continue
    }
    const begun = await begin(adopting, from, record, scheduler, by)
    isNew ||= begun && record === undefined
    if (begun) await adopting.bull.takeScheduler(from.queue, from.schedulerId, scheduler)
  }
  throw CannotAdopt(`The job scheduler ${from.schedulerId} keeps changing; try again.`)
}

/** Goes on with adoptions that were cut off; answers the ids of the schedules that may fire now. */
export const finishAdoptions = async (
  adopting: Adopting,
  records: ReadonlyMap<string, ScheduleRecord>,
  failed: (id: string, error: unknown) => void,
): Promise<string[]> => {
  const done: string[] = []
  for (const { id, adoption, by } of records.values())
    if (adoption?.underWay === true)
      await adopt(adopting, adoption, by).then(
        () => done.push(id),
        (error: unknown) => {
          failed(id, error)
        },
      )
  return done
}

/** The schedule that takes over, or took over, this scheduler; else one of the id that it would get and nobody has. */
const recordOf = async ({ store }: Adopting, from: SchedulerAt): Promise<ScheduleRecord | undefined> => {
  const found = await store.findMany(idsFor(from))
  return [...found.values()].find((each): each is ScheduleRecord => each !== 'unreadable' && takesOver(each, from))
}

const idsFor = ({ queue, schedulerId }: SchedulerAt): string[] => [
  ...new Set([scheduleIdOf(schedulerId), scheduleIdOf(schedulerId, queue)]),
]

const takesOver = ({ adoption }: ScheduleRecord, { queue, schedulerId }: SchedulerAt): boolean =>
  adoption?.queue === queue && adoption.schedulerId === schedulerId

/** Writes down what takes over from which time on. One that took it over before, and whose service made it again, stays as it is. */
const begin = async (
  adopting: Adopting,
  from: SchedulerAt,
  record: ScheduleRecord | undefined,
  scheduler: WholeScheduler,
  by: string,
): Promise<boolean> => {
  if (record?.adoption?.underWay === false) return true
  const id = record?.id ?? (await freeId(adopting, from))
  if (id === undefined) return false
  const definition = await adopting.definitionOf(from, scheduler)
  const draft = record ?? made(id, definition, { now: adopting.kernel.clock.now(), by })
  // A time whose job may run already is BullMQ's.
  const since = scheduler.waits ? scheduler.next : scheduler.next + 1
  const adoption = { ...from, underWay: true }
  return save(adopting, record, { ...draft, origin: 'adopted', definition, adoption, since }, by)
}

/** Undefined when somebody took the scheduler over since it was looked for. */
const freeId = async ({ store }: Adopting, from: SchedulerAt): Promise<string | undefined> => {
  const taken = await store.findMany(idsFor(from))
  if ([...taken.values()].some((each) => each !== 'unreadable' && takesOver(each, from))) return undefined
  const free = idsFor(from).find((id) => !taken.has(id))
  if (free === undefined)
    throw CannotAdopt(`There are schedules called ${idsFor(from).join(' and ')} already; delete one.`)
  return free
}

/** The scheduler is gone: the schedule may fire. */
const finish = async (adopting: Adopting, record: ScheduleRecord, by: string): Promise<boolean> => {
  if (record.adoption?.underWay !== true) return true
  return save(adopting, record, { ...record, adoption: { ...record.adoption, underWay: false } }, by)
}

const save = async (
  { kernel, store }: Adopting,
  before: ScheduleRecord | undefined,
  after: ScheduleDraft,
  by: string,
): Promise<boolean> => {
  const change: ScheduleChange = before === undefined ? 'created' : 'updated'
  const told = { schedule_id: after.id, queue: after.adoption?.queue ?? '', change, actor: by }
  const saved = await store.save(told, before?.version ?? 0, { ...after, updatedAt: kernel.clock.now(), by })
  if (saved === 'full')
    throw TooManySchedules(`${RECORDS_MAX} schedules are kept already; delete some that are not used.`)
  return saved !== 'changed'
}
