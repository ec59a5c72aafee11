// Tests that come too fast, and a server that cannot keep secrets.
import { randomBytes } from 'node:crypto'
import { createVault } from '../../../shared/kernel/vault.ts'
import { openDoor } from '../fixtures.ts'
import { body, describe, expect, expectProblem, path, test } from './work.ts'

test('429 too-many-webhook-tests: the eleventh in a minute, of each endpoint', async ({ door, make, receiver }) => {
  const ids = [(await make({ url: receiver.url })).json.id, (await make({ url: receiver.url })).json.id]
  const tests = Array.from({ length: 11 }, () => door.send('POST', `${path}/${ids[0] ?? ''}/test`))
  const refused = (await Promise.all(tests)).filter(({ status }) => status !== 200)
  expect(refused).toHaveLength(1)
  expectProblem(refused[0] ?? (await door.send('GET', path)), 429, 'too-many-webhook-tests')
  expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(50)
  expect((await door.send('POST', `${path}/${ids[1] ?? ''}/test`)).status).toBe(200)
  expect(receiver.got).toHaveLength(11)
})

describe('503 secrets-unavailable', () => {
  test.extend({ settings: { K1N_WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8', K1N_SECRETS_KEY: '' } })(
    'without the key that seals',
    async ({ make }) => {
      expectProblem(await make(), 503, 'secrets-unavailable')
    },
  )

  test('when a secret was sealed with a key that is lost', async ({ door, make, kernel }) => {
    const { id } = (await make()).json
    const key = kernel.key('webhooks', 'records')
    const text = (await kernel.redis.hget(key, id)) ?? ''
    await kernel.redis.hset(key, id, text.replace(/"sealed":"[^.]+/, '"sealed":"othrkeyx'))
    expectProblem(await door.send('POST', `${path}/${id}/test`), 503, 'secrets-unavailable')
    expect((await door.send('POST', `${path}/${id}/secret/rotate`, { body: { grace_s: 0 } })).status).toBe(200)
    expect((await door.send('POST', `${path}/${id}/test`)).status).toBe(200)
  })

  test('when what was answered to an Idempotency-Key was sealed with a key that is lost', async ({ door, kernel }) => {
    const once = { body, headers: { 'idempotency-key': 'once' } }
    expect((await door.send('POST', path, once)).status).toBe(201)
    await expect.poll(async () => (await door.send('POST', path, once)).status).toBe(201)
    const other = await openDoor({ ...kernel, vault: createVault([randomBytes(32)]) })
    try {
      expectProblem(await other.send('POST', path, once), 503, 'secrets-unavailable')
    } finally {
      await other.close()
    }
  })
})
