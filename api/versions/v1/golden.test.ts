// Version 1 by example: each file is a request of it, today's request, today's reply, and the reply of version 1.
import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { rowsOf } from '../../http/check.ts'
import { contract } from '../../../shared/contract.ts'
import { find } from '../adapter.ts'
import { NOTHING_YET, walkOn } from '../paging.ts'
import { answerOf, bodyOf, listAsked, nextQuery, pageOf } from '../translate.ts'
import type { Said } from '../translate.ts'
import { v1 } from './dialect.ts'

interface Request {
  method: string
  path: string
  query?: string
  body?: unknown
}
interface Golden {
  v1: { request: Request; reply: Said }
  v2: { request: Request; reply: Said }
}

const folder = new URL('./golden/', import.meta.url)
const files = readdirSync(folder)
const read = (file: string): Golden => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Golden
const goldens = files.map((file): [string, Golden] => [file.replace('.json', ''), read(file)])

const foundFor = ({ v1: { request } }: Golden) => {
  const found = find(v1.routes, request.method, request.path)
  if (!found) throw new Error(`version 1 has no route ${request.method} ${request.path}`)
  return found
}

/** What today is asked for a request of version 1. */
const asked = (golden: Golden): Request => {
  const { method, query = '', body } = golden.v1.request
  const { adapter, path } = foundFor(golden)
  const text = adapter.list ? nextQuery(adapter.list, listAsked(adapter.list, query), 0, undefined) : query
  return {
    method,
    path,
    ...(text === '' ? {} : { query: text }),
    ...(body === undefined ? {} : { body: bodyOf(adapter, body) }),
  }
}

interface Rows {
  data: unknown[]
  page?: { has_more: boolean }
}

/** What version 1 says where today says `reply`. */
const told = (golden: Golden, reply: Said): Said => {
  const { adapter } = foundFor(golden)
  if (!adapter.list) return answerOf(v1, adapter, reply)
  const { data, page } = reply.body as Rows
  const hasMore = page?.has_more ?? false
  const list = listAsked(adapter.list, golden.v1.request.query ?? '')
  return pageOf(v1, adapter, list, { walked: walkOn(list, NOTHING_YET, data), hasMore })
}

/** What is wrong with a reply. One that was written down lacks what replies got since. */
const mistakesIn = (schema: z.ZodType, body: unknown): unknown[] =>
  schema.safeParse(body).error?.issues.filter(({ path }) => memberAt(body, path) !== undefined) ?? []

const memberAt = (body: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce((at: unknown, name) => (at as Record<PropertyKey, unknown> | null | undefined)?.[name], body)

describe.each(goldens)('%s', (_name, golden) => {
  test('asks today for the same', () => {
    expect(asked(golden)).toEqual(golden.v2.request)
  })

  test('is a reply that today gives, but for members that came later', () => {
    const { status, body } = golden.v2.reply
    const schema = foundFor(golden).adapter.to.replies[status]
    if (status < 400) expect(schema ? mistakesIn(schema, body) : body).toEqual(schema ? [] : null)
  })

  test('is told in the words of version 1', () => {
    expect(told(golden, golden.v2.reply)).toEqual(golden.v1.reply)
  })

  test('is told all the same when every word in it is one that comes later', () => {
    const later = JSON.parse(
      JSON.stringify(golden.v2.reply.body, (_key, value: unknown) => (typeof value === 'string' ? 'later' : value)),
    ) as unknown
    expect(() => JSON.stringify(told(golden, { ...golden.v2.reply, body: later }))).not.toThrow()
  })
})

test('every route of version 1 has an example, and leads to a row of the contract', () => {
  const rows = new Set(rowsOf(contract).map(([, row]) => row))
  const shown = new Set(goldens.map(([, golden]) => foundFor(golden).adapter))
  for (const adapter of v1.routes) {
    expect([adapter.method, adapter.path, rows.has(adapter.to)]).toEqual([adapter.method, adapter.path, true])
    expect([adapter.method, adapter.path, shown.has(adapter)]).toEqual([adapter.method, adapter.path, true])
    expect(adapter.method).toBe(adapter.to.method)
  }
})
