// A test's own Redis: what the fault tests rely on when they break it.
import { Redis } from 'ioredis'
import { connect } from 'node:net'
import { existsSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { startTestRedis, type TestRedis } from './redis-server.ts'

const open: TestRedis[] = []
const start = async (...args: Parameters<typeof startTestRedis>): Promise<TestRedis> => {
  const redis = await startTestRedis(...args)
  open.push(redis)
  return redis
}
afterEach(async () => {
  for (const redis of open.splice(0)) await redis.stop()
})

const ask = async <T>(url: string, question: (client: Redis) => Promise<T>): Promise<T> => {
  const client = new Redis(url)
  try {
    return await question(client)
  } finally {
    client.disconnect()
  }
}
const setting = (url: string, name: string) =>
  ask(url, async (client) => ((await client.config('GET', name)) as string[])[1])

test('it runs with the shared settings', async () => {
  const { url } = await start()
  const wanted = {
    'maxmemory-policy': 'noeviction',
    appendonly: 'yes',
    appendfsync: 'everysec',
    hz: '100',
    'hash-max-listpack-value': '2048',
    bind: '127.0.0.1',
    save: '',
  }
  for (const [name, value] of Object.entries(wanted)) expect([name, await setting(url, name)]).toEqual([name, value])
  expect(Number(await setting(url, 'maxmemory'))).toBeGreaterThan(0)
})

test('options win over the shared settings', async () => {
  const { url } = await start({ appendonly: false, args: ['--maxmemory', '64mb'] })
  expect(await setting(url, 'appendonly')).toBe('no')
  expect(await setting(url, 'maxmemory')).toBe(String(64 * 1024 * 1024))
})

test('a restart after a kill serves the same data on the same port from another process', async () => {
  const redis = await start()
  await ask(redis.url, (client) => client.set('kept', 'yes'))
  const first = redis.pid
  await redis.kill()
  expect(() => process.kill(first, 0)).toThrow('ESRCH')
  await redis.restart()
  expect(redis.pid).not.toBe(first)
  expect(await ask(redis.url, (client) => client.get('kept'))).toBe('yes')
})

test('while paused it takes connections and answers nothing; resumed it answers what was asked', async () => {
  const redis = await start()
  await redis.pause()
  const socket = connect(redis.port, '127.0.0.1')
  socket.write('PING\r\n')
  let answered = false
  const answer = new Promise<string>((resolve) => {
    socket.once('data', (data: Buffer) => {
      answered = true
      resolve(data.toString())
    })
  })
  await new Promise((resolve) => socket.once('connect', resolve))
  expect(answered).toBe(false)
  await redis.resume()
  expect(await answer).toBe('+PONG\r\n')
  socket.destroy()
})

test('stop ends the process, even a paused one, and removes its folder', async () => {
  const redis = await start()
  const { pid, dir } = redis
  await redis.pause()
  await redis.stop()
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  expect(existsSync(dir)).toBe(false)
})

test('a port that is taken is said with what Redis printed', async () => {
  const { port } = await start()
  await expect(startTestRedis({ port })).rejects.toThrow(/Address already in use/)
})
