// A key that somebody else changed meanwhile: the version that was read is not there any more.
import { expect, expectProblem, test } from '../fixtures.ts'

test('412: a key is edited, rotated and revoked only as it was read, where the request says so', async ({ door }) => {
  const { id, version } = await door.client.auth.createKey({ body: { name: 'ci', role: 'viewer' } })
  const path = `/api/v2/api-keys/${id}`
  expect(version).toBe(1)
  expect((await door.send('GET', path)).headers.get('etag')).toBe('"1"')
  const headers = { 'if-match': '"1"' }
  const edited = await door.send('PATCH', path, { headers, body: { name: 'build' } })
  expect(edited.headers.get('etag')).toBe('"2"')
  expect(edited.json).toMatchObject({ name: 'build', version: 2 })
  expectProblem(await door.send('PATCH', path, { headers, body: { name: 'theirs' } }), 412, 'precondition-failed')
  expectProblem(await door.send('POST', `${path}/rotate`, { headers }), 412, 'precondition-failed')
  expectProblem(await door.send('DELETE', path, { headers }), 412, 'precondition-failed')
  expect((await door.send('GET', path)).json).toMatchObject({ name: 'build', version: 2 })
  const rotated = await door.send('POST', `${path}/rotate`, { headers: { 'if-match': '"2"' } })
  expect(rotated.json).toMatchObject({ version: 3 })
  expect((await door.send('DELETE', path, { headers: { 'if-match': '"3"' } })).status).toBe(204)
})
