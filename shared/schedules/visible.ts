// Which schedules somebody may see and touch: those whose jobs go to queues they may use.
import type { Principal } from '../auth/contract.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import type { Catalog } from '../catalog/kind.ts'
import type { ScheduleRecord } from './definition.ts'
import { queueOf } from './queue.ts'

/** Keys that may use some queues only know the schedules of these. */
export const sees = (catalog: Catalog, principal: Pick<Principal, 'queues'>, { definition }: ScheduleRecord): boolean =>
  allowsQueue(principal, queueOf(catalog, definition))

/** The record, if the principal may see it. */
export const visible = (
  { catalog }: { readonly catalog: Catalog },
  principal: Principal,
  record: ScheduleRecord | undefined,
): ScheduleRecord | undefined => (record !== undefined && sees(catalog, principal, record) ? record : undefined)
