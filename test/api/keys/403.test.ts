// What keys that manage keys may do to those that may do more than they.
import { expect, expectProblem, test } from '../fixtures.ts'

test('403: a key that manages keys gives no secret of one that may do more, but may name and revoke it', async ({
  door,
}) => {
  const { id } = await door.client.auth.createKey({ body: { name: 'boss', role: 'admin' } })
  const headers = { authorization: `Bearer ${await door.keyWith(['keys:write'], ['mail'])}` }
  const path = `/api/v2/api-keys/${id}`
  const made = { name: 'more', scopes: ['keys:write'], queues: ['*'] }
  expectProblem(await door.send('POST', '/api/v2/api-keys', { headers, body: made }), 403, 'insufficient-grant')
  expectProblem(await door.send('POST', `${path}/rotate`, { headers }), 403, 'insufficient-grant')
  expect((await door.send('PATCH', path, { headers, body: { name: 'chief' } })).status).toBe(200)
  expect((await door.send('DELETE', path, { headers })).status).toBe(204)
})
