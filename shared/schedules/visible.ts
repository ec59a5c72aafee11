// Which schedules somebody may see and touch: those whose jobs go to queues they may use.
import type { Principal } from '../auth/contract.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import type { Catalog } from '../catalog/kind.ts'
import type { ScheduleRecord } from './definition.ts'
import { queueOf } from './make.ts'

/** The record, if the principal may see it. */
export const visible = (
  { catalog }: { readonly catalog: Catalog },
  principal: Principal,
  record: ScheduleRecord | undefined,
): ScheduleRecord | undefined => {
  if (record === undefined) return undefined
  const queue = queueOf(catalog, record)
  if (queue === undefined) return principal.queues.includes('*') ? record : undefined
  return allowsQueue(principal, queue) ? record : undefined
}
