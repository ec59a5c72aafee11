// The dashboard's sign-in: with a key or a link, what the cookie may do, and how it ends.
import { describe, expect, expectProblem, test } from '../fixtures.ts'
import type { Door, Reply } from '../fixtures.ts'

const cookieOf = (reply: Reply): string => (reply.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
const anonymous = { authorization: undefined }
const signIn = async (door: Door): Promise<{ cookie: string; csrf: string; reply: Reply }> => {
  const reply = await door.send('POST', '/auth/login', { body: { key: door.adminKey }, headers: anonymous })
  return { cookie: cookieOf(reply), csrf: (reply.json as { csrf_token: string }).csrf_token, reply }
}
const job = { name: 'http.request', data: { url: 'http://example.com/' } }

describe('signing in with a key', () => {
  test('sets a cookie scripts cannot read', async ({ door }) => {
    const { reply, cookie } = await signIn(door)
    expect(reply).toMatchObject({ status: 200, json: { kind: 'session', name: 'admin' } })
    expect(reply.headers.get('set-cookie')).toMatch(
      /^k1n_session=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=43200$/,
    )
    expect((await door.send('GET', '/auth/session', { headers: { ...anonymous, cookie } })).json).toMatchObject({
      kind: 'session',
    })
    expect((await door.send('GET', '/api/v2/queues', { headers: { ...anonymous, cookie } })).status).toBe(200)
  })

  test('a wrong key is refused, and after twenty the address has to wait', async ({ door }) => {
    const send = () => door.send('POST', '/auth/login', { body: { key: 'wrong' }, headers: anonymous })
    for (let i = 0; i < 20; i++) expectProblem(await send(), 401, 'invalid-token')
    const reply = await send()
    expectProblem(reply, 429, 'too-many-auth-failures')
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test('signing in again ends the session before', async ({ door }) => {
    const { cookie } = await signIn(door)
    await door.send('POST', '/auth/login', { body: { key: door.adminKey }, headers: { ...anonymous, cookie } })
    expectProblem(
      await door.send('GET', '/auth/session', { headers: { ...anonymous, cookie } }),
      401,
      'unauthenticated',
    )
  })
})

describe('what a cookie may do', () => {
  test('403: change something without the token, from another site, or with a wrong token', async ({ door }) => {
    const { cookie, csrf } = await signIn(door)
    const post = (headers: Record<string, string>) =>
      door.send('POST', '/api/v2/jobs', { body: job, headers: { ...anonymous, cookie, ...headers } })
    const same = { 'sec-fetch-site': 'same-origin' }
    expectProblem(await post({}), 403, 'csrf-failed')
    expectProblem(await post(same), 403, 'csrf-failed')
    expectProblem(await post({ ...same, 'x-csrf-token': 'x' }), 403, 'csrf-failed')
    for (const site of ['cross-site', 'same-site', 'none'])
      expectProblem(await post({ 'sec-fetch-site': site, 'x-csrf-token': csrf }), 403, 'csrf-failed')
    expect((await post({ ...same, 'x-csrf-token': csrf })).status).toBe(201)
  })

  test('an Origin of ours stands in for browsers that do not say Sec-Fetch-Site', async ({ door }) => {
    const { cookie, csrf } = await signIn(door)
    const http = await import('node:http')
    const post = (origin: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const req = http.request(
          `${door.url}/api/v2/queues/http/resume`,
          { method: 'POST', headers: { cookie, origin, 'x-csrf-token': csrf } },
          (res) => {
            res.resume()
            resolve(res.statusCode ?? 0)
          },
        )
        req.on('error', reject)
        req.end()
      })
    await door.client.jobs.create({ body: job })
    expect(await post('http://evil.example')).toBe(403)
    expect(await post(`${door.url}.evil.example`)).toBe(403)
    expect(await post(door.url)).toBe(200)
  })

  test('a key beside a cookie counts, the cookie does not', async ({ door }) => {
    const { cookie } = await signIn(door)
    expect((await door.send('POST', '/api/v2/jobs', { body: job, headers: { cookie } })).status).toBe(201)
  })

  test('signing out ends it', async ({ door }) => {
    const { cookie, csrf } = await signIn(door)
    const out = await door.send('POST', '/auth/logout', {
      headers: { ...anonymous, cookie, 'sec-fetch-site': 'same-origin', 'x-csrf-token': csrf },
    })
    expect(out.status).toBe(204)
    expect(out.headers.get('set-cookie')).toMatch(/^k1n_session=; .*Max-Age=0/)
    expectProblem(
      await door.send('GET', '/auth/session', { headers: { ...anonymous, cookie } }),
      401,
      'unauthenticated',
    )
  })
})

describe('the link that npm start prints', () => {
  test('opens a session once, is not used up by a preview, and leads to the dashboard', async ({ door }) => {
    const code = await door.api.rooms.auth.once.issueCode()
    expect((await door.send('HEAD', `/auth/login?code=${code}`, { headers: anonymous })).status).toBe(200)
    const first = await door.send('GET', `/auth/login?code=${code}`, { headers: anonymous })
    expect(first.status).toBe(303)
    expect(first.headers.get('location')).toBe('/')
    expect(
      (await door.send('GET', '/auth/session', { headers: { ...anonymous, cookie: cookieOf(first) } })).status,
    ).toBe(200)
    const second = await door.send('GET', `/auth/login?code=${code}`, { headers: anonymous })
    expect(second.status).toBe(401)
    expect(second.headers.get('set-cookie')).toBeNull()
    expect(second.text).toContain('npm run sign-in')
  })
})

test.extend({ settings: { K1N_PUBLIC_URL: 'https://k1n.example' } })(
  'over https the cookie is bound to the host',
  async ({ door, kernel }) => {
    expect(kernel.settings.K1N_PUBLIC_URL).toBe('https://k1n.example')
    const address = door.api.server.address()
    const url = typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : ''
    const reply = await fetch(`${url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key: door.adminKey }),
    })
    expect(reply.headers.get('set-cookie')).toMatch(
      /^__Host-k1n_session=.*; Path=\/; HttpOnly; SameSite=Lax; Max-Age=43200; Secure$/,
    )
    expect(reply.headers.get('strict-transport-security')).toBe('max-age=31536000')
  },
)
