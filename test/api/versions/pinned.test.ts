// Keys that are pinned to a version, and who still uses the old one.
import { describe, expect, expectProblem, openDoor, test } from '../fixtures.ts'
import type { Door } from '../fixtures.ts'

const pin = (door: Door, pinned_version?: 1 | 2) =>
  door.client.auth.createKey({ body: { name: 'old', role: 'viewer', ...(pinned_version ? { pinned_version } : {}) } })

const spoken = async (door: Door, key: string, headers: Record<string, string> = {}, path = '/api/queues') => {
  const reply = await door.send('GET', path, { headers: { authorization: `Bearer ${key}`, ...headers } })
  return [reply.status, reply.headers.get('x-api-version')]
}

describe('a pinned key', () => {
  test('speaks its version where the request says none', async ({ door }) => {
    const { key, pinned_version } = await pin(door, 1)
    expect(pinned_version).toBe(1)
    expect(await spoken(door, key)).toEqual([200, '1'])
    expect(await spoken(door, key, {}, '/api/v2/queues')).toEqual([200, '2'])
    expect(await spoken(door, key, { 'x-api-version': '2' })).toEqual([200, '2'])
    expect(await spoken(door, key, { accept: 'application/vnd.k1n.v2+json' })).toEqual([200, '2'])
    expect(await spoken(door, (await pin(door, 2)).key)).toEqual([200, '2'])
    expect(await spoken(door, (await pin(door)).key)).toEqual([200, '2'])
  })

  test('reads the document like any other', async ({ door }) => {
    const { key } = await pin(door, 1)
    expect(await spoken(door, key, {}, '/api/openapi.json')).toEqual([200, '2'])
  })

  test('is no reason for a cache to give its answers to others', async ({ door }) => {
    const { key } = await pin(door, 1)
    for (const authorization of [`Bearer ${key}`, `Bearer ${door.adminKey}`]) {
      const { headers } = await door.send('GET', '/api/queues', { headers: { authorization } })
      expect(headers.get('vary')).toContain('Authorization, X-API-Key')
    }
    const { headers } = await door.send('GET', '/api/v2/queues')
    expect(headers.get('vary')).toBe('Accept, X-API-Version, Origin, Accept-Encoding')
  })

  test('is let go by a change, which counts at once', async ({ door }) => {
    const { key, id } = await pin(door, 1)
    expect(await spoken(door, key)).toEqual([200, '1'])
    const edited = await door.client.auth.editKey({
      params: { key_id: id },
      body: { pinned_version: null, name: 'new' },
    })
    expect(edited).toMatchObject({ id, name: 'new', pinned_version: null })
    expect(await spoken(door, key)).toEqual([200, '2'])
    await door.client.auth.editKey({
      params: { key_id: id },
      body: { pinned_version: 1, compat: { deprecation: 'boolean' } },
    })
    const reply = await door.send('GET', '/api/queues', { headers: { authorization: `Bearer ${key}` } })
    expect([reply.headers.get('x-api-version'), reply.headers.get('deprecation')]).toEqual(['1', 'true'])
  })

  test('that is wrong or revoked is refused once, as ever', async ({ door }) => {
    const { key, id } = await pin(door, 1)
    await door.client.auth.deleteKey({ params: { key_id: id } })
    let failures = 0
    door.api.rooms.auth.throttle.failed = () => {
      failures++
    }
    const reply = await door.send('GET', '/api/queues', { headers: { authorization: `Bearer ${key}` } })
    expectProblem(reply, 401, 'key-revoked')
    expect(failures).toBe(1)
  })

  test('422, 404: a version there is not, a key there is not', async ({ door }) => {
    const body = { name: 'x', role: 'viewer', pinned_version: 3 }
    expectProblem(await door.send('POST', '/api/v2/api-keys', { body }), 422, 'validation-failed')
    expectProblem(await door.send('GET', '/api/v2/api-keys/key_0'), 404, 'key-not-found')
    expectProblem(await door.send('PATCH', '/api/v2/api-keys/key_0', { body: {} }), 404, 'key-not-found')
  })
})

test('a key tells when it last used version 1, and forgets nothing of it by using version 2', async ({ door }) => {
  const { key, id } = await pin(door)
  const lastUsed = async () => (await door.client.auth.showKey({ params: { key_id: id } })).v1_last_used_at
  await spoken(door, key)
  expect(await lastUsed()).toBeNull()
  await spoken(door, key, {}, '/api/v1/queues')
  const used = await lastUsed()
  expect(Date.now() - Date.parse(used ?? '')).toBeLessThan(60_000)
  await spoken(door, key)
  expect(await lastUsed()).toBe(used)
  expect((await door.client.auth.listKeys({ query: {} })).data).toMatchObject([{ id, v1_last_used_at: used }])
})

test('requests of version 1 are counted by route, by all processes together', async ({ door, kernel }) => {
  const elsewhere = await openDoor(kernel)
  const anonymous = { authorization: undefined }
  for (const one of [door, elsewhere]) {
    await one.send('GET', '/api/v1/jobs/http:t_a')
    await one.send('GET', '/api/v1/nothing')
    await one.send('GET', '/api/v2/queues')
    await one.send('GET', '/api/v1/queues', { headers: anonymous })
  }
  await door.send('GET', '/api/v1/jobs/http:t_b')
  await elsewhere.close()
  expect((await door.send('GET', '/api/v2/metrics/api-versions')).json).toEqual({
    versions: [
      {
        version: 1,
        requests: 5,
        routes: [
          { route: 'GET /jobs/:id', requests: 3 },
          { route: 'none', requests: 2 },
        ],
      },
    ],
  })
})

describe('after the sunset', () => {
  test.override({ settings: { K1N_API_V1: 'off' } })
  test('a pinned key is told to move, and is still seen', async ({ door }) => {
    const { key, id } = await pin(door, 1)
    expect(await spoken(door, key)).toEqual([410, '1'])
    expect(await spoken(door, key, { 'x-api-version': '2' })).toEqual([200, '2'])
    expect((await door.client.auth.showKey({ params: { key_id: id } })).v1_last_used_at).not.toBeNull()
  })
})
