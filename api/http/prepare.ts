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

/** How much a schema parses plainly before it is compiled: until that has cost about as much as compiling, which holds up the
 *  process for some ms. If it came sooner, a process with many routes that are asked little would be busy with it for its first
 *  minutes. */
const ENOUGH = 200
/** Members of a list that cost as much as all else of a small value. */
const MEMBERS = 10

/** What a plain parse costs; 1 is a small value. */
const costOf = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 1
  let members = 0
  for (const part of Object.values(value)) if (Array.isArray(part)) members += part.length
  return 1 + members / MEMBERS
}

/** Compiled where zod can, once it was used much or for much at once; every message stays the same as it falls back to the plain
 *  parser on a mistake. */
export const faster = (schema: z.ZodType | null | undefined): Parser | undefined => {
  if (!schema) return undefined
  let spent = 0
  let compiled: Parser | undefined
  return {
    safeParse(value) {
      if (compiled) return compiled.safeParse(value)
      spent += costOf(value)
      if (spent < ENOUGH) return schema.safeParse(value, { jitless: true })
      compiled = compile(schema)
      return compiled.safeParse(value)
    },
  }
}
