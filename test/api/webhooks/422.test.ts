// What no endpoint can be: unsafe addresses, events that are none, headers and secrets that cannot be sent.
import { testRedisUrl } from '../../support/fixtures.ts'
import { body, describe, expect, expectProblem, path, test, url } from './work.ts'

describe('422 unsafe-webhook-url', () => {
  test.for([
    ['http://10.0.0.1/', 'address'],
    ['https://169.254.169.254/latest/meta-data/', 'address'],
    ['https://[::ffff:a9fe:a9fe]/', 'address'],
    ['https://93.184.216.34/', 'literal'],
    ['https://user:pw@hooks.invalid/', 'credentials'],
    ['gopher://127.0.0.1:6379/', 'scheme'],
    ['not a url', 'unparsable'],
  ])('%s: %s', async ([address, reason], { door, make }) => {
    const refused = expectProblem(await make({ url: address }), 422, 'unsafe-webhook-url')
    expect(refused['errors']).toMatchObject([{ pointer: '#/url', code: reason }])
    const { id } = (await make()).json
    const edit = await door.send('PATCH', `${path}/${id}`, { body: { url: address } })
    expectProblem(edit, 422, 'unsafe-webhook-url')
  })
})

test('422 unsafe-webhook-url: a door of our own, in a range that is open', async ({ make }) => {
  const { port } = new URL(testRedisUrl())
  expectProblem(await make({ url: `http://127.0.0.1:${port}/` }), 422, 'unsafe-webhook-url')
})

describe('422 unknown-event-type', () => {
  test('says which there are', async ({ make }) => {
    const refused = expectProblem(
      await make({ event_types: ['job.failed', 'job.exploded'] }),
      422,
      'unknown-event-type',
    )
    expect(refused['errors']).toMatchObject([{ pointer: '#/event_types/1' }])
    expect(refused['event_types']).toContain('error_recovery.retry_attempt')
    expectProblem(await make({ event_types: ['error_recovery.retry.*'] }), 422, 'unknown-event-type')
    expectProblem(await make({ event_types: ['job.progress'] }), 422, 'unknown-event-type')
  })

  test('is also what a subscriber cannot be sent, and what a test is asked for in vain', async ({ door, make }) => {
    const theirs = { subscriber: 'acme', event_types: ['worker.*'] }
    expectProblem(await make(theirs), 422, 'unknown-event-type')
    const { id } = (await make({ subscriber: 'acme' })).json
    const edit = await door.send('PATCH', `${path}/${id}`, { body: { event_types: ['worker.online'] } })
    expectProblem(edit, 422, 'unknown-event-type')
    const tried = await door.send('POST', `${path}/${id}/test`, { body: { event_type: 'job.exploded' } })
    expectProblem(tried, 422, 'unknown-event-type')
  })

  test('is not said of names that clients may publish', async ({ make }) => {
    expect((await make({ event_types: ['order.created', 'shop.*', '*'] })).status).toBe(201)
  })
})

describe('422 validation-failed', () => {
  test.for<[string, object]>([
    ['no events', { event_types: [] }],
    ['a pattern in the middle', { event_types: ['job.*.x'] }],
    ['65 events', { event_types: Array.from({ length: 65 }, () => 'job.failed') }],
    ['a secret that is too short', { secret: 'whsec_c2hvcnQ=' }],
    ['a secret that is no base64', { secret: `whsec_${'_'.repeat(44)}` }],
    ['a header of ours', { headers: { 'Webhook-Id': 'x' } }],
    ['the host', { headers: { Host: 'x' } }],
    ['a header twice', { headers: { 'X-A': '1', 'x-a': '2' } }],
    ['a line break', { headers: { 'x-a': 'a\r\nb: c' } }],
    [
      'more headers than can be sent',
      { headers: Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`x-${n}`, 'a'.repeat(2_000)])) },
    ],
    ['a number where text is', { headers: { 'x-a': 1 } }],
    ['a version of its own', { version: 3 }],
    ['an id of its own', { id: 'wh_mine0001' }],
    ['queues of its own', { queues: ['*'] }],
    ['another API', { api_version: 3 }],
    ['no attempts', { retry: { base_ms: 1_000, max_attempts: 0 } }],
  ])('%s', async ([, more], { make }) => {
    expectProblem(await make(more), 422, 'validation-failed')
  })

  test('changes are judged as closely, and whose it is stays', async ({ door, make }) => {
    const { id } = (await make()).json
    for (const change of [{ subscriber: 'acme' }, { secret: 'x' }, { headers: { host: 'x' } }, { event_types: [] }])
      expectProblem(await door.send('PATCH', `${path}/${id}`, { body: change }), 422, 'validation-failed')
  })

  test('a subscriber makes no endpoint for another', async ({ door }) => {
    const { key } = await door.client.auth.createKey({
      body: { name: 'acme', subscriber: 'acme', scopes: ['webhooks:write'] },
    })
    const reply = await door.send('POST', path, {
      body: { ...body, url, subscriber: 'other' },
      headers: { authorization: `Bearer ${key}` },
    })
    expect(expectProblem(reply, 422, 'validation-failed')['errors']).toMatchObject([{ pointer: '#/subscriber' }])
  })
})
