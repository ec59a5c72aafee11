// Endpoints that are not there, are another's, are changed by others, or are too many.
import { bearer, body, describe, expect, expectProblem, path, test } from './work.ts'

describe('404 webhook-not-found', () => {
  test('for what is not there', async ({ door }) => {
    const at = `${path}/wh_nothinghere`
    expectProblem(await door.send('GET', at), 404, 'webhook-not-found')
    expectProblem(await door.send('PATCH', at, { body: {} }), 404, 'webhook-not-found')
    expectProblem(await door.send('DELETE', at), 404, 'webhook-not-found')
    expectProblem(await door.send('POST', `${at}/secret/rotate`), 404, 'webhook-not-found')
    expectProblem(await door.send('POST', `${at}/test`), 404, 'webhook-not-found')
  })

  test("for another subscriber's, whatever is asked", async ({ door, make }) => {
    const { key } = await door.client.auth.createKey({
      body: { name: 'acme', subscriber: 'acme', scopes: ['webhooks:read', 'webhooks:write'] },
    })
    const headers = bearer(key)
    for (const subscriber of ['other', null]) {
      const at = `${path}/${(await make({ subscriber })).json.id}`
      expectProblem(await door.send('GET', at, { headers }), 404, 'webhook-not-found')
      expectProblem(await door.send('PATCH', at, { headers, body: { enabled: false } }), 404, 'webhook-not-found')
      expectProblem(await door.send('DELETE', at, { headers }), 404, 'webhook-not-found')
      expectProblem(await door.send('POST', `${at}/secret/rotate`, { headers }), 404, 'webhook-not-found')
      expectProblem(await door.send('POST', `${at}/test`, { headers }), 404, 'webhook-not-found')
    }
  })
})

describe('409 too-many-webhooks', () => {
  test('when ten thousand are kept', async ({ make, kernel }) => {
    const filler = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`w${n}`, '1 {}']))
    await kernel.redis.hset(kernel.key('webhooks', 'records'), filler)
    expectProblem(await make(), 409, 'too-many-webhooks')
  })

  test('when a subscriber has a hundred, which leaves room for others', async ({ door, make }) => {
    const [first] = await Promise.all(Array.from({ length: 100 }, () => make({ subscriber: 'acme' })))
    expect(first?.status).toBe(201)
    expectProblem(await make({ subscriber: 'acme' }), 409, 'too-many-webhooks')
    expect((await door.send('POST', path, { body })).status).toBe(201)
  })
})

describe('412 precondition-failed', () => {
  test('for what was changed since it was read', async ({ door, make }) => {
    const { id, version } = (await make()).json
    const headers = { 'if-match': `"${version}"` }
    const edit = () => door.send('PATCH', `${path}/${id}`, { body: { description: 'a' }, headers })
    const replies = await Promise.all([edit(), edit()])
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 412])
    expectProblem(await edit(), 412, 'precondition-failed')
    expectProblem(await door.send('DELETE', `${path}/${id}`, { headers }), 412, 'precondition-failed')
    const rotate = await door.send('POST', `${path}/${id}/secret/rotate`, { headers })
    expectProblem(rotate, 412, 'precondition-failed')
    expect((await door.send('GET', `${path}/${id}`)).headers.get('etag')).toBe(rotate.headers.get('etag'))
  })

  test('never when no version is named: of two changes both are made', async ({ door, make }) => {
    const { id } = (await make()).json
    const edit = (body: object) => door.send('PATCH', `${path}/${id}`, { body })
    await Promise.all([edit({ description: 'a' }), edit({ concurrency: 9 }), edit({ order_by: 'queue' })])
    const shown = await door.client.webhooks.show({ params: { webhook_id: id } })
    expect(shown).toMatchObject({ description: 'a', concurrency: 9, order_by: 'queue' })
  })
})
