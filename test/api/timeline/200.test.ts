// The timeline over HTTP: notes that people put on it, what happened beside the runs, and counts.
import { joinSpans, packSpan, spansKey } from '../../../shared/timeline/spans.ts'
import { describe, expect, expectProblem, test } from '../fixtures.ts'

const path = '/api/v2/annotations'

describe('a note', () => {
  test('is put on the timeline, told among its marks, and taken off', async ({ door }) => {
    const at = new Date(Date.now() - 60_000).toISOString()
    const note = await door.client.timeline.annotate({ body: { text: 'Deployed 4f2a', at } })
    expect(note).toMatchObject({ text: 'Deployed 4f2a', at, author: 'admin' })
    expect((await door.client.timeline.annotations()).data).toEqual([note])
    const { marks, left_out } = await door.client.timeline.marks()
    expect(marks).toMatchObject([{ kind: 'note', id: note.id, text: 'Deployed 4f2a' }])
    expect(left_out).toEqual([])
    await door.client.timeline.removeAnnotation({ params: { annotation_id: note.id } })
    expectProblem(await door.send('DELETE', `${path}/${note.id}`), 404, 'annotation-not-found')
  })

  test('without words, or of tomorrow, is refused by the field', async ({ door }) => {
    expectProblem(await door.send('POST', path, { body: { text: '' } }), 422, 'validation-failed')
    const refused = await door.send('POST', path, { body: { text: 'Soon', at: '2099-01-01T00:00:00Z' } })
    expectProblem(refused, 422, 'validation-failed')
    expect(refused.json).toMatchObject({ errors: [{ pointer: '#/at' }] })
  })
})

test('403 resource-forbidden: notes, which may tell of any queue, are for those who may see all', async ({ door }) => {
  const { id } = await door.client.timeline.annotate({ body: { text: 'The mail of customer 7 is lost' } })
  const headers = { authorization: `Bearer ${await door.keyWith(['jobs:read', 'jobs:manage'], ['orders'])}` }
  expectProblem(await door.send('GET', path, { headers }), 403, 'resource-forbidden')
  expectProblem(await door.send('DELETE', `${path}/${id}`, { headers }), 403, 'resource-forbidden')
  expectProblem(await door.send('POST', path, { headers, body: { text: 'Mine' } }), 403, 'resource-forbidden')
  expect((await door.send('GET', '/api/v2/timeline/marks', { headers })).json).toMatchObject({
    marks: [],
    left_out: ['breaker', 'schedule', 'change', 'note'],
  })
  expect((await door.client.timeline.annotations()).data).toHaveLength(1)
})

test('cells of a window in which nothing ended are none', async ({ door }) => {
  expect(await door.client.timeline.cells()).toMatchObject({ step_ms: 15_000, queues: [], at: [], truncated: false })
})

test('runs are told as the document says, and as long as the reply says', async ({ door, kernel }) => {
  const at = kernel.clock.now()
  const run = {
    queue: 'mail',
    name: 'mail "x"',
    worker: 'w',
    wait: 3,
    state: 'failed' as const,
    priority: 3,
    backoff: 0,
  }
  const packed = [
    packSpan({ ...run, id: 'a\n"b"', start: at - 5_000, run: 40, attempt: 1 }),
    packSpan({ ...run, id: 'grüße', start: at - 4_000, run: 1, attempt: 2 }),
  ]
  await kernel.redis.xadd(spansKey(kernel, 'mail'), `${at - 3_000}-1`, 's', joinSpans(packed))
  const of = '/api/v2/timeline/spans?queue=mail'
  const told = await door.send('GET', of)
  expect(told.json).toMatchObject({ id: ['a\n"b"', 'grüße'], names: ['mail "x"'], start: [0, 1_000], run: [40, 1], attempt: [1, 2] }) // prettier-ignore
  expect(told.headers.get('content-type')).toBe('application/json; charset=utf-8')
  expect(told.headers.get('content-length')).toBe(String(Buffer.byteLength(told.text)))
  const version = { accept: 'application/vnd.k1n.v2+json' }
  const asked = await door.send('GET', of, { headers: version })
  expect(asked.headers.get('content-type')).toBe('application/vnd.k1n.v2+json')
})
