// A link to the portal of a subscriber: who makes it, how it opens, what is done with it, and how it ends.
import type { Door, Reply } from '../fixtures.ts'
import { browser, cookieOf, describe, expect, expectProblem, openLink, path, pathOf, test, url } from './work.ts'

const link = (door: Door, more: object = {}) => door.client.portal.create({ body: { subscriber: 'acme', ...more } })
const links = '/api/v2/portal-links'

describe('a link', () => {
  test('says how long it holds, opens once, and leads to the webhooks', async ({ door }) => {
    const made = await link(door, { expires_in_s: 3_600 })
    expect(Date.parse(made.expires_at) - Date.parse(made.created_at)).toBe(3_600_000)
    const at = pathOf(made.url)
    const send = (method: string, headers: object = browser): Promise<Reply> =>
      door.send(method, at, { headers: { ...headers } })
    // Previews of links and programs that look through mails use nothing up.
    for (const method of ['HEAD', 'GET', 'GET']) expect((await send(method)).status).toBe(200)
    expect((await send('GET')).text).toContain('The webhooks of acme')
    // Another site cannot put somebody into a session of its own choice.
    expect((await send('POST', { ...browser, 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    const opened = await send('POST')
    expect([opened.status, opened.headers.get('location')]).toEqual([303, '/webhooks'])
    const headers = { authorization: undefined, cookie: cookieOf(opened) }
    expect((await door.send('GET', '/auth/session', { headers })).json).toMatchObject({
      ...{ name: 'acme (portal)', kind: 'session', subscriber: 'acme', queues: [] },
      scopes: ['webhooks:read', 'webhooks:write'],
    })
    for (const method of ['GET', 'POST']) {
      const again = await send(method)
      expect([again.status, again.headers.get('set-cookie')]).toEqual([401, null])
      expect(again.text).toContain('Ask them for a new one')
    }
    const { data } = await door.client.portal.list({ query: { subscriber: 'acme' } })
    expect(data.map(({ id, opened_at, ends_at }) => [id, opened_at === null, ends_at === null])).toEqual([
      [made.id, false, false],
    ])
    expect(JSON.stringify(data)).not.toContain(new URL(made.url).searchParams.get('code'))
  })

  test('opens over plain http too, where a browser tells by the origin alone whose form it sends', async ({ door }) => {
    const at = pathOf((await link(door)).url)
    const send = (origin: string): Promise<Reply> =>
      door.send('POST', at, { headers: { authorization: undefined, origin } })
    // With no-referrer it tells `null`.
    const asked = await door.send('GET', at, { headers: { authorization: undefined } })
    expect(asked.headers.get('referrer-policy')).toBe('same-origin')
    for (const foreign of ['null', 'https://evil.example']) expect((await send(foreign)).status).toBe(403)
    expect((await send(door.url)).status).toBe(303)
  })

  test('that two open at once lets one of them in', async ({ door }) => {
    const { url: at } = await link(door)
    const replies = await Promise.all([1, 2, 3].map(() => door.send('POST', pathOf(at), { headers: browser })))
    expect(replies.map(({ status }) => status).sort()).toEqual([303, 401, 401])
  })

  test('that is revoked opens no more, and who opened it is let in no more', async ({ door }) => {
    const [unopened, made] = [await link(door), await link(door)]
    const guest = await openLink(door, made)
    expect((await guest.send('GET', path)).status).toBe(200)
    for (const { id } of [unopened, made]) await door.client.portal.revoke({ params: { link_id: id } })
    expect((await door.send('POST', pathOf(unopened.url), { headers: browser })).status).toBe(401)
    expectProblem(await guest.send('GET', path), 401, 'unauthenticated')
    expectProblem(await door.send('DELETE', `${links}/${made.id}`), 404, 'portal-link-not-found')
    expect((await door.client.portal.list({ query: {} })).data).toEqual([])
  })

  test('ends with the key that made it', async ({ door }) => {
    const scopes = ['keys:read', 'keys:write', 'webhooks:read', 'webhooks:write'] as const
    const maker = await door.client.auth.createKey({ body: { name: 'maker', scopes: [...scopes], queues: ['mail'] } })
    const make = (body: object) => door.send('POST', links, { body, headers: { authorization: `Bearer ${maker.key}` } })
    expectProblem(await make({ subscriber: 'acme', queues: ['bills'] }), 403, 'insufficient-grant')
    const made = await make({ subscriber: 'acme', queues: ['mail'] })
    await door.client.auth.deleteKey({ params: { key_id: maker.id } })
    expect((await door.send('GET', pathOf((made.json as { url: string }).url), { headers: browser })).status).toBe(401)
    const short = await door.keyWith(['keys:write'])
    const headers = { authorization: `Bearer ${short}` }
    expectProblem(await door.send('POST', links, { body: { subscriber: 'a' }, headers }), 403, 'insufficient-grant')
  })

  test('is one of a thousand at most, of which those count that still open something', async ({ door, kernel }) => {
    const { redis } = kernel
    const scopes = ['keys:write', 'webhooks:read', 'webhooks:write'] as const
    const maker = await door.client.auth.createKey({ body: { name: 'maker', scopes: [...scopes] } })
    const headers = { authorization: `Bearer ${maker.key}` }
    const make = (): Promise<Reply> => door.send('POST', links, { body: { subscriber: 'acme' }, headers })
    const { id } = (await make()).json as { id: string }
    const record = JSON.parse((await redis.get(kernel.key('auth', 'portal-link', id))) ?? '') as object
    const many = Array.from({ length: 1_000 }, (_, n) => `pl_${n}`)
    const until = String(kernel.clock.now() + 60_000)
    await redis.mset(many.flatMap((each) => [kernel.key('auth', 'portal-link', each), JSON.stringify({ ...record, id: each })])) // prettier-ignore
    await redis.zadd(kernel.key('auth', 'portal-links'), ...many.flatMap((each) => [until, each]))
    expectProblem(await make(), 409, 'too-many-portal-links')
    await door.client.auth.deleteKey({ params: { key_id: maker.id } })
    expect((await door.client.portal.list({ query: {} })).data).toEqual([])
    await link(door)
    expect((await door.client.portal.list({ query: {} })).data).toHaveLength(1)
    expect(await redis.keys(kernel.key('auth', 'portal-link', '*'))).toHaveLength(1)
  })

  test('is told in the audit without what it carries', async ({ door }) => {
    const made = await link(door)
    await openLink(door, made)
    const { data } = await door.client.audit.list({ query: {} })
    expect(data.map(({ action }) => action)).toEqual(expect.arrayContaining(['createPortalLink', 'openPortalLink']))
    expect(JSON.stringify(data)).not.toContain(new URL(made.url).searchParams.get('code'))
  })
})

describe('a guest', () => {
  test('steers an endpoint that was made for them, but not what it hears of', async ({ guest, own, receiver }) => {
    const at = `${path}/${own.id}`
    const edit = (body: object) => guest.send('PATCH', at, body)
    expect((await edit({ url: receiver.url, description: 'Ours.' })).status).toBe(200)
    expect((await guest.send('POST', `${at}/test`)).json).toMatchObject({ delivered: true })
    expect((await guest.send('POST', `${at}/secret/rotate`)).text).toContain('"whsec_')
    for (const enabled of [false, true]) expect((await edit({ enabled })).json).toMatchObject({ enabled })
    for (const more of [{ event_types: ['*'] }, { filter: [{ path: 'queue', op: 'eq', value: 'x' }] }])
      expectProblem(await edit(more), 403, 'resource-forbidden')
    expectProblem(await edit({ include_data: true }), 403, 'insufficient-scope')
    expectProblem(await guest.send('DELETE', at), 403, 'resource-forbidden')
    const { data } = (await guest.send('GET', `${at}/deliveries`)).json as { data: { id: string }[] }
    expect((await guest.send('GET', `${path}/deliveries/${data[0]?.id ?? ''}`)).status).toBe(200)
    const from = '2020-01-01T00:00:00.000Z'
    expect((await guest.send('POST', `${at}/replay`, { from, dry_run: true })).status).toBe(200)
    expect((await guest.send('POST', `${at}/replay`, { from, missing: true })).status).toBe(202)
  })

  test('goes on with payloads that somebody chose to send', async ({ guest, make, receiver }) => {
    const { id } = (await make({ subscriber: 'acme', include_data: true })).json
    const edited = await guest.send('PATCH', `${path}/${id}`, { url: receiver.url })
    expect(edited.json).toMatchObject({ include_data: true, url: receiver.url })
  })

  test('does all with what they made, which hears of the queues of the link', async ({ door }) => {
    const guest = await openLink(door, await link(door, { queues: ['mail'] }))
    const made = await guest.send('POST', path, { url, event_types: ['job.failed'] })
    expect(made.json).toMatchObject({ subscriber: 'acme', queues: ['mail'], created_by: 'acme (portal)' })
    const at = `${path}/${(made.json as { id: string }).id}`
    expect((await guest.send('PATCH', at, { event_types: ['job.completed'] })).status).toBe(200)
    expect((await guest.send('DELETE', at)).status).toBe(204)
  })
})
