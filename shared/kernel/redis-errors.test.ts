// What a request is told when Redis refuses, hangs or is full: within about a second, and never a guess.
import { afterEach } from 'vitest'
import { expect, test } from '../../test/support/fixtures.ts'
import { startTestRedis } from '../../test/support/redis-server.ts'
import type { TestRedis } from '../../test/support/redis-server.ts'
import { isProblem } from './problem.ts'
import { connectRedis } from './redis.ts'
import { guardRedis } from './redis-errors.ts'

const servers: TestRedis[] = []
const open = async (args: string[] = []) => {
  const server = await startTestRedis({ appendonly: false, args })
  servers.push(server)
  const redis = connectRedis(server.url, 'producer')
  await new Promise((resolve) => redis.once('ready', resolve))
  return { server, redis }
}
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
})

const problemOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isProblem(error)) throw new Error(`no problem but ${String(error)}`)
  return { code: error.code, status: error.status, retryAfterMs: error.extras.retryAfterMs }
}

test('a Redis that is gone refuses at once, and nothing was changed', async () => {
  const { server, redis } = await open()
  const closed = new Promise((resolve) => redis.once('close', resolve))
  await server.kill()
  await closed
  const before = performance.now()
  expect(await problemOf(guardRedis(redis.set('a', '1')))).toEqual({
    code: 'redis-unavailable',
    status: 503,
    retryAfterMs: 2_000,
  })
  expect(performance.now() - before).toBeLessThan(100)
  redis.disconnect()
})

test('a Redis that hangs leaves a write unknown and a read refused, after a second', async () => {
  const { server, redis } = await open()
  await server.pause()
  const before = performance.now()
  const [write, read] = await Promise.all([
    problemOf(guardRedis(redis.set('a', '1'))),
    problemOf(guardRedis(redis.get('a'), 'read')),
  ])
  expect(performance.now() - before).toBeLessThan(1_500)
  expect(write).toMatchObject({ code: 'outcome-unknown', status: 503 })
  expect(read).toMatchObject({ code: 'redis-unavailable', status: 503 })
  redis.disconnect()
})

test('a full Redis says so as unavailable', async () => {
  const { redis } = await open(['--maxmemory', '1mb'])
  expect(await problemOf(guardRedis(redis.set('a', 'x'.repeat(2_000_000))))).toMatchObject({
    code: 'redis-unavailable',
  })
  redis.disconnect()
})

test('an error of our own stays what it is', async () => {
  await expect(guardRedis(Promise.reject(new TypeError('mine')))).rejects.toThrow(TypeError)
})

test('a Redis that is full refuses a write, also inside of a transaction, and nothing was changed', async () => {
  const { redis } = await open()
  await redis.config('SET', 'maxmemory', '1')
  const told = { code: 'redis-unavailable', status: 503, retryAfterMs: 2_000 }
  expect(await problemOf(guardRedis(redis.set('a', '1')))).toEqual(told)
  expect(await problemOf(guardRedis(redis.multi().set('a', '1').exec()))).toEqual(told)
  redis.disconnect()
})
