// What cannot be done to a key as it is.
import { stoppedClock } from '../../../shared/kernel/clock.ts'
import { expect, expectProblem, openDoor, test } from '../fixtures.ts'

test('409: an expired key is given no other secret, which would not work either', async ({ kernel }) => {
  const clock = stoppedClock(Date.now())
  const door = await openDoor({ ...kernel, clock })
  const expires_at = new Date(clock.now() + 60_000).toISOString()
  const { id, key } = await door.client.auth.createKey({ body: { name: 'ci', role: 'viewer', expires_at } })
  await clock.advance(60_000)
  const reply = await door.send('POST', `/api/v2/api-keys/${id}/rotate`)
  const headers = { authorization: `Bearer ${key}` }
  const shown = await door.send('GET', '/api/v2/me', { headers })
  await door.close()
  expectProblem(reply, 409, 'key-expired')
  expectProblem(shown, 401, 'token-expired')
  expect(reply.text).not.toContain('k1n_sk_')
})
