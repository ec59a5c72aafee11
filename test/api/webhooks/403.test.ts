// What a key may not direct elsewhere, and what a subscriber cannot be given.
import { bearer, describe, expect, expectProblem, path, test, url } from './work.ts'

describe('403', () => {
  test('resource-forbidden: an endpoint that hears of queues the key does not see', async ({ door, make }) => {
    const { id } = (await make()).json
    const headers = bearer(await door.keyWith(['webhooks:read', 'webhooks:write', 'events:read'], ['mail']))
    expect((await door.send('GET', `${path}/${id}`, { headers })).status).toBe(200)
    const edit = await door.send('PATCH', `${path}/${id}`, { body: { url: `${url}/mine` }, headers })
    expectProblem(edit, 403, 'resource-forbidden')
    expectProblem(await door.send('DELETE', `${path}/${id}`, { headers }), 403, 'resource-forbidden')
    expectProblem(await door.send('POST', `${path}/${id}/secret/rotate`, { headers }), 403, 'resource-forbidden')
    expectProblem(await door.send('POST', `${path}/${id}/test`, { headers }), 403, 'resource-forbidden')
  })

  test('resource-forbidden: an endpoint that hears of events from outside, without events:read', async ({
    door,
    make,
  }) => {
    const key = await door.keyWith(['webhooks:read', 'webhooks:write'])
    const { id } = (await make()).json
    const edit = await door.send('PATCH', `${path}/${id}`, { body: { url: `${url}/mine` }, headers: bearer(key) })
    expectProblem(edit, 403, 'resource-forbidden')
    const own = (await make({}, key)).json
    const mine = await door.send('PATCH', `${path}/${own.id}`, { body: { description: 'Mine.' }, headers: bearer(key) })
    expect(mine.status).toBe(200)
  })

  test('insufficient-scope: payloads that the key may not see', async ({ door, make }) => {
    const key = await door.keyWith(['webhooks:read', 'webhooks:write', 'events:read'])
    const made = await make({ include_data: true }, key)
    expect(expectProblem(made, 403, 'insufficient-scope')).toMatchObject({ needed: 'jobs:data' })
    const { id } = (await make({ include_data: true })).json
    const edit = (body: object) => door.send('PATCH', `${path}/${id}`, { body, headers: bearer(key) })
    expectProblem(await edit({ url: `${url}/mine` }), 403, 'insufficient-scope')
    expect((await edit({ enabled: false })).status).toBe(200)
    expectProblem(await edit({ enabled: true }), 403, 'insufficient-scope')
  })
})

test('422: a subscriber is given webhooks and nothing more', async ({ door }) => {
  const make = (more: object) =>
    door.send('POST', '/api/v2/api-keys', { body: { name: 'x', subscriber: 'acme', ...more } })
  expectProblem(await make({ role: 'viewer' }), 422, 'validation-failed')
  expectProblem(await make({ scopes: ['webhooks:read', 'jobs:read'] }), 422, 'validation-failed')
  expect((await make({ scopes: ['webhooks:read'] })).status).toBe(201)
})
