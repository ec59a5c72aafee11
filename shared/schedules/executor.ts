// Carrying schedules out, put together: what a worker process needs for it.
import type { Principal } from '../auth/contract.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import type { Catalog } from '../catalog/kind.ts'
import { createJobs } from '../jobs/jobs.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createOneByOne } from '../kernel/one-by-one.ts'
import { isProblem } from '../kernel/problem.ts'
import type { Service } from '../kernel/service.ts'
import { EARLY_MS } from './carry-times.ts'
import { carry } from './carry.ts'
import type { Carrying } from './carry.ts'
import { createCatalogue } from './catalogue.ts'
import type { DeclaredSchedules } from './declare.ts'
import { createDeclaring } from './declaring.ts'
import { createScheduleState } from './state.ts'
import { createFollower } from './follow.ts'
import { createReconciler } from './reconcile.ts'
import { createScheduleStore } from './store.ts'
import { createTicks, slotOfTick } from './ticks.ts'
import { createScheduleWaker } from './waker.ts'

/** Who cancels jobs in the name of a schedule. */
const scheduler: Principal = { kind: 'key', id: 'k1n-schedules', name: 'k1n', scopes: [], queues: ['*'] }

export const createCarrying = (kernel: Kernel, bull: Bull, catalog: Catalog): Carrying => {
  const jobs = createJobs(kernel, { bull, catalog })
  return {
    ...{ kernel, bull, catalog, oneByOne: createOneByOne() },
    catalogue: createCatalogue(kernel, createScheduleStore(kernel)),
    state: createScheduleState(kernel),
    ticks: createTicks(kernel, bull),
    async cancel(address, reason) {
      await jobs.cancel(scheduler, address, reason).catch((error: unknown) => {
        // It has ended, or its worker cannot be told.
        if (!isProblem(error)) throw error
      })
    },
  }
}

/** What a tick came to. `earlyMs`: its slot is so far away that it must come again. */
export interface Ticked {
  readonly made: number
  readonly earlyMs: number
}

/** Carries out the schedule that a tick was made for; the tick's job id tells the slot. */
export const tick = async (room: Carrying, id: string, jobId: string): Promise<Ticked> => {
  const slot = slotOfTick(jobId) ?? 0
  const { made, now } = await carry(room, id, slot)
  const earlyMs = now > 0 && slot - now > EARLY_MS ? slot - now : 0
  return { made, earlyMs }
}

/** What runs in every worker process so that schedules fire, beside the handler of ticks. `declared` is what its code declares;
 *  a process that says nothing of that leaves those of others alone. */
export const createScheduleServices = (
  kernel: Kernel,
  bull: Bull,
  catalog: Catalog,
  declared?: DeclaredSchedules,
): Service[] => {
  const room = createCarrying(kernel, bull, catalog)
  const declaring = declared === undefined ? [] : [createDeclaring(room, declared)]
  return [createScheduleWaker(room), createReconciler(room), createFollower(room), ...declaring]
}
