// The schemas of a row, compiled ahead, and the path it is found at.
import { compile } from 'zod'
import type { z } from 'zod'
import type { Endpoint } from '../../shared/kernel/endpoint.ts'

/** The parts of a row made ready on its first request: compiling all of them would hold up the start. */
export const prepare = (row: Endpoint) => ({
  params: faster(row.params),
  query: faster(row.query),
  body: faster(row.body),
  replies: new Map(
    Object.entries(row.replies).map(([status, schema]) => [Number(status), faster(schema ?? undefined)]),
  ),
})
export type Prepared = ReturnType<typeof prepare>

/** Where Koa finds a row: without the version, which negotiation has taken out of the path. */
export const templateOf = (row: Endpoint): string =>
  row.at === 'root' ? row.path : row.path === '/api' ? '/api' : `/api${row.path}`

/** Compiled ahead where zod can; every message stays the same as it falls back to the plain parser on a mistake. */
const faster = <Schema extends z.ZodType>(schema: Schema | undefined): Schema | undefined =>
  schema ? compile(schema) : undefined
