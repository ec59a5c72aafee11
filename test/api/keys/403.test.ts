// What keys that manage keys may do to those that may do more than they.
import { expect, expectProblem, test } from '../fixtures.ts'

test('403: a key that manages keys gives no secret of one that may do more and changes nothing of it, but may revoke it', async ({
  door,
}) => {
  const { id } = await door.client.auth.createKey({ body: { name: 'boss', role: 'admin' } })
  const headers = { authorization: `Bearer ${await door.keyWith(['keys:write'], ['mail'])}` }
  const path = `/api/v2/api-keys/${id}`
  const made = { name: 'more', scopes: ['keys:write'], queues: ['*'] }
  expectProblem(await door.send('POST', '/api/v2/api-keys', { headers, body: made }), 403, 'insufficient-grant')
  expectProblem(await door.send('POST', `${path}/rotate`, { headers }), 403, 'insufficient-grant')
  const patches = [{ name: 'chief' }, { pinned_version: 1 }, { compat: { deprecation: 'boolean' } }]
  for (const body of patches)
    expectProblem(await door.send('PATCH', path, { headers, body }), 403, 'insufficient-grant')
  expect((await door.client.auth.showKey({ params: { key_id: id } })).name).toBe('boss')
  const own = await door.client.auth.createKey({ body: { name: 'less', scopes: ['keys:write'], queues: ['mail'] } })
  const less = `/api/v2/api-keys/${own.id}`
  expect((await door.send('PATCH', less, { headers, body: { name: 'renamed' } })).status).toBe(200)
  expect((await door.send('DELETE', path, { headers })).status).toBe(204)
})
