// Lists of operations and of their results, by cursor.
import type { z } from 'zod'
import { cursorSecret } from '../kernel/cursor-secret.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { decodeCursor, encodeCursor } from '../kernel/page.ts'
import type { Page } from '../kernel/page.ts'
import type { OperationResult, operations } from './contract.ts'
import type { OperationRecord } from './record.ts'
import type { OperationStore } from './store.ts'
import type { Operation } from './words.ts'

export type OperationsQuery = z.output<(typeof operations.list)['query']>
export type ResultsQuery = z.output<(typeof operations.results)['query']>

/** Operations looked at in one call, whatever the filters leave of them. */
const LOOK = 500
const STRETCH = 100

type Place = { at: number; id: string }

/** What somebody may see, and how. */
export interface Viewing {
  readonly maySee: (record: OperationRecord) => boolean
  readonly shown: (record: OperationRecord) => Operation
}

/** Newest first. Those that have gone since leave the list. */
export const listOperations = async (
  kernel: Kernel,
  store: OperationStore,
  { maySee, shown }: Viewing,
  { limit, cursor, ...filter }: OperationsQuery,
): Promise<Page<Operation>> => {
  const secret = cursorSecret(kernel)
  const found: { record: OperationRecord; place: Place }[] = []
  const fits = (record: OperationRecord): boolean =>
    maySee(record) &&
    (filter.status === undefined || filter.status.includes(record.status)) &&
    (filter.kind === undefined || filter.kind.includes(record.kind))
  let place = cursor === undefined ? undefined : decodeCursor<Place>(secret, cursor, filter)
  let looked = 0
  let isEnd = false
  while (found.length <= limit && looked < LOOK && !isEnd) {
    const stretch = Math.max(STRETCH, limit + 1 - found.length)
    const places = await store.newest(place, stretch)
    const records = await store.readMany(places.map(({ id }) => id))
    records.forEach((record, index) => {
      const at = places[index]
      if (record && at && fits(record)) found.push({ record, place: at })
    })
    looked += places.length
    place = places.at(-1) ?? place
    isEnd = places.length < stretch
  }
  const page = found.slice(0, limit)
  const next = found.length > limit ? page.at(-1)?.place : isEnd ? undefined : place
  return {
    data: page.map(({ record }) => shown(record)),
    page: pageInfo(limit, next && encodeCursor(secret, next, filter)),
    searched: { searched: looked, complete: found.length > limit || isEnd },
  }
}

/** In the order in which they came. */
export const listResults = async (
  kernel: Kernel,
  store: OperationStore,
  { id }: OperationRecord,
  { limit, cursor }: ResultsQuery,
): Promise<Page<OperationResult>> => {
  const secret = cursorSecret(kernel)
  const from = cursor === undefined ? 0 : decodeCursor<number>(secret, cursor, id)
  const rows = await store.results(id, from, limit + 1)
  const next = rows.length > limit ? encodeCursor(secret, from + limit, id) : undefined
  return { data: rows.slice(0, limit), page: pageInfo(limit, next) }
}

const pageInfo = (limit: number, next: string | undefined): Page<never>['page'] => ({
  limit,
  has_more: next !== undefined,
  next_cursor: next ?? null,
  prev_cursor: null,
})
