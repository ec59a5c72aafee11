// Groups of dead letters and the figures of the inbox, over HTTP.
import { createRecorder } from '../../../shared/recorder/recorder.ts'
import { describe, expect, expectProblem, test } from '../fixtures.ts'
import type { Door } from '../fixtures.ts'
import { kill } from '../work.ts'

const body = { name: 'http.request', data: { url: 'http://example.com/' } }
const GROUPS = '/api/v2/error-recovery/dlq/groups'

/** One dead letter, and its group as the recorder made it. */
const bury = async (door: Door) => {
  const { id } = await door.client.jobs.create({ body })
  await kill(door, 'http')
  await createRecorder(door.api.kernel, door.api.rooms.bull).catchUp()
  const { data } = await door.client.triage.list({ query: {} })
  return { id, group: data[0]?.id ?? '' }
}

describe('a group', () => {
  test('200: is listed, shown, decided about and told in figures', async ({ door }) => {
    const { id, group } = await bury(door)
    const shown = await door.client.triage.show({ params: { group_id: group } })
    expect(shown).toMatchObject({ title: 'the mailbox is gone', open: 1, state: 'new', minutes: [{ count: 1 }] })
    const { data, searched } = await door.client.dlq.list({ query: { group: [group] } })
    expect(data).toMatchObject([{ task_id: id, group }])
    expect(searched).toEqual({ searched: 1, complete: true, titles: 0, indexed: true })
    const resolved = await door.send('PATCH', `${GROUPS}/${group}`, {
      body: { state: 'resolved', note: 'moved' },
      headers: { 'if-match': '"0"' },
    })
    expect(resolved).toMatchObject({ status: 200, json: { state: 'resolved', note: 'moved', version: 1 } })
    expect(resolved.headers.get('etag')).toBe('"1"')
    const stale = await door.send('PATCH', `${GROUPS}/${group}`, {
      body: { note: 'x' },
      headers: { 'if-match': '"0"' },
    })
    expectProblem(stale, 412, 'precondition-failed')
    expect(stale.headers.get('etag')).toBe('"1"')
    const noted = await door.client.triage.decide({ params: { group_id: group }, body: { note: null } })
    expect(noted).toMatchObject({ note: null, version: 2 })
    const many = await door.client.triage.decideMany({ body: { group_ids: [group], assignee: 'Ada' } })
    expect(many.data).toMatchObject([{ id: group, assignee: 'Ada', state: 'resolved' }])
    const figures = await door.client.triage.metrics({ query: { window: '1h' } })
    expect(figures).toMatchObject({ window_s: 3_600, depth: 1, added: 1, by_queue: [{ queue: 'http', depth: 1 }] })
    expect((await door.send('GET', '/api/metrics/dlq')).json).toMatchObject({ window_s: 300, depth: 1 })
  })

  test('200: is merged into another one and taken out again', async ({ door }) => {
    const { group } = await bury(door)
    await door.client.jobs.create({ body })
    await kill(door, 'http', 'another reason')
    await createRecorder(door.api.kernel, door.api.rooms.bull).catchUp()
    const { data } = await door.client.triage.list({ query: { q: 'another' } })
    const into = data[0]?.id ?? ''
    expect(await door.client.triage.merge({ params: { group_id: group }, body: { into } })).toMatchObject({ open: 2 })
    const split = await door.client.triage.split({ params: { group_id: into }, body: { fingerprint: [group] } })
    expect(split.data).toMatchObject([{ id: group, open: 1 }])
  })

  test('400: an If-Match that is none, and a window that is none', async ({ door }) => {
    const { group } = await bury(door)
    const reply = await door.send('PATCH', `${GROUPS}/${group}`, { body: {}, headers: { 'if-match': 'W/"1"' } })
    expectProblem(reply, 400, 'invalid-header')
    expectProblem(await door.send('GET', '/api/v2/metrics/dlq?window=25h'), 400, 'invalid-parameter')
  })

  test('404: a group that is not there', async ({ door }) => {
    const none = 'a'.repeat(16)
    for (const [method, path, sent] of [
      ['GET', `${GROUPS}/${none}`, undefined],
      ['PATCH', `${GROUPS}/${none}`, { state: 'resolved' }],
      ['POST', `${GROUPS}/${none}/merge`, { into: 'b'.repeat(16) }],
      ['POST', `${GROUPS}/${none}/split`, { queue: ['http'] }],
      ['POST', `${GROUPS}/actions/update`, { group_ids: [none], state: 'resolved' }],
    ] as const)
      expectProblem(await door.send(method, path, { body: sent }), 404, 'dlq-group-not-found')
  })

  test('422: a rule for a state that has none', async ({ door }) => {
    const { group } = await bury(door)
    const rule = { state: 'resolved', ignore_until: { count: 3 } }
    expectProblem(await door.send('PATCH', `${GROUPS}/${group}`, { body: rule }), 422, 'validation-failed')
    expectProblem(await door.send('POST', `${GROUPS}/${group}/split`, { body: {} }), 422, 'validation-failed')
  })
})

describe('a dead letter', () => {
  test('200: keeps a note and tags', async ({ door }) => {
    const { id } = await bury(door)
    const changed = await door.client.dlq.change({ params: { dlq_id: id }, body: { note: 'asked', tags: ['bank'] } })
    expect(changed).toMatchObject({ note: 'asked', tags: ['bank'], data: body.data })
    const entry = await door.client.dlq.show({ params: { dlq_id: id } })
    await door.client.dlq.resubmit({ params: { dlq_id: entry.id } })
    const path = `/api/v2/error-recovery/dlq/entries/${encodeURIComponent(entry.id)}`
    expectProblem(await door.send('PATCH', path, { body: { note: 'late' } }), 409, 'already-resubmitted')
    expectProblem(
      await door.send('PATCH', '/api/v2/error-recovery/dlq/entries/http:none', { body: {} }),
      404,
      'task-not-found',
    )
  })
})
