// Bodies that are JSON and not a job.
import { describe, expect, expectProblem, test } from '../fixtures.ts'

const good = { name: 'http.request', data: { url: 'http://example.com/' } }

describe('what is not a job', () => {
  test.for<[string, unknown, string]>([
    ['a list', [], '#'],
    ['null', null, '#'],
    ['no name', { data: {} }, '#/name'],
    ['an empty name', { ...good, name: '' }, '#/name'],
    ['NUL in the name', { ...good, name: 'a\u0000b' }, '#/name'],
    ['half an emoji in a tag', { ...good, tags: ['\ud800'] }, '#/tags/0'],
    ['an unknown member', { ...good, colour: 'red' }, '#/colour'],
    ['a member the server owns', { ...good, created_at: '2026-01-01T00:00:00.000Z' }, '#/created_at'],
    ['an unknown member deep inside', { ...good, options: { backoff: { 'a/b~c': 1 } } }, '#/options/backoff/a~1b~0c'],
    ['a number as text', { ...good, options: { attempts: '3' } }, '#/options/attempts'],
    ['too many attempts', { ...good, options: { attempts: 51 } }, '#/options/attempts'],
    ['a fraction', { ...good, options: { delay_ms: 0.5 } }, '#/options/delay_ms'],
    ['a number past the safe ones', { ...good, options: { delay_ms: 2 ** 53 } }, '#/options/delay_ms'],
    ['an id with a colon', { ...good, id: 'a:b' }, '#/id'],
    ['a queue with a colon', { ...good, queue: 'a:b' }, '#/queue'],
    ['a backoff we do not know', { ...good, options: { backoff: { type: 'constructor' } } }, '#/options/backoff/type'],
    ['two ways of waiting', { ...good, options: { delay_ms: 1, run_at: '2030-01-01T00:00:00Z' } }, '#/options/run_at'],
    ['an unknown member of the payload', { ...good, data: { ...good.data, colour: 1 } }, '#/data/colour'],
    ['a payload that does not fit its kind', { ...good, data: { url: 7 } }, '#/data/url'],
  ])('%s', async ([, body, pointer], { door }) => {
    const document = expectProblem(await door.send('POST', '/api/v2/jobs', { body }), 422, 'validation-failed')
    expect(document['errors']).toEqual(expect.arrayContaining([expect.objectContaining({ pointer })]))
    expect((await door.api.rooms.bull.counts(['http'])).get('http')?.waiting ?? 0).toBe(0)
  })

  test('a value of several shapes says what each would take', async ({ door }) => {
    const body = { ...good, options: { priority: 'urgent' } }
    const document = expectProblem(await door.send('POST', '/api/v2/jobs', { body }), 422, 'validation-failed')
    expect(document['errors']).toEqual([
      expect.objectContaining({
        pointer: '#/options/priority',
        detail: expect.stringMatching(/number.*"critical"/) as string,
      }),
    ])
  })

  test('a name nobody knows in a queue that does not exist', async ({ door }) => {
    expectProblem(await door.send('POST', '/api/v2/jobs', { body: { name: 'no.such.kind' } }), 422, 'unknown-job-name')
    expectProblem(
      await door.send('POST', '/api/v2/jobs', { body: { name: 'no.such.kind', queue: 'nowhere' } }),
      422,
      'unknown-job-name',
    )
  })

  test.for(['webhook.deliver', 'operation.run', 'schedule.tick'])(
    'what k1n itself adds: a %s by hand would do in its name what nobody may ask for',
    async (name, { door, kernel }) => {
      const data = {
        'webhook.deliver': { webhook_id: 'wh_1', event_id: '1-0', event_type: 'order.paid', body: '{"forged":true}' },
        'operation.run': { operation_id: 'op_01a21bf0a18175bcbe9f1d244dcd6345' },
        'schedule.tick': { schedule_id: 'nightly' },
      }[name]
      const reply = await door.send('POST', '/api/v2/jobs', { body: { name, data } })
      const { detail, errors } = expectProblem(reply, 422, 'unknown-job-name')
      expect(errors).toMatchObject([{ pointer: '#/name' }])
      expect(String(detail).split('knows:')[1]).not.toContain(name)
      const schedule = { name: 'Mine', job_name: name, data, trigger: { type: 'interval', every_ms: 60_000 } }
      expectProblem(await door.send('POST', '/api/v2/scheduler/schedules', { body: schedule }), 422, 'unknown-job-name')
      expect(await kernel.redis.keys(`*${kernel.bullPrefix}:k1n-*:t_*`)).toEqual([])
    },
  )

  test('one wrong job of many refuses all of them', async ({ door }) => {
    const document = expectProblem(
      await door.send('POST', '/api/v2/jobs/bulk', { body: { jobs: [good, { ...good, data: { url: 7 } }] } }),
      422,
      'validation-failed',
    )
    expect(document['errors']).toEqual(
      expect.arrayContaining([expect.objectContaining({ pointer: '#/jobs/1/data/url' })]),
    )
    expect((await door.api.rooms.bull.counts(['http'])).get('http')?.waiting ?? 0).toBe(0)
  })

  test('1,001 jobs at once', async ({ door }) => {
    const jobs = Array.from({ length: 1_001 }, () => good)
    expectProblem(await door.send('POST', '/api/v2/jobs/bulk', { body: { jobs } }), 422, 'validation-failed')
  })

  test('at most fifty mistakes are told', async ({ door }) => {
    const body = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`x${i}`, 1]))
    const document = expectProblem(await door.send('POST', '/api/v2/jobs', { body }), 422, 'validation-failed')
    expect(document['errors']).toHaveLength(50)
  })

  test('an Idempotency-Key that came with another request', async ({ door }) => {
    const headers = { 'idempotency-key': 'reused' }
    expect((await door.send('POST', '/api/v2/jobs', { body: good, headers })).status).toBe(201)
    const other = { ...good, data: { url: 'http://example.com/other' } }
    expectProblem(await door.send('POST', '/api/v2/jobs', { body: other, headers }), 422, 'idempotency-key-reused')
  })
})
