// Too much: refused before Redis refuses by itself, and before answers would come too late.
import { request } from 'node:http'
import { generateKey } from '../../../shared/kernel/api-key.ts'
import { readSettings } from '../../../shared/kernel/config.ts'
import { createKernel } from '../../../shared/kernel/kernel.ts'
import { createLog } from '../../../shared/kernel/log.ts'
import { startTestRedis } from '../../support/redis-server.ts'
import { describe, expect, expectProblem, openDoor, test } from '../fixtures.ts'

const body = { name: 'http.request', data: { url: 'http://example.com/' } }

describe('while Redis is more than 80 % full', () => {
  test('jobs are refused, what is there can be cancelled and seen, and all is taken once there is room', async ({
    dir,
  }) => {
    const redis = await startTestRedis()
    const settings = readSettings({ REDIS_URL: redis.url, K1N_DATA_DIR: dir, K1N_ADMIN_KEY: generateKey('sk') })
    const log = createLog('error', () => undefined)
    const kernel = createKernel({ settings: { ...settings, PORT: 0 }, role: 'producer', log })
    const door = await openDoor(kernel)
    const { memory } = door.api.rooms.system
    try {
      const job = await door.send('POST', '/api/v2/jobs', { body })
      expect(job.status).toBe(201)
      const { id } = job.json as { id: string }
      await kernel.connect('worker').setrange('ballast', 10_000_000, 'k1n')
      await memory.look()
      await kernel.redis.config('SET', 'maxmemory', String(memory.used + 2_000_000))
      await memory.look()
      const refused = await door.send('POST', '/api/v2/jobs', { body })
      expectProblem(refused, 503, 'overloaded')
      expect(refused.headers.get('retry-after')).toBe('5')
      const trigger = { op: 'trigger', event: 'invoice.paid', data: {} }
      expectProblem(
        await door.send('POST', '/api/v2/batch/operations', { body: { operations: [trigger] } }),
        503,
        'overloaded',
      )
      // Other operations make room, or are about what is there.
      const skip = { op: 'skip', task_id: 'http:t_nobody' }
      expect((await door.send('POST', '/api/v2/batch/operations', { body: { operations: [skip] } })).status).toBe(200)
      expect((await door.send('GET', '/api/v2/jobs')).status).toBe(200)
      expect((await door.send('POST', `/api/v2/jobs/${encodeURIComponent(id)}/cancel`, { body: {} })).status).toBe(200)
      // With a little more room only work that may wait is refused.
      await kernel.redis.config('SET', 'maxmemory', String(Math.round(memory.used / 0.75)))
      await memory.look()
      const low = { ...body, options: { priority: 'low' } }
      const later = await door.send('POST', '/api/v2/jobs', { body: low })
      expectProblem(later, 429, 'queue-full')
      expect(Number(later.headers.get('retry-after'))).toBeGreaterThan(0)
      expect((await door.send('POST', '/api/v2/jobs', { body })).status).toBe(201)
      // Where Redis takes no write any more, what frees memory goes on, and so does its audit.
      await kernel.redis.config('SET', 'maxmemory', '1000000')
      const made = await door.send('DELETE', '/api/v2/services/nobody')
      expectProblem(made, 404, 'service-not-found')
      expect((await door.send('GET', '/livez')).status).toBe(200)
      await kernel.redis.config('SET', 'maxmemory', '0')
      await memory.look()
      expect((await door.send('POST', '/api/v2/jobs', { body })).status).toBe(201)
    } finally {
      await door.close()
      await kernel.close()
      await redis.stop()
    }
  })
})

describe('while one caller asks for much at once', () => {
  test('twenty of its requests are worked on, the others wait for their turn, and nobody else waits', async ({
    door,
  }) => {
    const [busy, other] = await Promise.all([1, 2].map(() => door.keyWith(['queues:read', 'jobs:read', 'jobs:data']))) // prettier-ignore
    const by = (key = '') => ({ headers: { authorization: `Bearer ${key}` } })
    const { queues, jobs } = door.api.rooms
    const list = queues.list.bind(queues)
    const begun = { here: 0, most: 0, all: 0 }
    const latch = () => Promise.withResolvers<true>()
    const [twenty, gate, long] = [latch(), latch(), latch()]
    const credential = (await door.api.rooms.auth.keys.identify(busy ?? '')).id
    queues.list = async (principal, how) => {
      if (principal.id !== credential) return list(principal, how)
      begun.all++
      begun.most = Math.max(begun.most, ++begun.here)
      if (begun.here === 20) twenty.resolve(true)
      await gate.promise
      begun.here--
      return []
    }
    // What waits for what is to come takes no turn: more than twenty of them begin, and the others have all twenty beside.
    const { id } = await door.client.jobs.create({ body })
    let waiting = 0
    jobs.result = async () => {
      if (++waiting === 25) long.resolve(true)
      await gate.promise
      return { done: false, body: { state: 'waiting' } }
    }
    const results = Array.from({ length: 25 }, () =>
      door.send('GET', `/api/v2/jobs/${encodeURIComponent(id)}/result?wait=25`, by(busy)),
    )
    await long.promise
    const sent = Array.from({ length: 60 }, () => door.send('GET', '/api/v2/queues', by(busy)))
    await twenty.promise
    expect((await door.send('GET', '/api/v2/queues', by(other))).status).toBe(200)
    expect(begun).toEqual({ here: 20, most: 20, all: 20 })
    // Nothing is done for one that goes away while it waits.
    const gone = latch()
    door.api.server.once('request', (_req, res) => res.once('close', () => gone.resolve(true)))
    const leaving = request(`${door.url}/api/v2/queues`, by(busy)).on('error', () => undefined)
    door.api.server.once('request', () => leaving.destroy())
    leaving.end()
    await gone.promise
    gate.resolve(true)
    expect((await Promise.all(sent)).map(({ status }) => status)).toEqual(sent.map(() => 200))
    await Promise.all(results)
    expect(begun).toEqual({ here: 0, most: 20, all: 60 })
  })
})

test('webhooks that are sent slowly keep nobody waiting who comes from the same address', async ({ door }) => {
  const { inbound } = door.api.rooms
  const all = Promise.withResolvers<true>()
  const receive = inbound.receive.bind(inbound)
  let begun = 0
  inbound.receive = (arrival) => {
    if (++begun === 25) all.resolve(true)
    return receive(arrival)
  }
  const slow = Array.from({ length: 25 }, (_, n) => {
    const asked = request(`${door.url}/hooks/src_${n}`, { method: 'POST', headers: { 'content-length': '2' } })
    asked.on('error', () => undefined).flushHeaders()
    return asked
  })
  await all.promise
  const sign = { headers: { authorization: undefined }, body: { key: generateKey('sk') } }
  expect((await door.send('POST', '/auth/login', sign)).status).toBe(401)
  for (const each of slow) each.destroy()
})

describe('while the event loop is late', () => {
  test('reads and then jobs are refused at once, and health is told', async ({ door }) => {
    const { lag } = door.api
    lag.stop()
    for (let look = 0; look < 10; look++) lag.seen(700)
    const refused = await door.send('GET', '/api/v2/queues')
    expectProblem(refused, 503, 'overloaded')
    expect(refused.headers.get('retry-after')).toBe('1')
    expectProblem(await door.send('POST', '/api/v2/jobs', { body }), 503, 'overloaded')
    for (const path of ['/livez', '/readyz', '/healthz']) expect((await door.send('GET', path)).status).toBe(200)
    lag.seen(0)
    expect((await door.send('GET', '/api/v2/queues')).status).toBe(200)
  })
})
