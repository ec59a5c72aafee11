// Connections that come back stay: what a lost one waited for does not end the one after it.
import type { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { startTestRedis } from '../../test/support/redis-server.ts'
import { connectRedis, sendNow } from './redis.ts'

const SILENCE_MS = 1_000

test.for([
  ['a connection', (redis: Redis) => redis],
  ['a copy of it, as BullMQ makes one to block on', (redis: Redis) => redis.duplicate()],
] as const)('%s is not ended again when Redis is back', async ([, of]) => {
  const server = await startTestRedis()
  const original = connectRedis(server.url, 'worker', 'k1n-test', { socketTimeout: SILENCE_MS })
  const redis = of(original)
  try {
    redis.on('error', () => undefined)
    await redis.ping()
    // What waits for an answer when Redis goes is sent again when it is back.
    const waiting = redis.xread('BLOCK', 400, 'STREAMS', 'nothing', '$')
    let closes = 0
    redis.on('close', () => closes++)
    const ready = new Promise((resolve) => redis.once('ready', resolve))
    await server.kill()
    await server.restart()
    await ready
    const lost = closes
    await waiting
    for (let waited = 0; waited < 2 * SILENCE_MS; waited += 400)
      await redis.xread('BLOCK', 400, 'STREAMS', 'nothing', '$')
    expect(closes).toBe(lost)
  } finally {
    for (const each of new Set([redis, original])) each.disconnect()
    await server.stop()
  }
})

test('a connection that is silent although a command waits is ended, and the command is sent again', async () => {
  const server = await startTestRedis()
  const redis = connectRedis(server.url, 'worker', 'k1n-test', { socketTimeout: SILENCE_MS })
  try {
    await redis.ping()
    await server.pause()
    const closed = new Promise((resolve) => redis.once('close', resolve))
    const answer = redis.echo('still here')
    await closed
    await server.resume()
    expect(await answer).toBe('still here')
  } finally {
    redis.disconnect()
    await server.stop()
  }
})

test('a hundred commands of one moment reach Redis in a handful of reads', async () => {
  const server = await startTestRedis()
  const redis = connectRedis(server.url, 'worker')
  try {
    const reads = async (): Promise<number> =>
      Number(/^total_reads_processed:(\d+)/m.exec(await redis.info('stats'))?.[1] ?? Number.NaN)
    const before = await reads()
    expect(await Promise.all(Array.from({ length: 100 }, (_, n) => redis.echo(String(n))))).toHaveLength(100)
    // The first, fourteen, five times sixteen, five, and the question how many there were.
    expect((await reads()) - before).toBeLessThanOrEqual(9)
  } finally {
    redis.disconnect()
    await server.stop()
  }
})

test('commands of one moment in which the connection is lost are sent again', async () => {
  const server = await startTestRedis()
  const redis = connectRedis(server.url, 'worker')
  try {
    await redis.ping()
    const echoes = Array.from({ length: 40 }, (_, n) => redis.echo(String(n)))
    redis.stream.destroy()
    const later = redis.echo('later')
    expect(await Promise.all([...echoes, later])).toEqual([...Array.from({ length: 40 }, (_, n) => String(n)), 'later'])
  } finally {
    redis.disconnect()
    await server.stop()
  }
})

test('what waits for others of its moment leaves before work that blocks the process', async () => {
  const server = await startTestRedis()
  const redis = connectRedis(server.url, 'worker')
  try {
    await redis.ping()
    const { stream } = redis
    const answers = [1, 2, 3].map((n) => redis.echo(String(n)))
    expect(stream.writableLength).toBeGreaterThan(0)
    sendNow(redis)
    expect(stream.writableLength).toBe(0)
    await Promise.all(answers)
  } finally {
    redis.disconnect()
    await server.stop()
  }
})
