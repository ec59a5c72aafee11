// What wakes a schedule in time: BullMQ's job scheduler for times that repeat, a delayed job for those that are told one by one.
// Ticks decide nothing: one that is lost, late or too many changes no slot; see `carry.ts`.
import { schedulerJobId } from '../bullmq/bullmq.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { scheduleTick } from '../catalog/schedule-tick.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { ScheduleRecord } from './definition.ts'
import { take, timesOf } from './times.ts'

export interface Ticks {
  /** Sees to it that a schedule is woken at its next slot, and at those after it as far as BullMQ can tell them. */
  arm(record: ScheduleRecord, next: number): Promise<void>
  /** The same for a schedule that was woken: nothing to do where BullMQ goes on by itself. */
  goOn(record: ScheduleRecord, next: number): Promise<void>
  /** Nobody wakes it any more at `next`, or later. */
  disarm(id: string, next: number | undefined): Promise<void>
}

/** A tick's work is all in the state of its schedule, so nothing of it is kept. */
const OPTIONS = {
  attempts: scheduleTick.retry.attempts,
  backoff: { type: 'k1n' },
  removeOnComplete: true,
  removeOnFail: 100,
}

/** The job of one time. */
export const tickId = (id: string, slot: number): string => `tick-${id}-${slot}`

/** The slot that a tick was made for. */
export const slotOfTick = (jobId: string): number | undefined => {
  const slot = /[:-](\d{1,15})$/.exec(jobId)?.[1]
  return slot === undefined ? undefined : Number(slot)
}

export const createTicks = (kernel: Kernel, bull: Bull): Ticks => {
  const { name, queue } = scheduleTick
  const single = async (id: string, slot: number): Promise<void> => {
    const now = kernel.clock.now()
    const delay = Math.max(0, slot - now)
    await bull.add({
      ...{ name, queue, id: tickId(id, slot), data: JSON.stringify({ schedule_id: id }) },
      ...{ opts: { ...OPTIONS, ...(delay > 0 ? { delay } : {}) }, timestamp: now, delay, priority: 0, lifo: false },
    })
  }
  const disarm: Ticks['disarm'] = async (id, next) => {
    await bull.queue(queue).removeJobScheduler(id)
    if (next !== undefined) await bull.queue(queue).remove(tickId(id, next))
  }
  return {
    disarm,
    async arm(record, next) {
      const start = Math.max(kernel.clock.now(), next - 1 - START_MARGIN_MS)
      const times = repetitionOf(record, start)
      // BullMQ would keep to the old times where only part of them is new, or where now they are told one by one.
      await bull.queue(queue).removeJobScheduler(record.id)
      if (times === undefined) return single(record.id, next)
      // A tick that is left over would keep this time from getting another.
      await bull.queue(queue).remove(schedulerJobId(record.id, next))
      const template = { name, data: { schedule_id: record.id }, opts: OPTIONS }
      await bull.queue(queue).upsertJobScheduler(record.id, times, template)
    },
    async goOn(record, next) {
      if (repetitionOf(record) === undefined) await single(record.id, next)
    },
  }
}

/** The times as BullMQ's job schedulers tell them; undefined for those they do not know. */
export const repetitionOf = (
  { definition: { trigger, start_at } }: ScheduleRecord,
  now = 0,
): Repetition | undefined => {
  switch (trigger.type) {
    case 'cron':
      // BullMQ's first time lies strictly after the start.
      return {
        pattern: trigger.expression,
        tz: trigger.timezone,
        ...(start_at === null ? {} : { startDate: Date.parse(start_at) - 1 }),
      }
    case 'interval':
      // Without a start it would begin at once, and from one that has passed it would count all times from now.
      return { every: trigger.every_ms, startDate: firstOf(timesOf(trigger, now + START_MARGIN_MS)) }
    default:
      return undefined
  }
}

type Repetition = { pattern: string; tz: string; startDate?: number } | { every: number; startDate: number }

/** BullMQ takes the time itself a little later. */
const START_MARGIN_MS = 100

const firstOf = (times: Iterable<number>): number => take(times, 1)[0] ?? 0
