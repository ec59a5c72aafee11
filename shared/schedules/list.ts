// Lists of schedules: which fit, and a page of them by id.
import type { z } from 'zod'
import type { Catalog } from '../catalog/kind.ts'
import { cursorSecret } from '../kernel/cursor-secret.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { decodeCursor, encodeCursor } from '../kernel/page.ts'
import type { Page } from '../kernel/page.ts'
import type { schedules } from './contract.ts'
import type { ScheduleRecord } from './definition.ts'
import { queueOf } from './queue.ts'
import { isIdle } from './planned.ts'

export type ScheduleQuery = z.output<typeof schedules.list.query>

/** The page of these records that a query asks for. */
export const pageOf = (
  kernel: Kernel,
  catalog: Catalog,
  all: readonly ScheduleRecord[],
  query: ScheduleQuery,
): { records: ScheduleRecord[]; page: Page<never>['page'] } => {
  const { limit, cursor, ...filter } = query
  const secret = cursorSecret(kernel)
  const marks = ['schedules', filter]
  const after = cursor === undefined ? '' : decodeCursor<string>(secret, cursor, marks)
  const fits = fitting(catalog, filter, kernel.clock.now())
  const left = all.filter((record) => record.id > after && fits(record)).sort((a, b) => (a.id < b.id ? -1 : 1))
  const records = left.slice(0, limit)
  const more = left.length > records.length
  const next = more ? encodeCursor(secret, records.at(-1)?.id, marks) : null
  return { records, page: { limit, has_more: more, next_cursor: next, prev_cursor: null } }
}

const fitting =
  (catalog: Catalog, { enabled, queue, tag, origin, q }: Omit<ScheduleQuery, 'limit' | 'cursor'>, now: number) =>
  (record: ScheduleRecord): boolean => {
    const { id, definition } = record
    const text = q?.toLowerCase()
    return (
      (enabled === undefined || (enabled === 'true') === !isIdle(record, now)) &&
      (queue?.includes(queueOf(catalog, definition)) ?? true) &&
      (tag?.some((one) => definition.tags.includes(one)) ?? true) &&
      (origin?.includes(record.origin) ?? true) &&
      (text === undefined || [id, definition.name, definition.job_name].some((one) => one.toLowerCase().includes(text)))
    )
  }
