// A request of an older version as one of today, and today's answer as one of the older version: pure, for one adapter.
import { z } from 'zod'
import { InvalidParameter, ValidationFailed } from '../../shared/kernel/problems.ts'
import { invalidParameters } from '../http/problems.ts'
import { parseQuery } from '../http/query.ts'
import type { Adapter, Listing } from './adapter.ts'
import type { Dialect } from './dialect.ts'
import { inTodaysNames, toToday } from './names.ts'
import { DEPTH_MAX, isInReach, numbered, pageShape, rowsToAsk } from './paging.ts'
import type { PageAsked, Walked } from './paging.ts'

/** A status and a body, of either side. */
export interface Said {
  status: number
  body: unknown
}

/** A body in today's names. Problem: `validation-failed` where a member came under today's name instead of its old one. */
export const bodyOf = ({ body: names }: Adapter, given: unknown): unknown => {
  if (!names) return given
  const mistaken = inTodaysNames(names, given)
  if (mistaken.length === 0) return toToday(names, given)
  const errors = mistaken.map(({ pointer, name }) => ({ pointer, code: 'unrecognized_keys', detail: misnamed(name) }))
  throw ValidationFailed('Members are called as in a later version.', { errors })
}

const misnamed = (name: string): string => `came as ${name}, its name in a later version`

/** What a list is asked for: the page, and the filters as today's list reads them. */
export interface ListAsked extends PageAsked {
  filters: [name: string, value: string][]
}

/** Problems: `invalid-parameter`. */
export const listAsked = ({ filters, query }: Listing, querystring: string): ListAsked => {
  const result = z.strictObject({ ...pageShape, ...filters }).safeParse({ ...parseQuery(querystring) })
  if (!result.success) throw invalidParameters(result.error, 'query')
  const { page, limit, ...rest } = result.data as PageAsked & Record<string, unknown>
  if (!isInReach({ page, limit })) throw tooDeep()
  const pairs = Object.entries(query(rest as never))
  return {
    page,
    limit,
    filters: pairs.flatMap(([name, values]) => values.map((value): [string, string] => [name, value])),
  }
}

const tooDeep = () => {
  const detail = `must be within the first ${DEPTH_MAX} rows`
  return InvalidParameter(`The page ${detail}; version 2 walks lists of any length.`, {
    errors: [{ parameter: 'page', in: 'query', code: 'too_big', detail }],
  })
}

/** The query of today's list that brings the next rows up to the end of the page. */
export const nextQuery = ({ isWhole }: Listing, asked: ListAsked, had: number, cursor: string | undefined): string => {
  if (isWhole) return ''
  const query = new URLSearchParams([...asked.filters, ['limit', String(rowsToAsk(asked, had))]])
  if (cursor !== undefined) query.set('cursor', cursor)
  return query.toString()
}

/** Today's answer in the older words. What has nothing to say still comes in its envelope, and so does what was too large to be
 *  kept for an `Idempotency-Key`; a refusal that was kept for one is not thrown again. */
export const answerOf = (dialect: Dialect, { answer, body: names }: Adapter, { status, body }: Said): Said =>
  status >= 400
    ? { status, body: dialect.failure(body as Record<string, unknown>, names) }
    : { status: status === 204 ? 200 : status, body: dialect.one(body === null ? null : answer(body as never)) }

/** One page in the older words. */
export const pageOf = (
  dialect: Dialect,
  { answer }: Adapter,
  asked: PageAsked,
  { walked, hasMore }: { walked: Walked; hasMore: boolean },
): Said => {
  const { rows, meta } = numbered(asked, walked, hasMore)
  const data = rows.map((row) => answer(row as never))
  return { status: 200, body: dialect.page(data, meta) }
}
