// Ways round the limits that others have found: none lets more pass than the limit and its burst.
import { request } from 'node:http'
import { vi } from 'vitest'
import type { Door } from '../fixtures.ts'
import { describe, expect, flood, statuses, test } from './fixtures.ts'

/** Sends a path as it is written; `fetch` would tidy it up. */
const raw = (door: Door, method: string, path: string, headers: Record<string, string>): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(door.url)
    request({ hostname, port, method, path, headers }, (res) => {
      res.resume().on('end', () => resolve(res.statusCode ?? 0))
    })
      .on('error', reject)
      .end()
  })

const dayLeft = async (door: Door, headers: Record<string, string>): Promise<unknown> =>
  (await door.send('GET', '/api/v2/quota', { headers })).json

test('an address that names others in headers is counted as itself', async ({ door }) => {
  const found: number[] = []
  for (let n = 0; n < 310; n++) {
    const other = `203.0.113.${n % 250}`
    const headers = { 'x-forwarded-for': `${other}, ${other}`, forwarded: `for=${other}`, 'x-real-ip': other, 'cf-connecting-ip': other } // prettier-ignore
    found.push(await raw(door, 'GET', '/api/v2/me', headers))
  }
  expect([found.filter((status) => status === 401).length, found.filter((status) => status === 429).length]).toEqual([
    300, 10,
  ])
})

describe('a key that has spent its minute', () => {
  const paths = [
    ...['/api/v2/me', '/api/v2/me/', '/api/v2/me?', '/api/v2/me?x=1', '/api/me', '/api/v1/jobs', '/API/V2/ME', '/Api/v2/me'],
    ...['//api/v2/me', '/api//v2/me', '/api/v2//me', '/api/v2/./me', '/api/v2/x/../me', '/%61pi/v2/me', '/api/v2/m%65'],
    ...['/api/v2/%2e/me', '/api/v2%2fme', '/api/v2/me%00', '/api/v2/me;x=1', '/api/v2/me#x', '/api\\v2\\me'],
    ...['/retry/t_1', '/api/v2/retry/t_1', '/api/v2/error-recovery/retry/t_1', '/api/v2/error-recovery/dlq/entries'],
  ] // prettier-ignore

  test('is answered by no spelling of a path, in no method', async ({ door, doors, standard }) => {
    await flood(doors, 120, standard)
    const passed: string[] = []
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'])
      for (const path of paths) {
        const status = await raw(door, method, path, { ...standard, 'x-http-method-override': 'GET' })
        // The dashboard answers every other path with its page, and counts nothing.
        if (status < 400 && /^\/api/i.test(path)) passed.push(`${method} ${path}: ${status}`)
      }
    expect(passed).toEqual([])
  }, 60_000)

  test('passes by no other version, and by no other name of a method', async ({ door, standard }) => {
    const ways = [
      ['GET', '/api/v2/me'],
      ['HEAD', '/api/v2/me'],
      ['GET', '/api/v1/jobs'],
      ['GET', '/api/me'],
    ] as const
    const found: number[] = []
    for (let n = 0; n < 140; n++) {
      const [method, path] = ways[n % ways.length] ?? ways[0]
      found.push(await raw(door, method, path, standard))
    }
    expect([found.filter((status) => status === 200).length, found.filter((status) => status === 429).length]).toEqual([
      120, 20,
    ])
  })

  test('spends nothing of others, and they nothing of it: with a key, with none and with a wrong one in turn', async ({
    door,
    standard,
  }) => {
    const wrong = { authorization: 'Bearer k1n_sk_00000000000000000000000000000000000000' }
    const found: Record<string, number> = {}
    for (let n = 0; n < 130; n++)
      for (const [name, headers] of [
        ['key', standard],
        ['none', {}],
        ['wrong', wrong],
      ] as const) {
        const status = await raw(door, 'GET', '/api/v2/me', headers)
        found[`${name} ${status}`] = (found[`${name} ${status}`] ?? 0) + 1
      }
    expect(found['key 200']).toBe(120)
    expect(found['key 429']).toBe(10)
    // Those without a valid key share what their address may ask for, or are kept out for trying keys.
    expect((found['none 401'] ?? 0) + (found['wrong 401'] ?? 0)).toBeLessThanOrEqual(300)
    expect((found['none 200'] ?? 0) + (found['wrong 200'] ?? 0)).toBe(0)
  })
})

test('a batch of a hundred counts as its operations do, and not as one request', async ({ door, standard }) => {
  const operations = Array.from({ length: 100 }, (_, n) => ({ op: 'retry', task_id: `http:t_${n}` }))
  const reply = await door.send('POST', '/api/v2/batch/operations', { headers: standard, body: { operations } })
  expect(reply.status).toBe(200)
  expect(await dayLeft(door, standard)).toMatchObject({ windows: { day: { remaining: 9_990 } } })
})

test('at the edge of a minute no more pass in any sixty seconds than the limit and its burst', async ({
  doors,
  standard,
  clock,
}) => {
  const passedNow = async (times: number): Promise<number> => statuses(await flood(doors, times, standard))[200] ?? 0
  const passed: number[] = [await passedNow(100)]
  for (let second = 1; second <= 125; second++) {
    await clock.advance(1_000)
    passed.push(second % 60 > 57 || second % 60 < 3 ? await passedNow(50) : 0)
  }
  const minutes = passed.map((_, from) => passed.slice(from, from + 60).reduce((a, b) => a + b, 0))
  expect(Math.max(...minutes)).toBeLessThanOrEqual(120)
}, 60_000)

test('a credential that looks like a key of Redis, or breaks a line, names nobody and leaves nothing', async ({
  door,
  kernel,
  prefix,
}) => {
  const before = (await kernel.redis.keys(`*${prefix}*`)).sort()
  for (const credential of [
    'k1n_sk_a:limits:key:admin',
    'k1n_sk_{k1n}',
    'k1n_sk_*',
    'k1n_sk_a%0d%0aX: 1',
    'k1n_sk_a\tb',
  ])
    expect(await raw(door, 'GET', '/api/v2/me', { authorization: `Bearer ${credential}` })).toBe(401)
  expect((await kernel.redis.keys(`*${prefix}*`)).sort()).toEqual(before)
})

test('a storm of what is refused asks less of Redis than what is answered', async ({
  door,
  doors,
  standard,
  kernel,
}) => {
  const asked = vi.spyOn(kernel.redis, 'sendCommand')
  /** Commands of Redis for each of so many requests, and how they were answered. */
  const commandsOf = async (times: number) => {
    asked.mockClear()
    const replies = await flood([door], times, standard, '/api/v2/queues')
    return [statuses(replies), asked.mock.calls.length / times] as const
  }
  const [answers, answered] = await commandsOf(100)
  await flood(doors, 20, standard)
  const [refusals, refused] = await commandsOf(300)
  expect([answers, refusals]).toEqual([{ 200: 100 }, { 429: 300 }])
  expect(refused).toBeLessThan(answered)
  expect(refused).toBeLessThan(1.5)
})
