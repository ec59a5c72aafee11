// Health, versions, figures and tickets.
import { vi } from 'vitest'
import { expect, test } from '../fixtures.ts'

const anonymous = { authorization: undefined }

test('livez, readyz and healthz answer everybody, with details for those who may see them', async ({ door }) => {
  expect((await door.send('GET', '/livez', { headers: anonymous })).json).toEqual({ status: 'pass' })
  /** A Redis that a busy machine keeps from answering within 100 ms is not ready, and is a moment later. */
  const ready = (path: string, headers?: { authorization: undefined }) =>
    vi.waitFor(
      async () => {
        const told = await door.send('GET', path, headers ? { headers } : {})
        expect(told.status).toBe(200)
        return told
      },
      { timeout: 10_000 },
    )
  for (const path of ['/readyz', '/healthz']) {
    const brief = await ready(path, anonymous)
    expect(brief.headers.get('content-type')).toBe('application/health+json')
    expect(brief.json).not.toHaveProperty('checks')
    const { json } = (await ready(path)) as { json: unknown }
    for (const check of ['redis:responseTime', 'clock:skew'])
      expect(json).toHaveProperty(['checks', check, 0, 'status'], 'pass')
  }
})

test('a process that stops is not ready and still alive', async ({ door }) => {
  door.api.rooms.system.stopping()
  expect((await door.send('GET', '/readyz', { headers: anonymous })).status).toBe(503)
  expect((await door.send('GET', '/livez', { headers: anonymous })).status).toBe(200)
})

test('the durability level is told in a header', async ({ door }) => {
  await expect
    .poll(async () => (await door.send('GET', '/livez')).headers.get('k1n-durability'))
    .toMatch(/^(process|disk|none)$/)
})

test('the versions are listed', async ({ door }) => {
  expect((await door.send('GET', '/api', { headers: anonymous })).json).toEqual({
    versions: [
      { version: 2, status: 'current', url: '/api/v2' },
      {
        version: 1,
        status: 'deprecated',
        url: '/api/v1',
        deprecated_at: '2026-01-01T00:00:00.000Z',
        sunset_at: '2027-06-30T23:59:59.000Z',
        brownouts: [],
      },
    ],
  })
})

test('the overview and the timeline answer', async ({ door }) => {
  expect(await door.client.metrics.overview()).toMatchObject({ dead_letters: 0 })
  expect(await door.client.timeline.spans()).toMatchObject({ queues: [], truncated: false })
})

test('a ticket names the address to open with it', async ({ door }) => {
  const { ticket, url, expires_in } = await door.client.stream.ticket()
  expect(expires_in).toBe(30)
  expect(url).toBe(`${door.url.replace('http', 'ws')}/api/v2/stream?ticket=${ticket}`)
  expect(await door.api.rooms.auth.once.redeemTicket(ticket, '127.0.0.1')).toMatchObject({ id: 'admin' })
})
