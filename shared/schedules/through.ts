// Which schedules make jobs that call a service: by their kind, or by what their payload is filled with at their next slot.
import type { z } from 'zod'
import type { Principal } from '../auth/contract.ts'
import { findKind } from '../catalog/catalog.ts'
import { toIso } from '../kernel/clock.ts'
import type { Carrying } from './carry.ts'
import type { ScheduleRecord } from './definition.ts'
import { isIdle } from './planned.ts'
import { queueOf } from './queue.ts'
import { render } from './template.ts'
import { visible } from './visible.ts'

export interface Through {
  readonly schedules: readonly {
    readonly id: string
    readonly name: string
    readonly job_name: string
    readonly queue: string
    readonly next_at: string | null
  }[]
  /** False where more payloads than are looked at would have had to be read. */
  readonly complete: boolean
}

/** Payloads that are filled and read in one call; of kinds that say one service for all none has to be. */
const PAYLOADS_MAX = 1_000

/** Those that are not paused and that the principal may see, the soonest first and those that wait for events last. */
export const through = async (room: Carrying, principal: Principal, service: string): Promise<Through> => {
  const [records, next] = await Promise.all([room.catalogue.look(), room.state.next()])
  const now = room.kernel.clock.now()
  let left = PAYLOADS_MAX
  const calls = (record: ScheduleRecord): boolean => {
    const kind = findKind(record.definition.job_name, room.catalog)
    if (kind?.choosesService !== true) return kind?.service === service
    if (left-- <= 0) return false
    const filled = fill(record, next.get(record.id) ?? now)
    const parsed = (kind.payload as z.ZodType).safeParse(filled)
    return parsed.success && kind.serviceOf(parsed.data) === service
  }
  const at = ({ id }: ScheduleRecord): number => next.get(id) ?? Number.POSITIVE_INFINITY
  const found = [...records.values()]
    .filter((record) => visible(room, principal, record) !== undefined && !isIdle(record, now))
    .sort((one, other) => at(one) - at(other) || (one.id < other.id ? -1 : 1))
    .filter(calls)
  return {
    schedules: found.map((record) => ({
      ...{ id: record.id, name: record.definition.name, job_name: record.definition.job_name },
      queue: queueOf(room.catalog, record.definition),
      next_at: next.has(record.id) ? toIso(at(record)) : null,
    })),
    complete: left >= 0,
  }
}

/** What an event would fill in is not known: such a place is empty, and the payload then often says no service. */
const fill = ({ id, definition: { data, trigger } }: ScheduleRecord, slot: number): unknown => {
  try {
    return render(data, { slot, schedule: { id, trigger } })
  } catch {
    return undefined
  }
}
