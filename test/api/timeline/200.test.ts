// The timeline over HTTP: notes that people put on it, what happened beside the runs, and counts.
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
