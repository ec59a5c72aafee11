// Deliveries to one endpoint, by the time of their facts, newest first.
import type { z } from 'zod'
import type { Bull } from '../bullmq/bullmq.ts'
import { webhookDeliver } from '../catalog/webhook-deliver.ts'
import { cursorSecret } from '../kernel/cursor-secret.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { matchesName } from '../kernel/name-words.ts'
import { decodeCursor, encodeCursor } from '../kernel/page.ts'
import type { Page } from '../kernel/page.ts'
import type { DeliveryQuery } from './contract.ts'
import { jobId } from './id.ts'
import { behind } from './places.ts'
import type { Position } from './places.ts'
import { summarise } from './record.ts'
import type { DeliveryRecord } from './record.ts'
import type { DeliveryStore } from './store.ts'
import type { DeliverySummary } from './words.ts'

export type DeliveryQueryOutput = z.output<typeof DeliveryQuery>
type Filter = Omit<DeliveryQueryOutput, 'limit' | 'cursor'>

/** Deliveries looked at in one call, whatever the filters leave of them. */
const LOOK_MAX = 1_000
const STRETCH = 200

export const listDeliveries = async (
  kernel: Kernel,
  { bull, store }: { bull: Bull; store: DeliveryStore },
  webhookId: string,
  { limit, cursor, ...filter }: DeliveryQueryOutput,
): Promise<Page<DeliverySummary>> => {
  const secret = cursorSecret(kernel)
  const bound = { ...filter, webhookId }
  let at = cursor === undefined ? undefined : decodeCursor<Position>(secret, cursor, bound)
  const found: { row: DeliverySummary; at: Position }[] = []
  let looked = 0
  let isEnd = false
  while (found.length <= limit && looked < LOOK_MAX && !isEnd) {
    const range = {
      from: filter.from === undefined ? 0 : Date.parse(filter.from) * 1_000,
      to: at?.place ?? endOf(filter),
    }
    // Where all fit, one more than the page holds tells whether there are more.
    const count = isNarrow(filter) ? STRETCH : Math.min(STRETCH, limit + 1 - found.length)
    const places = await store.page(setOf(filter), webhookId, range, at?.skip ?? 0, count)
    const rows = await rowsOf(bull, await store.findBrief(places.map(({ key }) => key)))
    places.forEach((place, n) => {
      at = behind(at, place)
      const row = rows[n]
      if (row && fits(filter, row)) found.push({ row, at })
    })
    looked += places.length
    isEnd = places.length < count
  }
  const page = found.slice(0, limit)
  const next = found.length > limit ? page.at(-1)?.at : isEnd ? undefined : at
  return {
    data: page.map(({ row }) => row),
    page: {
      limit,
      has_more: next !== undefined,
      next_cursor: next === undefined ? null : encodeCursor(secret, next, bound),
      prev_cursor: null,
    },
    searched: { searched: looked, complete: found.length > limit || isEnd },
  }
}

const endOf = ({ to }: Filter): number => (to === undefined ? Infinity : Date.parse(to) * 1_000 - 1)

/** The smallest set that holds all that is asked for. */
const setOf = ({ status }: Filter): 'of' | 'lost' | 'open' => {
  if (status === undefined || status.length === 0) return 'of'
  if (status.every((each) => each === 'dead' || each === 'cancelled')) return 'lost'
  return status.every((each) => each === 'pending' || each === 'failed' || each === 'in_flight') ? 'open' : 'of'
}

/** Whether the filter can leave out some that lie in the time that is asked for. */
const isNarrow = ({ status, event_type: types }: Filter): boolean => status !== undefined || types !== undefined

const fits = ({ status, event_type: types }: Filter, row: DeliverySummary): boolean =>
  (status === undefined || status.includes(row.status)) &&
  (types === undefined || types.some((pattern) => matchesName(pattern, row.event_type)))

/** With those that are with a worker told so. */
const rowsOf = async (
  bull: Bull,
  records: readonly (DeliveryRecord | undefined)[],
): Promise<(DeliverySummary | undefined)[]> => {
  const open = records.flatMap((record) =>
    record?.status === 'pending' || record?.status === 'failed' ? record.key : [],
  )
  const states = await bull.stateOf(open.map((key) => ({ queue: webhookDeliver.queue, id: jobId(key) })))
  const running = new Set(open.filter((_key, n) => states[n] === 'active'))
  return records.map((record) => record && summarise(record, running.has(record.key)))
}
