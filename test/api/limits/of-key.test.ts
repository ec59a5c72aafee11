// Where a key stands, told to who may see keys.
import { expect, expectProblem, flood, keyHeaders, test } from './fixtures.ts'

test('how much a key may still ask for is told without asking with it, and costs it nothing', async ({ door }) => {
  const headers = await keyHeaders(door, { limits: { per_minute: 10, per_day: 50 } })
  const { data } = await door.client.auth.listKeys()
  const params = { key_id: data[0]?.id ?? '' }
  await flood([door], 4, headers)
  const quota = await door.client.limits.quotaOfKey({ params })
  expect(quota).toMatchObject({
    principal: params.key_id,
    tier: 'standard',
    windows: {
      minute: { limit: 10, remaining: 6, burst_limit: 12, burst: { state: 'armed' } },
      day: { limit: 50, remaining: 46 },
    },
  })
  expect(await door.client.limits.quotaOfKey({ params })).toEqual(quota)
})

test('a key that is not limited has no windows; 404: a key that is not there', async ({ door }) => {
  const { id } = await door.client.auth.createKey({ body: { name: 'own', role: 'viewer', tier: 'internal' } })
  expect(await door.client.limits.quotaOfKey({ params: { key_id: id } })).toMatchObject({
    tier: 'internal',
    windows: null,
  })
  expectProblem(await door.send('GET', '/api/v2/api-keys/key_0/quota'), 404, 'key-not-found')
})
