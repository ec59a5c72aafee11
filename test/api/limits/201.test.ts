// Tiers and limits of keys: who gives them, and that they hold at once.
import { expect, expectProblem, flood, keyHeaders, statuses, test } from './fixtures.ts'

test('a key has a tier, standard unless said, and may have limits of its own', async ({ door }) => {
  const body = { name: 'ci', role: 'developer' }
  const plain = await door.send('POST', '/api/v2/api-keys', { body })
  expect(plain.json).toMatchObject({ tier: 'standard', limits: null })
  const limits = { per_minute: 5, burst_ratio: 0 }
  const own = await door.send('POST', '/api/v2/api-keys', { body: { ...body, tier: 'premium', limits } })
  expect(own.json).toMatchObject({ tier: 'premium', limits })
  const { id, key } = own.json as { id: string; key: string }
  expect((await door.send('GET', `/api/v2/api-keys/${id}`)).json).toMatchObject({ tier: 'premium', limits })
  const headers = { authorization: `Bearer ${key}` }
  expect(statuses(await flood([door], 9, headers))).toEqual({ 200: 5, 429: 4 })
  await door.send('PATCH', `/api/v2/api-keys/${id}`, { body: { limits: null } })
  const { headers: told } = await door.send('GET', '/api/v2/me', { headers })
  expect(told.get('x-ratelimit-limit')).toBe('1000')
  await door.send('PATCH', `/api/v2/api-keys/${id}`, { body: { tier: 'internal' } })
  expect((await door.send('GET', '/api/v2/me', { headers })).json).toMatchObject({ tier: 'internal' })
})

test('403: only who holds all scopes gives or takes tiers and limits', async ({ door }) => {
  const authorization = `Bearer ${await door.keyWith(['keys:write', 'jobs:read'])}`
  const headers = { authorization }
  const body = { name: 'x', scopes: ['jobs:read'] }
  for (const more of [{ tier: 'premium' }, { tier: 'internal' }, { limits: { per_day: 1 } }])
    expectProblem(
      await door.send('POST', '/api/v2/api-keys', { headers, body: { ...body, ...more } }),
      403,
      'insufficient-grant',
    )
  const made = await door.send('POST', '/api/v2/api-keys', { headers, body: { ...body, tier: 'standard' } })
  const { id } = made.json as { id: string }
  expectProblem(
    await door.send('PATCH', `/api/v2/api-keys/${id}`, { headers, body: { tier: 'premium' } }),
    403,
    'insufficient-grant',
  )
  expect((await door.send('PATCH', `/api/v2/api-keys/${id}`, { headers, body: { name: 'y' } })).status).toBe(200)
})

test('422: limits that are none, and limits of a key that is not limited', async ({ door }) => {
  const body = { name: 'x', role: 'viewer' }
  for (const [limits, pointer] of [
    [{}, '#/limits'],
    [{ per_minute: 0 }, '#/limits/per_minute'],
    [{ per_hour: 3 }, '#/limits/per_hour'],
  ] as const) {
    const refused = await door.send('POST', '/api/v2/api-keys', { body: { ...body, limits } })
    const { errors } = expectProblem(refused, 422, 'validation-failed') as { errors: { pointer: string }[] }
    expect(errors.map((error) => error.pointer)).toContain(pointer)
  }
  const idle = await door.send('POST', '/api/v2/api-keys', {
    body: { ...body, tier: 'internal', limits: { per_day: 1 } },
  })
  expectProblem(idle, 422, 'validation-failed')
})

test('a key keeps what it has spent when it is given another secret', async ({ door }) => {
  const headers = await keyHeaders(door)
  await flood([door], 10, headers)
  const [{ id }] = ((await door.send('GET', '/api/v2/api-keys')).json as { data: [{ id: string }] }).data
  const { key } = (await door.send('POST', `/api/v2/api-keys/${id}/rotate`)).json as { key: string }
  const told = await door.send('GET', '/api/v2/quota', { headers: { authorization: `Bearer ${key}` } })
  expect(told.json).toMatchObject({ windows: { minute: { remaining: 90 } } })
})
