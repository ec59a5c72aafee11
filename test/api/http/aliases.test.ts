// Second spellings: whatever an endpoint answers under its first path, it answers under its others.
import { rowsOf } from '../../../api/http/check.ts'
import { contract } from '../../../shared/contract.ts'
import { spellingsOf } from '../../../shared/kernel/endpoint.ts'
import { documentPath } from '../../../shared/kernel/openapi.ts'
import { openapi } from '../openapi.ts'
import { kill } from '../work.ts'
import { describe, expect, expectProblem, test } from '../fixtures.ts'

const spelt = rowsOf(contract).filter(([, row]) => row.aliases !== undefined)
const at = (path: string): string => path.replace(/\{[a-z_]+\}/g, 'nothing:here')
const body = { name: 'http.request', data: { url: 'http://example.com/' } }

test('every endpoint of error recovery can be spelt without it', () => {
  const paths = Object.keys(openapi.paths).filter((path) => path.startsWith('/api/v2/error-recovery/'))
  expect(paths.length).toBeGreaterThan(4)
  const short = paths.map((path) =>
    path.replace('/error-recovery', '').replace(/^(\/api\/v2\/retry\/.+)\/retry$/, '$1/execute'),
  )
  expect(short.filter((path) => !(path in openapi.paths))).toEqual([])
})

describe.each(spelt)('%s', (_name, row) => {
  const [first, ...others] = spellingsOf(row).map((spelling) => at(documentPath(spelling)))

  test('is guarded alike, takes the same methods and refuses the others', async ({ door }) => {
    const refused = await door.send('PUT', first ?? '')
    expectProblem(refused, 405, 'method-not-allowed')
    for (const other of others) {
      const anonymous = await door.send(row.method, other, { headers: { authorization: undefined } })
      expectProblem(anonymous, 401, 'unauthenticated')
      const put = await door.send('PUT', other)
      expectProblem(put, 405, 'method-not-allowed')
      expect(put.headers.get('allow')).toBe(refused.headers.get('allow'))
    }
  })
})

test('one job, read by every spelling and without a version, is the same', async ({ door }) => {
  const { id } = await door.client.jobs.create({ body })
  await kill(door, 'http')
  const { data } = await door.client.dlq.list({ query: { queue: ['http'] } })
  const pairs = [
    [`/api/v2/error-recovery/retry/${id}`, `/api/v2/retry/${id}`, `/api/retry/${id}`],
    ['/api/v2/error-recovery/dlq/entries', '/api/v2/dlq/entries', '/api/dlq/entries'],
    [`/api/v2/error-recovery/dlq/entries/${data[0]?.id ?? ''}`, `/api/v2/dlq/entries/${data[0]?.id ?? ''}`],
  ]
  for (const [first = '', ...others] of pairs) {
    const { text } = await door.send('GET', first)
    for (const other of others) expect(await door.send('GET', other)).toMatchObject({ status: 200, text })
  }
})

test('a request repeated by another spelling is done once', async ({ door }) => {
  const { id } = await door.client.jobs.create({ body })
  await kill(door, 'http')
  const headers = { 'idempotency-key': 'once' }
  const first = await door.send('POST', `/api/v2/retry/${encodeURIComponent(id)}/execute`, { headers })
  expect(first).toMatchObject({ status: 202, json: { task_id: id } })
  const again = await door.send('POST', `/api/v2/error-recovery/retry/${encodeURIComponent(id)}/retry`, { headers })
  expect(again).toMatchObject({ status: 202, text: first.text })
  expect(again.headers.get('idempotency-replayed')).toBe('true')
})
