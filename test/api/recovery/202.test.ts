// Retries and dead letters that get another life.
import { createRetries } from '../../../shared/retries/retries.ts'
import { assemble } from '../../../shared/rooms.ts'
import { describe, expect, expectProblem, openDoor, test } from '../fixtures.ts'
import { kill } from '../work.ts'

const body = { name: 'http.request', data: { url: 'http://example.com/' } }

describe('a dead job', () => {
  test('shows every attempt, is listed as a dead letter, and lives again', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body })
    await kill(door, 'http')
    const state = await door.client.retries.show({ params: { task_id: id } })
    expect(state).toMatchObject({ state: 'failed', attempts_made: 1, last_error: { message: 'the mailbox is gone' } })
    const { data } = await door.client.dlq.list({ query: { queue: ['http'], q: 'mailbox' } })
    expect(data).toMatchObject([
      { task_id: id, queue: 'http', status: 'open', error: { message: 'the mailbox is gone' } },
    ])
    const entry = await door.client.dlq.show({ params: { dlq_id: data[0]?.id ?? '' } })
    expect(entry).toMatchObject({ data: body.data })
    const reply = await door.send('POST', `/api/v2/error-recovery/dlq/${entry.id}/resubmit`)
    expect(reply).toMatchObject({ status: 202, json: { task_id: id, queue: 'http' } })
    expect(reply.headers.get('location')).toContain(encodeURIComponent(id))
    expectProblem(
      await door.send('POST', `/api/v2/error-recovery/dlq/${entry.id}/resubmit`),
      409,
      'already-resubmitted',
    )
  })

  test('takes a changed payload along', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body })
    await kill(door, 'http')
    await door.client.dlq.resubmit({
      params: { dlq_id: id },
      body: { data_patch: { url: 'http://example.com/right' } },
    })
    expect(await door.client.jobs.show({ params: { task_id: id } })).toMatchObject({
      data: { url: 'http://example.com/right' },
    })
  })

  test('is tried again', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body })
    await kill(door, 'http')
    expect(
      await door.send('POST', `/api/v2/error-recovery/retry/${id}/retry`, { body: { reset_attempts: true } }),
    ).toMatchObject({ status: 202, json: { task_id: id } })
  })
})

test('404: nothing there', async ({ door }) => {
  expectProblem(await door.send('GET', '/api/v2/error-recovery/retry/http:none'), 404, 'task-not-found')
  expectProblem(await door.send('POST', '/api/v2/error-recovery/retry/http:none/retry'), 404, 'task-not-found')
  expectProblem(await door.send('GET', '/api/v2/error-recovery/dlq/entries/http:none~abc'), 404, 'task-not-found')
  expectProblem(await door.send('POST', '/api/v2/error-recovery/dlq/http:none~abc/resubmit'), 404, 'task-not-found')
})

test('409: retrying what calls a service that is down, unless forced', async ({ kernel }) => {
  const rooms = assemble(kernel)
  const retries = createRetries(kernel, {
    ...rooms,
    history: rooms.attempts,
    circuitOf: async () => ({ state: 'open', retryAfterMs: 17_500 }),
  })
  const door = await openDoor(kernel, { rooms: { ...rooms, retries } })
  const { id } = await door.client.jobs.create({ body })
  await kill(door, 'http')
  const path = `/api/v2/error-recovery/retry/${id}/retry`
  const refused = await door.send('POST', path, { headers: { 'idempotency-key': 'k' } })
  expect(expectProblem(refused, 409, 'circuit-open')).toMatchObject({ service: 'example.com', state: 'open' })
  expect(refused.headers.get('retry-after')).toBe('18')
  expect(await door.client.retries.show({ params: { task_id: id } })).toMatchObject({
    circuit: { service: 'example.com', state: 'open' },
  })
  expect(await door.send('POST', path, { body: { force: true } })).toMatchObject({ status: 202 })
  await door.close()
})

test('409: retrying what waits already', async ({ door }) => {
  const { id } = await door.client.jobs.create({ body })
  expectProblem(await door.send('POST', `/api/v2/error-recovery/retry/${id}/retry`), 409, 'job-not-in-state')
})

test('422: a patch that is none', async ({ door }) => {
  const { id } = await door.client.jobs.create({ body })
  await kill(door, 'http')
  expectProblem(
    await door.send('POST', `/api/v2/error-recovery/dlq/${id}/resubmit`, { body: { data_patch: [] } }),
    422,
    'validation-failed',
  )
})
