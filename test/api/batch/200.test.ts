// Batches that are answered at once.
import type { BatchAnswer } from '../../../shared/batch/contract.ts'
import { describe, expect, test } from '../fixtures.ts'
import type { Reply } from '../fixtures.ts'

const body = { name: 'http.request', data: { url: 'http://example.com/' } }
const path = '/api/v2/batch/operations'
const answer = ({ json }: Reply): BatchAnswer => json as BatchAnswer

describe('a batch', () => {
  test('is answered with one result for each operation, in order', async ({ door }) => {
    for (const id of ['task-1', 'task-2'])
      await door.client.jobs.create({ body: { ...body, id, options: { delay_ms: 60_000 } } })
    const reply = await door.send('POST', path, {
      body: {
        operations: [
          { op: 'retry', task_id: 'task-1' },
          { op: 'skip', task_id: 'task-2' },
          { op: 'trigger', event: 'webhook.received' },
          { op: 'trigger', event: 'invoice.paid' },
          { op: 'retry', task_id: 'nobody' },
        ],
      },
    })
    expect(reply).toMatchObject({ status: 200 })
    expect(answer(reply).results.map(({ status }) => status)).toEqual([202, 200, 202, 202, 404])
    expect(answer(reply).summary).toEqual({ total: 5, succeeded: 4, failed: 1, skipped: 0 })
    expect(await door.client.jobs.show({ params: { task_id: 'task-2' } })).toMatchObject({ state: 'skipped' })
  })

  test('with a key is answered again as it was', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body })
    const send = () =>
      door.send('POST', path, {
        body: { operations: [{ op: 'skip', task_id: id }] },
        headers: { 'idempotency-key': 'again' },
      })
    const [first, second] = [await send(), await send()]
    expect(second.json).toEqual(first.json)
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect(answer(second).results[0]).toMatchObject({ status: 200 })
  })

  test('fails only in those operations whose scope is lacking', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body })
    const key = await door.keyWith(['batch:write', 'jobs:manage'])
    const reply = await door.send('POST', path, {
      body: {
        operations: [
          { op: 'trigger', event: 'invoice.paid' },
          { op: 'skip', task_id: id },
        ],
      },
      headers: { authorization: `Bearer ${key}` },
    })
    expect(answer(reply).results).toMatchObject([
      { status: 403, problem: { code: 'insufficient-scope', needed: 'events:write' } },
      { status: 200 },
    ])
  })

  test('of a dry run changes nothing', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body })
    const operations = [{ op: 'skip', task_id: id }]
    const reply = await door.send('POST', path, { body: { operations, dry_run: true } })
    expect(answer(reply).results).toMatchObject([{ status: 200, data: { state: 'skipped' } }])
    expect(await door.client.jobs.show({ params: { task_id: id } })).toMatchObject({ state: 'waiting' })
  })
})
