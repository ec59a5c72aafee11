// /me/preferences: every status its rows name, for keys and for the sessions opened with them.
import { describe, expect, expectProblem, test } from '../fixtures.ts'

const path = '/api/v2/me/preferences'

describe('/me/preferences', () => {
  test('200 tells and changes what the caller likes, with any scope, and nobody else', async ({ door }) => {
    expect(await door.client.preferences.show()).toMatchObject({ zone: null, theme: 'system', keys: {} })
    const viewer = { authorization: `Bearer ${await door.keyWith(['queues:read'], ['mail'])}` }
    const body = { zone: 'Europe/Berlin', keys: { n: 'q' } }
    expect((await door.send('PATCH', path, { body, headers: viewer })).json).toMatchObject(body)
    for (const address of [path, '/api/me/preferences'])
      expect((await door.send('GET', address, { headers: viewer })).json).toMatchObject(body)
    expect(await door.client.preferences.edit({ body: { theme: 'dark' } })).toMatchObject({ theme: 'dark', zone: null })
  })

  test('200 for a session, which has those of its key', async ({ door }) => {
    const signed = await door.send('POST', '/auth/login', { body: { key: door.adminKey }, headers: { authorization: undefined, origin: door.url } }) // prettier-ignore
    const cookie = (signed.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    const own = { authorization: undefined, cookie, origin: door.url }
    const { csrf_token } = signed.json as { csrf_token: string }
    const csrf = { ...own, 'x-csrf-token': csrf_token }
    expect((await door.send('PATCH', path, { body: { density: 'compact' }, headers: csrf })).status).toBe(200)
    expectProblem(await door.send('PATCH', path, { body: { density: null }, headers: own }), 403, 'csrf-failed')
    expect(await door.client.preferences.show()).toMatchObject({ density: 'compact' })
  })

  test('401 unauthenticated', async ({ door }) => {
    expectProblem(await door.send('GET', path, { headers: { authorization: undefined } }), 401, 'unauthenticated')
  })

  test('422 validation-failed names the member, and nothing is changed', async ({ door }) => {
    const reply = await door.send('PATCH', path, { body: { theme: 'dark', zone: 'Mars/Base' } })
    expectProblem(reply, 422, 'validation-failed')
    expect(JSON.stringify(reply.json)).toMatch(/zone.*time zone that this server knows/)
    expectProblem(await door.send('PATCH', path, { body: { keys: { n: 'q', m: 'q' } } }), 422, 'validation-failed')
    expect(await door.client.preferences.show()).toMatchObject({ theme: 'system', keys: {} })
  })
})
