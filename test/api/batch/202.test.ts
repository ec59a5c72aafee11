// Batches that go on as an operation.
import type { Operation } from '../../../shared/operations/words.ts'
import { expect, test } from '../fixtures.ts'

const path = '/api/v2/batch/operations'

test('a client that would rather not wait is told where the batch goes on', async ({ door }) => {
  const operations = Array.from({ length: 5_000 }, (_, n) => ({ op: 'retry', task_id: `mail:t_${n}` }))
  const reply = await door.send('POST', path, { body: { operations }, headers: { prefer: 'respond-async, wait=2' } })
  expect(reply).toMatchObject({ status: 202, json: { kind: 'batch', status: 'queued', progress: { total: 5_000 } } })
  const { id, links } = reply.json as Operation
  expect(reply.headers.get('preference-applied')).toBe('respond-async')
  expect(reply.headers.get('location')).toBe(`/api/v2/operations/${id}`)
  const results = await door.send('GET', links['results'] ?? '')
  expect(results).toMatchObject({ status: 200, json: { data: [] } })
})
