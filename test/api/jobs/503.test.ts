// Redis away: refused at once, hung within the deadline, and back by itself.
import { generateKey } from '../../../shared/kernel/api-key.ts'
import { readSettings } from '../../../shared/kernel/config.ts'
import { createKernel } from '../../../shared/kernel/kernel.ts'
import { createLog } from '../../../shared/kernel/log.ts'
import { startTestRedis } from '../../support/redis-server.ts'
import { describe, expect, expectProblem, openDoor, test } from '../fixtures.ts'

const body = { name: 'http.request', data: { url: 'http://example.com/' } }

describe('while Redis is away', () => {
  test('writes and reads are refused, probes tell, and all is well once it is back', async ({ dir }) => {
    const redis = await startTestRedis()
    const settings = readSettings({ REDIS_URL: redis.url, K1N_DATA_DIR: dir, K1N_ADMIN_KEY: generateKey('sk') })
    const kernel = createKernel({
      settings: { ...settings, PORT: 0 },
      role: 'producer',
      log: createLog('error', () => undefined),
    })
    const door = await openDoor(kernel)
    try {
      const key = await door.keyOf('developer')
      const headers = { authorization: `Bearer ${key}` }
      expect((await door.send('POST', '/api/v2/jobs', { body, headers })).status).toBe(201)

      await redis.pause()
      const hung = performance.now()
      expectProblem(
        await door.send('POST', '/api/v2/jobs', { body, headers: { ...headers, 'idempotency-key': 'h' } }),
        503,
        'outcome-unknown',
      )
      expect(performance.now() - hung).toBeLessThan(1_600)
      const elsewhere = {
        body: { ...body, name: 'theirs', queue: 'theirs' },
        headers: { ...headers, 'idempotency-key': 'k' },
      }
      const looked = performance.now()
      expectProblem(await door.send('POST', '/api/v2/jobs', elsewhere), 503, 'redis-unavailable')
      expect(performance.now() - looked).toBeLessThan(1_600)
      expectProblem(await door.send('GET', '/api/v2/queues', { headers }), 503, 'redis-unavailable')
      await redis.resume()

      await redis.kill()
      await expect.poll(() => kernel.redis.status).not.toBe('ready')
      const refused = await door.send('POST', '/api/v2/jobs', { body, headers })
      expectProblem(refused, 503, 'redis-unavailable')
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(Number(/dur=([\d.]+)/.exec(refused.headers.get('server-timing') ?? '')?.[1])).toBeLessThan(50)
      expectProblem(
        await door.send('GET', '/api/v2/me', { headers: { authorization: `Bearer ${generateKey('sk')}` } }),
        503,
        'redis-unavailable',
      )
      expect((await door.send('GET', '/readyz')).status).toBe(503)
      expect((await door.send('GET', '/livez', { headers })).status).toBe(200)
      expect(refused.text).not.toMatch(/ioredis|ECONN|127\.0\.0\.1:\d+ |Stream isn't/)

      const back = new Promise((resolve) => kernel.redis.once('ready', resolve))
      await redis.restart()
      await back
      expect((await door.send('GET', '/readyz')).status).toBe(200)
      expect((await door.send('POST', '/api/v2/jobs', { body, headers })).status).toBe(201)
    } finally {
      await door.close()
      await kernel.close()
      await redis.stop()
    }
  }, 40_000)
})
