// Batches that are refused as a whole, before anything is done.
import { describe, expect, expectProblem, test } from '../fixtures.ts'
import type { Door } from '../fixtures.ts'

const send = (door: Door, body: unknown) => door.send('POST', '/api/v2/batch/operations', { body })
const job = { name: 'http.request', data: { url: 'http://example.com/' } }

describe('a batch with one mistake', () => {
  test.for([
    [{ op: 'explode', task_id: 'x' }, '#/operations/1/op', /retry, skip, trigger, cancel/],
    [{ op: 'retry' }, '#/operations/1/task_id', /./],
    [{ op: 'retry', task_id: 'x', why: 1 }, '#/operations/1/why', /not known/],
    [{ op: 'set_delay', task_id: 'x' }, '#/operations/1/delay_ms', /either/],
    [{ op: 'set_delay', task_id: 'x', run_at: '9999-01-01T00:00:00Z' }, '#/operations/1/run_at', /year/],
    [{ op: 'set_priority', task_id: 'x', priority: -1 }, '#/operations/1/priority', /./],
  ] as const)('is refused where the mistake is: %j', async ([wrong, pointer, says], { door }) => {
    const { id } = await door.client.jobs.create({ body: job })
    const problem = expectProblem(
      await send(door, { operations: [{ op: 'skip', task_id: id }, wrong] }),
      422,
      'validation-failed',
    )
    expect(problem['errors']).toEqual([
      expect.objectContaining({ pointer, detail: expect.stringMatching(says) as string }),
    ])
    expect(await door.client.jobs.show({ params: { task_id: id } })).toMatchObject({ state: 'waiting' })
  })

  test('of an event that k1n alone tells is refused', async ({ door }) => {
    const reply = await send(door, { operations: [{ op: 'trigger', event: 'job.failed' }] })
    expect(expectProblem(reply, 422, 'reserved-event-name')).toMatchObject({
      errors: [{ pointer: '#/operations/0/event' }],
    })
  })

  test('of its number says how more can be done', async ({ door }) => {
    const operations = Array.from({ length: 101 }, () => ({ op: 'retry', task_id: 'x' }))
    const problem = expectProblem(await send(door, { operations }), 422, 'validation-failed')
    expect(problem).toMatchObject({
      errors: [{ pointer: '#/operations', detail: expect.stringContaining('respond-async') as string }],
    })
    expectProblem(await send(door, { operations: [] }), 422, 'validation-failed')
  })
})
