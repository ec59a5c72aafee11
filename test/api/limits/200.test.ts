// While Redis is away: known callers are answered soon, and not told figures that nobody knows. A stream costs as much as a request.
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { generateKey } from '../../../shared/kernel/api-key.ts'
import { readSettings } from '../../../shared/kernel/config.ts'
import { createKernel } from '../../../shared/kernel/kernel.ts'
import { createLog } from '../../../shared/kernel/log.ts'
import { startTestRedis } from '../../support/redis-server.ts'
import { openDoor } from '../fixtures.ts'
import { expect, flood, keyHeaders, test } from './fixtures.ts'

test('a Redis that is killed costs callers nothing but the fields that tell where they stand', async ({ dir }) => {
  const redis = await startTestRedis()
  const settings = readSettings({ REDIS_URL: redis.url, K1N_DATA_DIR: dir, K1N_ADMIN_KEY: generateKey('sk') })
  const log = createLog('error', () => undefined)
  const kernel = createKernel({ settings: { ...settings, PORT: 0 }, role: 'producer', log })
  const door = await openDoor(kernel)
  try {
    const headers = await keyHeaders(door)
    await expect
      .poll(async () => (await door.send('GET', '/api/v2/me', { headers })).headers.get('ratelimit'))
      .not.toBeNull()
    await redis.kill()
    await expect.poll(() => kernel.redis.status).not.toBe('ready')
    const reply = await door.send('GET', '/api/v2/me', { headers })
    expect(reply.status).toBe(200)
    expect(reply.headers.get('ratelimit')).toBeNull()
    expect(reply.headers.get('x-ratelimit-remaining')).toBeNull()
    expect(Number(/dur=([\d.]+)/.exec(reply.headers.get('server-timing') ?? '')?.[1])).toBeLessThan(60)
    expect((await door.send('GET', '/api/v2/quota', { headers })).json).toMatchObject({ exact: false })
    const replies = await flood([door], 200, headers)
    expect(replies.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(120)
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200, 429]))
  } finally {
    await door.close()
    await kernel.close()
    await redis.stop()
  }
}, 40_000)

test('opening a socket costs one, and is refused like a request', async ({ door, standard }) => {
  const open = async (): Promise<string> => {
    const socket = new WebSocket(`${door.url.replace(/^http/, 'ws')}/api/v2/stream`, { headers: standard })
    socket.on('error', () => undefined)
    const [, reply] = (await Promise.race([
      once(socket, 'open').then(() => [undefined, undefined]),
      once(socket, 'unexpected-response'),
    ])) as [unknown, { statusCode: number } | undefined]
    socket.terminate()
    return reply ? String(reply.statusCode) : 'open'
  }
  expect(await open()).toBe('open')
  expect((await door.send('GET', '/api/v2/quota', { headers: standard })).json).toMatchObject({
    windows: { minute: { remaining: 99 } },
  })
  await flood([door], 119, standard)
  expect(await open()).toBe('429')
})
