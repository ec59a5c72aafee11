// API keys: made, listed, revoked, over HTTP.
import { expect, expectProblem, test } from '../fixtures.ts'

const input = { name: 'ci', role: 'developer' as const }

test('a key is shown once, works, is listed without itself, and works no more once it is revoked', async ({
  door,
  logged,
}) => {
  const made = await door.client.auth.createKey({ body: input })
  expect(made.key).toMatch(/^k1n_sk_[0-9A-Za-z]{38}$/)
  const headers = { authorization: undefined, 'x-api-key': made.key }
  expect((await door.send('GET', '/api/v2/me', { headers })).json).toMatchObject({
    name: 'ci',
    kind: 'key',
    queues: ['*'],
  })
  const list = await door.send('GET', '/api/v2/api-keys')
  expect(list.json).toMatchObject({ data: [{ id: made.id, name: 'ci' }] })
  expect(list.text).not.toContain(made.key)
  expect((await door.send('DELETE', `/api/v2/api-keys/${made.id}`)).status).toBe(204)
  const refused = await door.send('GET', '/api/v2/me', { headers })
  expectProblem(refused, 401, 'key-revoked')
  expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="k1n", error="invalid_token"')
  expect(JSON.stringify(logged)).not.toContain(made.key)
})

test('a key may be for queues of any name', async ({ door }) => {
  await door.api.rooms.bull.queue('my mails/€').add('x', {})
  await door.api.rooms.bull.queue('other').add('x', {})
  await door.api.rooms.bull.discover()
  const authorization = `Bearer ${await door.keyWith(['queues:read'], ['my mails/*'])}`
  const reply = await door.send('GET', '/api/v2/queues', { headers: { authorization } })
  expect((reply.json as { data: { name: string }[] }).data.map(({ name }) => name)).toEqual(['my mails/€'])
})

test('404: a key that is not there', async ({ door }) => {
  expectProblem(await door.send('DELETE', '/api/v2/api-keys/key_0'), 404, 'key-not-found')
  expectProblem(await door.send('DELETE', '/api/v2/api-keys/nonsense'), 400, 'invalid-parameter')
})

test('403: more than its maker may do', async ({ door }) => {
  const key = await door.keyWith(['keys:write', 'jobs:read'])
  expectProblem(
    await door.send('POST', '/api/v2/api-keys', { body: input, headers: { authorization: `Bearer ${key}` } }),
    403,
    'insufficient-grant',
  )
})

test('422: neither a role nor scopes, both, members the server owns', async ({ door }) => {
  for (const body of [
    { name: 'x' },
    { name: 'x', role: 'viewer', scopes: ['jobs:read'] },
    { ...input, id: 'key_1' },
    { ...input, key: 'k' },
    { ...input, queues: [] },
  ])
    expectProblem(await door.send('POST', '/api/v2/api-keys', { body }), 422, 'validation-failed')
})

test('a key is given another secret, and the old one goes on for a day unless said', async ({ door }) => {
  const { id, key } = await door.client.auth.createKey({ body: input })
  const before = Date.now()
  const rotated = await door.client.auth.rotateKey({ params: { key_id: id } })
  expect(rotated.key).toMatch(/^k1n_sk_[0-9A-Za-z]{38}$/)
  expect(Math.round((Date.parse(rotated.previous_expires_at) - before) / 60_000)).toBe(24 * 60)
  for (const secret of [key, rotated.key])
    expect((await door.send('GET', '/api/v2/me', { headers: { authorization: `Bearer ${secret}` } })).status).toBe(200)
  const path = `/api/v2/api-keys/${id}/rotate`
  expectProblem(await door.send('POST', path, { body: { grace_s: -1 } }), 422, 'validation-failed')
  expectProblem(await door.send('POST', '/api/v2/api-keys/key_0/rotate'), 404, 'key-not-found')
  const authorization = `Bearer ${await door.keyWith(['keys:write'])}`
  expectProblem(await door.send('POST', path, { headers: { authorization } }), 403, 'insufficient-grant')
})
