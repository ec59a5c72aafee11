// Operations as the API shows and steers them, from asking for one to its results.
import { describe, expect, expectProblem, test } from '../fixtures.ts'
import { bury, runOperation } from '../work.ts'

const filter = { queue: ['http'] }

describe('resubmitting many', () => {
  test('202, watched until it has ended, and once for one key', async ({ door }) => {
    const ids = await bury(door, 3)
    const path = '/api/v2/error-recovery/dlq/resubmit'
    const body = { filter, ladder: null, rate_per_s: 100 }
    const headers = { 'idempotency-key': 'once' }
    const preview = await door.send('POST', path, { body: { ...body, dry_run: true } })
    expect(preview).toMatchObject({ status: 200, json: { matched: 3, complete: true } })
    const asked = await door.send('POST', path, { body, headers })
    expect(asked).toMatchObject({ status: 202, json: { kind: 'dlq.resubmit', status: 'queued', pace_per_s: 100 } })
    const { id } = asked.json as { id: string }
    expect(asked.headers.get('location')).toBe(`/api/v2/operations/${id}`)
    // The reply is kept a moment after it was given; until then the key is told to be in use.
    let again = await door.send('POST', path, { body, headers })
    while (again.status === 409) again = await door.send('POST', path, { body, headers })
    expect(again.json).toMatchObject({ id })
    const shown = await door.send('GET', `/api/v2/operations/${id}`)
    expect(shown).toMatchObject({ status: 200, json: { status: 'queued' } })
    expect(shown.headers.get('retry-after')).toBe('1')
    await runOperation(door, id)
    const ended = await door.send('GET', `/api/v2/operations/${id}`)
    expect(ended.json).toMatchObject({ status: 'succeeded', progress: { total: 3, done: 3 } })
    expect(ended.headers.get('retry-after')).toBeNull()
    expect((await door.client.operations.results({ params: { operation_id: id } })).data).toEqual([])
    for (const task_id of ids)
      expect(await door.client.jobs.show({ params: { task_id } })).toMatchObject({ state: 'waiting' })
    const { data } = await door.client.operations.list({ query: { kind: ['dlq.resubmit'] } })
    expect(data.map((operation) => operation.id)).toEqual([id])
  })

  test('422: an empty filter, unless it says that it means all', async ({ door }) => {
    for (const path of ['resubmit', 'purge']) {
      const url = `/api/v2/error-recovery/dlq/${path}`
      expectProblem(await door.send('POST', url, { body: { filter: {} } }), 422, 'validation-failed')
      expect(await door.send('POST', url, { body: { filter: {}, all: true } })).toMatchObject({ status: 202 })
    }
  })
})

test('202: paused, paced, resumed, cancelled', async ({ door }) => {
  const asked = await door.client.dlq.resubmitMany({ body: { filter } })
  if (!('id' in asked)) throw new Error('it was a dry run')
  const params = { operation_id: asked.id }
  expect(await door.client.operations.pause({ params })).toMatchObject({ status: 'paused' })
  expect(await door.client.operations.pace({ params, body: { per_s: 5 } })).toMatchObject({ pace_per_s: 5 })
  expect(await door.client.operations.resume({ params })).toMatchObject({ status: 'queued' })
  expect(await door.client.operations.cancel({ params })).toMatchObject({ status: 'cancelled' })
  for (const verb of ['pause', 'resume', 'cancel'])
    expectProblem(await door.send('POST', `/api/v2/operations/${asked.id}/${verb}`), 409, 'operation-finished')
  expectProblem(await door.send('POST', `/api/v2/operations/${asked.id}/undo`), 409, 'operation-not-undoable')
})

test('404 and 410: no such operation, or not any more', async ({ door }) => {
  const old = `op_${'0'.repeat(12)}7${'a'.repeat(19)}`
  const none = `op_${'z'.repeat(32)}`
  expectProblem(await door.send('GET', `/api/v2/operations/${none}`), 404, 'operation-not-found')
  expectProblem(await door.send('GET', `/api/v2/operations/${old}`), 410, 'operation-expired')
  expectProblem(await door.send('GET', `/api/v2/operations/${none}/results`), 404, 'operation-not-found')
  expectProblem(await door.send('POST', `/api/v2/operations/${none}/cancel`), 404, 'operation-not-found')
})

describe('discarding', () => {
  test('204, and 200 when it is restored', async ({ door }) => {
    const [task] = await bury(door, 1)
    const [entry] = (await door.client.dlq.list({ query: { queue: ['http'] } })).data
    const path = `/api/v2/error-recovery/dlq/entries/${encodeURIComponent(entry?.id ?? '')}`
    expect(await door.send('DELETE', path)).toMatchObject({ status: 204 })
    expect((await door.client.dlq.list({ query: { queue: ['http'] } })).data).toEqual([])
    expectProblem(await door.send('DELETE', path), 404, 'task-not-found')
    expect(await door.client.dlq.restore({ params: { dlq_id: entry?.id ?? '' } })).toMatchObject({ task_id: task })
    expectProblem(await door.send('POST', `${path}/restore`), 404, 'task-not-found')
    await door.client.dlq.discard({ params: { dlq_id: entry?.id ?? '' } })
    await door.client.dlq.restore({ params: { dlq_id: entry?.id ?? '' } })
    await door.client.dlq.resubmit({ params: { dlq_id: entry?.id ?? '' } })
    expectProblem(await door.send('DELETE', path), 409, 'already-resubmitted')
  })

  test('of many, and taking it back', async ({ door }) => {
    await bury(door, 2)
    expect(await door.client.dlq.purge({ body: { filter, dry_run: true } })).toMatchObject({ matched: 2 })
    const asked = await door.client.dlq.purge({ body: { filter } })
    if (!('id' in asked)) throw new Error('it was a dry run')
    await runOperation(door, asked.id)
    expect((await door.client.dlq.list({ query: { queue: ['http'] } })).data).toEqual([])
    const undo = await door.client.operations.undo({ params: { operation_id: asked.id } })
    expect(undo).toMatchObject({ undoes: asked.id })
    await runOperation(door, undo.id)
    expect((await door.client.dlq.list({ query: { queue: ['http'] } })).data).toHaveLength(2)
  })
})

test('listeners hear how far an operation is, and see the list of all as it changes', async ({ door }) => {
  const { cursor } = await door.client.stream.poll({ query: { topics: 'operation:*' } })
  const asked = await door.client.dlq.resubmitMany({ body: { filter } })
  if (!('id' in asked)) throw new Error('it was a dry run')
  await runOperation(door, asked.id)
  const page = await door.client.stream.poll({ query: { topics: 'operation:*', after: cursor, wait: 5 } })
  expect(page.data).toMatchObject([
    { event: 'operation:finished', name: 'operation.finished', data: { operation_id: asked.id, status: 'succeeded' } },
  ])
  const seen = await door.client.stream.poll({ query: { topics: 'state:operations', wait: 5 } })
  expect(seen.data).toMatchObject([{ type: 'snapshot', rows: { [asked.id]: { status: 'succeeded' } } }])
  const key = await door.keyWith(['stream:read'])
  const refused = await door.send('GET', '/api/v2/stream/events?topics=state:operations', {
    headers: { authorization: `Bearer ${key}` },
  })
  expect(refused.status).toBe(400)
})
