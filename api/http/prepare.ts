// The schemas of a row, compiled once they are used much, and the path it is found at.
import { compile } from 'zod'
import type { z } from 'zod'
import type { Endpoint } from '../../shared/kernel/endpoint.ts'

/** The parts of a row made ready on its first request. */
export const prepare = (row: Endpoint) => ({
  params: faster(row.params),
  query: faster(row.query),
  body: faster(row.body),
  replies: new Map(Object.entries(row.replies).map(([status, schema]) => [Number(status), faster(schema)])),
})
export type Prepared = ReturnType<typeof prepare>

/** Where Koa finds a row: without the version, which negotiation has taken out of the path. */
export const templateOf = (row: Endpoint): string =>
  row.at === 'root' ? row.path : row.path === '/api' ? '/api' : `/api${row.path}`

type Parser = Pick<z.ZodType, 'safeParse'>

/** Parses of a schema before it is compiled: by then they have cost about as much as compiling does, which holds up the process for
 *  some ms. Sooner, a process with many routes that are asked little would be busy with it for its first minutes. */
const PLAIN_PARSES = 200
/** Members of one list from which on compiling costs less than a single plain parse. */
const LARGE = 2_000

const isLarge = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).some((part: unknown) => Array.isArray(part) && part.length >= LARGE)

/** Compiled where zod can, once it is used much or for much at once; every message stays the same as it falls back to the plain
 *  parser on a mistake. */
export const faster = (schema: z.ZodType | null | undefined): Parser | undefined => {
  if (!schema) return undefined
  let parses = 0
  let compiled: Parser | undefined
  return {
    safeParse(value) {
      if (compiled) return compiled.safeParse(value)
      if (++parses < PLAIN_PARSES && !isLarge(value)) return schema.safeParse(value, { jitless: true })
      compiled = compile(schema)
      return compiled.safeParse(value)
    },
  }
}
