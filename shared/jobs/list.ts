// Lists of jobs: a search by what stands in the query, all of whose members must fit.
import type { z } from 'zod'
import type { JobsQuery } from './contract.ts'
import type { JobsSearch, SearchTerm, SearchWhere } from './search-words.ts'

export type ListQuery = z.output<typeof JobsQuery>

const ANY_OF = ['queue', 'name', 'state', 'tag', 'service', 'error_class'] as const

/** The search that a query means. */
export const searchOf = ({ limit, cursor, sort, ...query }: ListQuery): JobsSearch => {
  const among = ANY_OF.flatMap((field): SearchTerm[] => {
    const value = query[field]
    return value === undefined ? [] : [{ field, op: 'in', value }]
  })
  const within = (['created_at', 'finished_at'] as const).flatMap((field) =>
    (['gte', 'lt'] as const).flatMap((op): SearchTerm[] => {
      const value = query[`${field}[${op}]`]
      return value === undefined ? [] : [{ field, op, value }]
    }),
  )
  const text: SearchTerm[] = query.q === undefined ? [] : [{ field: 'text', op: 'contains', value: query.q }]
  const and: SearchWhere[] = [...among, ...within, ...text]
  return { limit, sort, cursor, where: and.length === 0 ? undefined : { and } }
}
