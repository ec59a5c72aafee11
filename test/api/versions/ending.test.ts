// How version 1 ends: what its replies announce, rehearsals, and what comes after its sunset.
import { stoppedClock } from '../../../shared/kernel/clock.ts'
import type { StoppedClock } from '../../../shared/kernel/clock.ts'
import type { Kernel } from '../../../shared/kernel/kernel.ts'
import { test as base, describe, expect, expectProblem, openDoor } from '../fixtures.ts'
import type { Door, Reply } from '../fixtures.ts'

const SUNSET = Date.UTC(2027, 5, 30, 23, 59, 59)
const SPAN = '2027-05-04T10:00:00Z/2027-05-04T11:00:00Z'

/** The API at another time and with another chance. */
const test = base.extend<{ at: (now: number, chance?: number) => Promise<{ door: Door; clock: StoppedClock }> }>({
  at: async ({ kernel }, use) => {
    const doors: Awaited<ReturnType<typeof openDoor>>[] = []
    await use(async (now, chance = 0.5) => {
      const clock = stoppedClock(now)
      const then: Kernel = { ...kernel, clock, random: () => chance }
      const door = await openDoor(then)
      doors.push(door)
      return { door, clock }
    })
    await Promise.all(doors.map((door) => door.close()))
  },
})

const said = ({ headers }: Reply) => ({
  deprecation: headers.get('deprecation'),
  sunset: headers.get('sunset'),
  deprecated: headers.get('x-api-deprecated'),
})
const announced = { deprecation: '@1767225600', sunset: 'Wed, 30 Jun 2027 23:59:59 GMT', deprecated: 'true' }

describe('every reply of version 1', () => {
  test('announces its end and its successor, refusals too', async ({ door }) => {
    for (const [path, successor] of [
      ['/api/v1/queues', '/api/v2/queues'],
      ['/api/v1/dlq/x:t_1/retry', '/api/v2/error-recovery/dlq/x:t_1/resubmit'],
      ['/api/v1/schedules/none', '/api/v2/scheduler/schedules/none'],
      ['/api/v1/nothing', '/api/v2'],
    ] as const) {
      const reply = await door.send(path.endsWith('retry') ? 'POST' : 'GET', path)
      expect(said(reply)).toEqual(announced)
      expect(reply.headers.get('link')).toContain(`<${successor}>; rel="successor-version"`)
      expect(reply.headers.get('vary')).toMatch(/^Accept, X-API-Version, Origin, Accept-Encoding, .*Prefer$/)
    }
  })

  test('links to pages that are there for everybody', async ({ door }) => {
    const { headers } = await door.send('GET', '/api/v1/queues')
    const targets = [...(headers.get('link') ?? '').matchAll(/<(http[^>]+)>; rel="(\w+)"/g)]
    expect(targets.map(([, , rel]) => rel)).toEqual(['deprecation', 'sunset'])
    for (const [, target = ''] of targets) {
      const page = await fetch(target)
      expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
      expect(await page.text()).toContain('<td>')
    }
  })

  test('is told as `true` to who prefers that', async ({ door }) => {
    const headers = { prefer: 'respond-async, deprecation=boolean' }
    const reply = await door.send('GET', '/api/v1/queues', { headers })
    expect(said(reply)).toEqual({ ...announced, deprecation: 'true' })
    expect(reply.headers.get('preference-applied')).toBe('deprecation=boolean')
    expect(reply.headers.get('vary')).toContain('Prefer')
  })

  test('and to keys that need it, unless they prefer a date', async ({ door }) => {
    const { key } = await door.client.auth.createKey({
      body: { name: 'old', role: 'viewer', compat: { deprecation: 'boolean' } },
    })
    const headers = { authorization: `Bearer ${key}` }
    expect(said(await door.send('GET', '/api/v1/queues', { headers })).deprecation).toBe('true')
    const dated = await door.send('GET', '/api/v1/queues', { headers: { ...headers, prefer: 'deprecation=rfc9745' } })
    expect(said(dated).deprecation).toBe('@1767225600')
  })

  test('of version 2 says nothing of it', async ({ door }) => {
    for (const path of ['/api/v2/queues', '/api/v2/nothing', '/api/queues', '/livez'])
      expect(said(await door.send('GET', path, { headers: { prefer: 'deprecation=boolean' } }))).toEqual({
        deprecation: null,
        sunset: null,
        deprecated: null,
      })
  })
})

describe('with the format set for all', () => {
  test.override({ settings: { K1N_DEPRECATION_FORMAT: 'boolean' } })
  test('whoever says nothing is told `true`', async ({ door }) => {
    expect(said(await door.send('GET', '/api/v1/queues')).deprecation).toBe('true')
  })
})

describe('the sunset', () => {
  test('ends version 1 by the clock, and tells where to go', async ({ at }) => {
    const { door, clock } = await at(SUNSET)
    expect((await door.send('GET', '/api/v1/queues')).status).toBe(200)
    await clock.advance(1)
    for (const headers of [{}, { authorization: undefined }, { accept: 'application/vnd.k1n.v1+json' }]) {
      const reply = await door.send('GET', '/api/v1/dlq', { headers })
      expect(expectProblem(reply, 410, 'api-version-sunset')).toMatchObject({
        supported_versions: [2],
        requested: 1,
        source: 'path',
        sunset_at: '2027-06-30T23:59:59.000Z',
      })
      expect(said(reply)).toEqual(announced)
      expect(reply.headers.get('link')).toContain('</api/v2/error-recovery/dlq/entries>; rel="successor-version"')
    }
    expect((await door.send('GET', '/api', { headers: {} })).json).toEqual({
      versions: [{ version: 2, status: 'current', url: '/api/v2' }],
    })
    expectProblem(
      await door.send('GET', '/api/queues', { headers: { 'x-api-version': '1' } }),
      410,
      'api-version-sunset',
    )
    expect((await door.send('GET', '/api/v1')).json).toMatchObject({ versions: [{ version: 2 }] })
    const either = { accept: 'application/vnd.k1n.v1+json, application/json;q=0.5' }
    expect((await door.send('GET', '/api/queues', { headers: either })).headers.get('x-api-version')).toBe('2')
  })
})

describe('turned off', () => {
  test.override({ settings: { K1N_API_V1: 'off' } })
  test('version 1 is gone before its time', async ({ door }) => {
    expectProblem(await door.send('GET', '/api/v1/queues'), 410, 'api-version-sunset')
  })
})

describe('a rehearsal', () => {
  test.override({
    settings: { K1N_API_V1: 'brownout', K1N_API_V1_BROWNOUTS: SPAN, K1N_API_V1_BROWNOUT_PERCENT: '30' },
  })
  const start = Date.UTC(2027, 4, 4, 10)

  test('refuses its share as the sunset will, for its span', async ({ at }) => {
    const { door, clock } = await at(start - 1, 0.29)
    expect((await door.send('GET', '/api/v1/queues')).status).toBe(200)
    await clock.advance(1)
    expect(expectProblem(await door.send('GET', '/api/v1/queues'), 410, 'api-version-sunset')).toMatchObject({
      brownout_until: '2027-05-04T11:00:00.000Z',
    })
    expect((await door.send('GET', '/api/v2/queues')).status).toBe(200)
    await clock.advance(3_600_000)
    expect((await door.send('GET', '/api/v1/queues')).status).toBe(200)
  })

  test('serves the others, and is announced', async ({ at }) => {
    const { door } = await at(start, 0.3)
    expect((await door.send('GET', '/api/v1/queues')).status).toBe(200)
    expect((await door.send('GET', '/api')).json).toMatchObject({
      versions: [
        { version: 2, status: 'current' },
        {
          version: 1,
          status: 'deprecated',
          deprecated_at: '2026-01-01T00:00:00.000Z',
          sunset_at: '2027-06-30T23:59:59.000Z',
          brownouts: [{ from: '2027-05-04T10:00:00.000Z', to: '2027-05-04T11:00:00.000Z' }],
        },
      ],
    })
  })
})
