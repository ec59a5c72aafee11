// The quota over HTTP: what passes, what is refused with which words, and what it costs.
import type { Reply } from '../fixtures.ts'
import { describe, expect, flood, keyHeaders, statuses, test } from './fixtures.ts'
import { parseItems } from './structured.ts'

const QUOTA = 'https://iana.org/assignments/http-problem-types#quota-exceeded'

const expectSpent = (reply: Reply, policies: string[]): void => {
  expect(reply.status).toBe(429)
  expect(reply.headers.get('content-type')).toBe('application/problem+json')
  expect(reply.json).toMatchObject({
    type: QUOTA,
    code: 'quota-exceeded',
    status: 429,
    'violated-policies': policies,
    retry_after_s: Number(reply.headers.get('retry-after')),
  })
  expect(Number(reply.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
}

describe('four processes on one Redis', () => {
  test('pass exactly 120 of 150 in a second, a hundred in the next minute, 120 after that', async ({
    doors,
    standard,
    clock,
  }) => {
    const passed: unknown[] = []
    for (let minute = 0; minute < 3; minute++) {
      passed.push(statuses(await flood(doors, 150, standard)))
      await clock.advance(60_000)
    }
    expect(passed).toEqual([
      { 200: 120, 429: 30 },
      { 200: 100, 429: 50 },
      { 200: 120, 429: 30 },
    ])
  })

  // The long run sends what a standard key may send on a day.
  const perDay = process.env['K1N_TEST_LONG'] === '1' ? 10_000 : 1_000
  test(`pass ${perDay} on a day, and no more`, async ({ doors, door, clock, kernel }) => {
    const headers = await keyHeaders(door, { tier: 'premium', limits: { per_day: perDay } })
    const passed: number[] = []
    for (let minute = 0; minute < 11; minute++) {
      passed.push(statuses(await flood(doors, perDay / 10, headers))[200] ?? 0)
      await clock.advance(60_000)
    }
    expect(passed.reduce((a, b) => a + b)).toBe(perDay)
    const refused = await door.send('GET', '/api/v2/me', { headers })
    expectSpent(refused, ['day'])
    await clock.advance(Number(refused.headers.get('retry-after')) * 1_000)
    expect((await door.send('GET', '/api/v2/me', { headers })).status).toBe(200)
    const [key = ''] = await kernel.redis.keys('*:limits:key:key_*')
    expect(await kernel.redis.memory('USAGE', key, 'SAMPLES', 0)).toBeLessThan(1_024)
  }, 120_000)
})

describe('a caller', () => {
  test('is told where it stands by every reply, in fields that are what the draft says', async ({ door, standard }) => {
    const { headers } = await door.send('GET', '/api/v2/me', { headers: standard })
    expect(parseItems(headers.get('ratelimit-policy'))).toEqual({
      minute: { q: 100, w: 60 },
      burst: { q: 20, w: 60, 'k1n-cooldown': 60 },
      day: { q: 10_000, w: 86_400 },
    })
    expect(parseItems(headers.get('ratelimit'))).toEqual({
      minute: { r: 99, t: 60 },
      burst: { r: 20, t: 60 },
      day: { r: 9_999, t: 50_400 },
    })
    const older = ['limit', 'remaining', 'limit-day', 'remaining-day'].map((name) => headers.get(`x-ratelimit-${name}`))
    expect(older).toEqual(['100', '99', '10000', '9999'])
  })

  test('has `X-RateLimit-Reset` in seconds since 1970', async ({ door, standard, clock }) => {
    const { headers } = await door.send('GET', '/api/v2/me', { headers: standard })
    expect(Number(headers.get('x-ratelimit-reset'))).toBe(Math.floor(clock.now() / 1_000) + 60)
  })

  test('is told what was violated and when the request fits, also by replies that are no answer', async ({
    door,
    doors,
    standard,
    clock,
  }) => {
    await flood(doors, 120, standard)
    await clock.advance(19_000)
    const refused = await door.send('GET', '/api/v2/me', { headers: standard })
    expectSpent(refused, ['minute'])
    expect(refused.headers.get('retry-after')).toBe('41')
    expect(parseItems(refused.headers.get('ratelimit'))).toMatchObject({
      minute: { r: 0, t: 41 },
      burst: { r: 0, t: 41 },
    })
    await clock.advance(41_000)
    expect((await door.send('GET', '/api/v2/me', { headers: standard })).status).toBe(200)
  })

  test('asks for its quota without spending any', async ({ door, standard, clock }) => {
    await door.send('GET', '/api/v2/me', { headers: standard })
    await clock.advance(10_000)
    for (let i = 0; i < 3; i++) {
      const reply = await door.send('GET', '/api/v2/quota', { headers: standard })
      expect(reply.json).toMatchObject({
        tier: 'standard',
        exact: true,
        windows: {
          minute: {
            limit: 100,
            burst_limit: 120,
            remaining: 99,
            reset_s: 50,
            burst: { state: 'armed', remaining: 20, rearm_s: 0 },
          },
          day: { limit: 10_000, remaining: 9_999 },
        },
      })
    }
    expect((await door.send('GET', '/api/v2/quota')).json).toMatchObject({ tier: 'internal', windows: null })
  })

  test('spends nothing by health, and by what is not its own: a wrong key, no key', async ({ door, standard }) => {
    await door.send('GET', '/livez', { headers: standard })
    await door.send('GET', '/healthz', { headers: standard })
    await door.send('GET', '/api/v2/me', { headers: { authorization: `${standard['authorization'] ?? ''}x` } })
    await door.send('GET', '/api/v2/me', { headers: { authorization: undefined } })
    const told = await door.send('GET', '/api/v2/quota', { headers: standard })
    expect(told.json).toMatchObject({ windows: { day: { remaining: 10_000 } } })
  })

  test.for([
    ['what it may not do', 'GET', '/api/v2/api-keys', undefined, 403, 1],
    ['what is not there', 'GET', '/api/v2/nothing', undefined, 404, 1],
    ['a body that is not valid', 'POST', '/api/v2/jobs/bulk', { jobs: [] }, 422, 1],
    [
      '25 events in one',
      'POST',
      '/api/v2/events/bulk',
      { events: Array(25).fill({ event: 'order.paid', data: {} }) },
      202,
      3,
    ],
    [
      '500 events in one',
      'POST',
      '/api/v2/events/bulk',
      { events: Array(500).fill({ event: 'order.paid', data: {} }) },
      202,
      50,
    ],
    ['a search of dead letters', 'GET', '/api/v2/error-recovery/dlq/entries?q=timeout', undefined, 200, 2],
    [
      'a search of jobs',
      'POST',
      '/api/v2/jobs/search',
      { where: { field: 'state', op: 'eq', value: 'failed' } },
      200,
      2,
    ],
    ['a list of dead letters', 'GET', '/api/v2/error-recovery/dlq/entries', undefined, 200, 1],
    ['a page of version 1', 'GET', '/api/v1/jobs?page=3', undefined, 200, 1],
  ] as const)('spends by %s: %s %s', async ([_what, method, path, body, status, units], { door, standard }) => {
    const reply = await door.send(method, path, { headers: standard, ...(body === undefined ? {} : { body }) })
    expect(reply.status).toBe(status)
    expect(reply.headers.get('x-ratelimit-remaining')).toBe(String(100 - units))
    const told = await door.send('GET', '/api/v2/quota', { headers: standard })
    expect(told.json).toMatchObject({ windows: { day: { remaining: 10_000 - units } } })
  })

  test('spends nothing by many things at once that do not all fit, and none of them is done', async ({
    door,
    doors,
    standard,
  }) => {
    await flood(doors, 80, standard)
    const before = (await door.send('GET', '/api/v2/quota', { headers: standard })).text
    const events = Array(450).fill({ event: 'order.paid', data: {} })
    const refused = await door.send('POST', '/api/v2/events/bulk', { headers: standard, body: { events } })
    expectSpent(refused, ['minute'])
    await expect.poll(async () => (await door.send('GET', '/api/v2/quota', { headers: standard })).text).toBe(before)
    expect((await door.send('GET', '/api/v2/events?type=order.paid')).json).toMatchObject({ data: [] })
  })

  test('is refused before its body is read', async ({ door, doors, standard }) => {
    await flood(doors, 120, standard)
    const headers = { ...standard, 'content-type': 'application/json' }
    expectSpent(await door.send('POST', '/api/v2/jobs', { headers, raw: '{ not JSON' }), ['minute'])
  })

  test('of version 1 is refused in its words', async ({ doors, door, standard }) => {
    await flood(doors, 120, standard)
    const refused = await door.send('GET', '/api/v1/jobs', { headers: standard })
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).not.toBeNull()
  })

  test('that is internal, or signed in to the dashboard, is not limited', async ({ door }) => {
    const replies = await flood([door], 300, { authorization: `Bearer ${door.adminKey}` })
    expect(statuses(replies)).toEqual({ 200: 300 })
    expect(replies[0]?.headers.get('ratelimit')).toBeNull()
  })
})

describe('an address', () => {
  test('may send 300 requests a minute without a credential, and callers who are known stay free', async ({
    door,
    standard,
  }) => {
    expect(statuses(await flood([door], 310, {}))).toEqual({ 401: 300, 429: 10 })
    const refused = await door.send('GET', '/api/v2/me', { headers: { authorization: undefined } })
    expectSpent(refused, ['anonymous'])
    expect(parseItems(refused.headers.get('ratelimit-policy'))).toEqual({ anonymous: { q: 300, w: 60 } })
    expect((await door.send('GET', '/api/v2/me', { headers: standard })).status).toBe(200)
    for (const path of ['/livez', '/', '/docs', '/api/openapi.json'])
      expect((await door.send('GET', path, { headers: { authorization: undefined } })).status).not.toBe(429)
  })

  test('that sends what is not signed is refused in the end, and what is signed is not', async ({ door }) => {
    expect(statuses(await flood([door], 310, {}, '/hooks/src_nobody'))).toMatchObject({ 429: 10 })
  })
})

test('a key and the session that was opened with it spend from one quota', async ({ doors, standard }) => {
  const [door] = doors
  const key = String(standard['authorization']).replace('Bearer ', '')
  const headers = { authorization: undefined, 'sec-fetch-site': 'same-origin' }
  const signedIn = await door?.send('POST', '/auth/login', { body: { key }, headers })
  const cookie = String(signedIn?.headers.get('set-cookie')).split(';')[0] ?? ''
  expect(statuses(await flood(doors, 70, standard))).toEqual({ 200: 70 })
  expect(statuses(await flood(doors, 80, { cookie }))).toEqual({ 200: 50, 429: 30 })
})
