// Keeps what wakes schedules to what the catalogue says: changes are acted on, lost and wrong ticks are made anew, ticks of
// schedules that are gone are removed. One process of the fleet does so; what it does is right whoever does it, and twice.
import { schedulerJobId } from '../bullmq/bullmq.ts'
import type { BullState, Scheduler } from '../bullmq/bullmq.ts'
import { scheduleTick } from '../catalog/schedule-tick.ts'
import { createLease } from '../kernel/lease.ts'
import type { Lease } from '../kernel/lease.ts'
import { isRedisDown } from '../kernel/redis.ts'
import { loop } from '../kernel/service.ts'
import type { Service } from '../kernel/service.ts'
import { subscribe } from '../kernel/subscriptions.ts'
import { finishAdoptions } from './adoption.ts'
import { carry } from './carry.ts'
import type { Carrying } from './carry.ts'
import type { ScheduleRecord } from './definition.ts'
import { forgotten } from './forgotten.ts'
import { createAdopting } from './foreign.ts'
import { trimHistory } from './history.ts'
import { scheduleKeys } from './keys.ts'
import { repetitionOf, tickId } from './ticks.ts'

const LEASE_MS = 10_000
const EVERY_MS = 3_000
const ROUNDS_PER_LOOK = 5
/** Schedules carried out, or armed, side by side. */
const AT_ONCE = 25
/** BullMQ's schedulers on the queue of ticks; the catalogue holds fewer. */
const SCHEDULERS_MAX = 20_000
/** A tick that has just fired is in no list for a moment. */
const AGAIN_MS = 250

export const createReconciler = (room: Carrying): Service => {
  const { kernel } = room
  const lease = createLease(kernel, kernel.key('schedules', 'reconciler'), LEASE_MS)
  const hear = (id: string): void => {
    if (lease.holds()) void carryAll(room, [id])
  }
  const running = loop('schedule reconciler', async (signal) => {
    for (let round = 0; !signal.aborted; round++) {
      await turn(room, lease, round, signal).catch((error: unknown) => {
        if (!isRedisDown(error)) kernel.log.warn('schedules could not be reconciled', { error })
      })
      await kernel.clock.sleep(EVERY_MS, signal)
    }
    await lease.release().catch(() => undefined)
  })
  let subscription: { stop(): void } | undefined
  return {
    ...running,
    async start() {
      subscription ??= subscribe(kernel, scheduleKeys(kernel).changed, hear)
      await running.start()
    },
    async stop() {
      subscription?.stop()
      subscription = undefined
      await running.stop()
    },
  }
}

/** What changed is looked for in every turn, lost ticks in some. */
const turn = async (room: Carrying, lease: Lease, round: number, signal: AbortSignal): Promise<void> => {
  if (!(await lease.acquire())) return
  await actOnChanges(room)
  await goOnAdopting(room)
  if (round % ROUNDS_PER_LOOK !== 0 || signal.aborted) return
  await mendTicks(room, signal)
  if (lease.holds()) await trimHistory(room.kernel)
}

/** An API that was killed while it adopted a scheduler leaves a schedule that rests. */
const goOnAdopting = async (room: Carrying): Promise<void> => {
  const adopting = createAdopting(room.kernel, room, { queues: ['*'] })
  await finishAdoptions(adopting, room.catalogue.all(), (id, error) => {
    room.kernel.log.warn('a job scheduler could not be adopted to its end', { id, error })
  })
}

/** Carries out every schedule that nobody has carried out as its record says now; answers which. */
export const actOnChanges = async ({ catalogue, state, ...room }: Carrying): Promise<string[]> => {
  const [records, heard] = await Promise.all([catalogue.look(), state.heard()])
  const news = [...records.values()].filter(({ id, version }) => heard.get(id) !== version).map(({ id }) => id)
  const gone = [...heard.keys()].filter((id) => !records.has(id))
  await carryAll({ ...room, catalogue, state }, [...news, ...gone])
  return [...news, ...gone]
}

const carryAll = async (room: Carrying, ids: readonly string[]): Promise<void> => {
  const failed = (id: string) => (error: unknown) => {
    room.kernel.log.warn('a schedule was not carried out', { id, error })
  }
  for (let first = 0; first < ids.length; first += AT_ONCE)
    await Promise.all(ids.slice(first, first + AT_ONCE).map((id) => carry(room, id).catch(failed(id))))
}

/** Makes anew what should wake a schedule and does not, and removes what wakes none; answers whose ticks were not right. */
export const mendTicks = async (room: Carrying, signal?: AbortSignal): Promise<string[]> => {
  const found = await carryForgotten(room)
  const suspects = await wrongOf(room, [...(await room.state.next()).keys()])
  if (suspects.length > 0) await room.kernel.clock.sleep(AGAIN_MS, signal)
  const wrong = await wrongOf(room, suspects)
  // What is stored may be as wrong as the tick: carrying a schedule out reckons its next slot anew, and decides those that passed.
  await carryAll(room, wrong)
  const next = await room.state.next()
  for (const id of wrong) {
    const record = room.catalogue.all().get(id)
    const slot = next.get(id)
    if (record !== undefined && slot !== undefined) await room.ticks.arm(record, slot)
  }
  if (wrong.length > 0)
    room.kernel.log.warn('ticks of schedules were lost and are made anew', { schedules: wrong.length })
  return [...new Set([...found, ...wrong, ...(await removeIdle(room))])]
}

/** Answers those that have a next slot again. Before they have, what wakes them would be taken for idle. */
const carryForgotten = async (room: Carrying): Promise<string[]> => {
  const ids = await forgotten(room, await room.state.next())
  if (ids.length === 0) return []
  await carryAll(room, ids)
  const next = await room.state.next()
  const found = ids.filter((id) => next.has(id))
  if (found.length > 0)
    room.kernel.log.warn('next slots of schedules were lost and are reckoned anew', { schedules: found.length })
  return found
}

/** Removes job schedulers that wake nobody; answers which. What armed one wrote its record and its next slot before. */
const removeIdle = async (room: Carrying): Promise<string[]> => {
  const { queue } = scheduleTick
  const ids = await room.bull.schedulerIds(queue, SCHEDULERS_MAX)
  await room.catalogue.look()
  const next = await room.state.next()
  const idle = ids.filter((id) => isIdle(room, next, id))
  for (const id of idle) await room.bull.queue(queue).removeJobScheduler(id)
  return idle
}

/** Whether a job scheduler on the queue of ticks wakes nobody. */
const isIdle = ({ catalogue }: Carrying, next: ReadonlyMap<string, number>, id: string): boolean => {
  const record = catalogue.all().get(id)
  return !next.has(id) || (record !== undefined && repetitionOf(record) === undefined)
}

/** Those of the schedules whose next slot nobody would be woken for. */
const wrongOf = async ({ bull, catalogue, state }: Carrying, ids: readonly string[]): Promise<string[]> => {
  const { queue } = scheduleTick
  const next = await state.next()
  const records = ids.flatMap((id) => (next.has(id) ? (catalogue.all().get(id) ?? []) : []))
  const schedulers = await bull.schedulers(queue, records.filter((record) => repetitionOf(record) !== undefined).map(({ id }) => id)) // prettier-ignore
  const tickOf = (record: ScheduleRecord): string => {
    const scheduler = schedulers.get(record.id)
    return scheduler === undefined
      ? tickId(record.id, next.get(record.id) ?? 0)
      : schedulerJobId(record.id, scheduler.next)
  }
  const states = await bull.stateOf(records.map((record) => ({ queue, id: tickOf(record) })))
  return records
    .filter((record, index) => !keepsTime(record, schedulers.get(record.id), states[index] ?? 'missing'))
    .map(({ id }) => id)
}

const alive: ReadonlySet<BullState> = new Set(['delayed', 'waiting', 'prioritized', 'active'])

/** Whether a schedule's tick is on its way, at the times that the record says. */
const keepsTime = (record: ScheduleRecord, scheduler: Scheduler | undefined, tick: BullState): boolean => {
  if (!alive.has(tick)) return false
  const { trigger } = record.definition
  if (trigger.type === 'cron') return scheduler?.pattern === trigger.expression && scheduler.tz === trigger.timezone
  if (trigger.type === 'interval')
    return scheduler?.every === trigger.every_ms && scheduler.next % trigger.every_ms === trigger.offset_ms
  return true
}
