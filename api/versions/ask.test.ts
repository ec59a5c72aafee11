// How far a page of an older version is walked to.
import { expect, test } from 'vitest'
import { SCOPES } from '../../shared/auth/contract.ts'
import type { Ctx } from '../http/state.ts'
import { answerOld } from './ask.ts'
import { find } from './adapter.ts'
import { v1 } from './v1/dialect.ts'

/** Asks for the last page there may be of a list that never ends, and counts the calls; the client goes away at one of them. */
const callsFor = async (rowsPerCall: number, leavesAt = Infinity): Promise<number> => {
  const found = find(v1.routes, 'GET', '/jobs')
  if (!found) throw new Error('version 1 has no list of jobs')
  const principal = { kind: 'key', id: 'k', name: 'k', scopes: SCOPES, queues: ['*'] }
  const res = { closed: false, getHeader: () => undefined, setHeader: () => undefined }
  const ctx = { querystring: 'page=100&limit=100', res, state: { identified: principal } } as unknown as Ctx
  let calls = 0
  const today = async (): Promise<void> => {
    res.closed = ++calls >= leavesAt
    ctx.status = 200
    ctx.body = JSON.stringify({ data: Array.from({ length: rowsPerCall }, () => job), page: { next_cursor: 'next' } })
  }
  await answerOld(today, ctx, v1, found)
  return calls
}
const job = { state: 'waiting', created_at: null, run_at: null, processed_at: null, finished_at: null }

test('to its end, and no further than sixty calls where they bring little', async () => {
  expect(await callsFor(200)).toBe(50)
  expect(await callsFor(1)).toBe(60)
})

test('no further once the client is gone', async () => {
  expect(await callsFor(200, 3)).toBe(3)
})
