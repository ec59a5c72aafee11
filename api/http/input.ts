// What a request brings, as its row says it must be: parameters, query and body.
import { z } from 'zod'
import type { Endpoint } from '../../shared/kernel/endpoint.ts'
import { checkEncoding, dropBody, readJson } from './body.ts'
import type { JsonBody } from './body.ts'
import type { Prepared } from './prepare.ts'
import { invalidBody, invalidParameters } from './problems.ts'
import { parseQuery } from './query.ts'
import type { Ctx } from './state.ts'

const BODY_LIMIT = 16_384
const unread = { raw: Buffer.alloc(0), value: undefined }
const emptyQuery = z.strictObject({})

export const parseParams = ({ params }: Prepared, ctx: Ctx): unknown => {
  if (!params) return undefined
  const result = params.safeParse(isDecodable(ctx.path) ? ctx.params : unreadable(ctx.params))
  if (!result.success) throw invalidParameters(result.error, 'path')
  return result.data
}

const isDecodable = (path: string): boolean => {
  if (!path.includes('%')) return true
  try {
    return decodeURIComponent(path) !== ''
  } catch {
    return false
  }
}

/** The router hands on as it is what it cannot decode; no schema of a parameter takes a NUL. */
const unreadable = (params: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(Object.keys(params).map((name) => [name, '\u0000']))

const nothing = {}
export const parseSearch = ({ query }: Prepared, ctx: Ctx): unknown => {
  const text = ctx.querystring
  if (!query) {
    if (text !== '') noQuery(text)
    return undefined
  }
  const result = query.safeParse(text === '' ? nothing : { ...parseQuery(text) })
  if (!result.success) throw invalidParameters(result.error, 'query')
  return result.data
}

/** A row without parameters refuses them all: a filter that is ignored silently is an accident. */
const noQuery = (text: string): void => {
  const result = emptyQuery.safeParse({ ...parseQuery(text) })
  if (!result.success) throw invalidParameters(result.error, 'query')
}

/** Throws at once, or rejects, where the body is none the row takes. */
export const readBody = (row: Endpoint, ctx: Ctx): JsonBody | Promise<JsonBody> => {
  if (row.rawBody) {
    checkEncoding(ctx.req.headers['content-encoding'])
    return unread
  }
  if (!row.body) {
    dropBody(ctx.req)
    return unread
  }
  return readJson(ctx.req, { limit: row.bodyLimit ?? BODY_LIMIT, optional: row.bodyOptional === true })
}

export const parseBody = ({ body }: Prepared, value: unknown): unknown => {
  if (!body) return undefined
  const result = body.safeParse(value)
  if (!result.success) throw invalidBody(result.error)
  return result.data
}
