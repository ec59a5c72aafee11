// The API as a process: it starts without Redis, tells when it is ready, and goes when it is told to.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { generateKey } from '../../shared/kernel/api-key.ts'
import { testRedisUrl } from '../support/fixtures.ts'
import { startTestRedis } from '../support/redis-server.ts'
import { describe, expect, test } from './fixtures.ts'

const main = fileURLToPath(new URL('../../api/main.ts', import.meta.url))
const key = generateKey('sk')

interface Started {
  child: ChildProcess
  url: string
  signInUrl: string | undefined
}

const start = async (env: Record<string, string>): Promise<Started> => {
  const settings = { PORT: '0', K1N_ADMIN_KEY: key, K1N_LOG_LEVEL: 'warn', ...env }
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('K1N_')))
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
    env: { ...inherited, ...settings },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const [message] = (await once(child, 'message')) as [{ type: string; url: string; signInUrl?: string }]
  expect(message.type).toBe('ready')
  return { child, url: message.url, signInUrl: message.signInUrl }
}

const stop = async (child: ChildProcess): Promise<number | null> => {
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  return ((await ended) as [number | null])[0]
}

describe('the process of the API', () => {
  test('is ready with a link that signs in, and ends with 0 at a stop signal', async ({ dir, prefix }) => {
    const { child, signInUrl, url } = await start({
      REDIS_URL: testRedisUrl(),
      K1N_DATA_DIR: dir,
      K1N_BULLMQ_PREFIX: prefix,
    })
    expect(signInUrl?.startsWith(`${url}/auth/login?code=`)).toBe(true)
    const page = await fetch(signInUrl ?? '', { redirect: 'manual' })
    expect(page.status).toBe(303)
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    expect(await stop(child)).toBe(0)
  }, 30_000)

  test('starts while Redis is away, refuses, and serves once Redis is there', async ({ dir }) => {
    const redis = await startTestRedis()
    await redis.kill()
    const { child, url, signInUrl } = await start({ REDIS_URL: redis.url, K1N_DATA_DIR: dir })
    try {
      expect(signInUrl).toBeUndefined()
      expect((await fetch(`${url}/livez`)).status).toBe(200)
      expect((await fetch(`${url}/readyz`)).status).toBe(503)
      const headers = { authorization: `Bearer ${key}` }
      expect((await fetch(`${url}/api/v2/queues`, { headers })).status).toBe(503)
      await redis.restart()
      await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(200)
      const answer = await fetch(`${url}/api/v2/queues`, { headers })
      expect(answer.status, await answer.text()).toBe(200)
    } finally {
      expect(await stop(child)).toBe(0)
      await redis.stop()
    }
  }, 40_000)

  test('ends in order while Redis is away', async ({ dir }) => {
    const redis = await startTestRedis()
    const { child } = await start({ REDIS_URL: redis.url, K1N_DATA_DIR: dir })
    await redis.kill()
    expect(await stop(child)).toBe(0)
    await redis.stop()
  }, 30_000)

  test('ends with its parent', async ({ dir, prefix }) => {
    const { child } = await start({ REDIS_URL: testRedisUrl(), K1N_DATA_DIR: dir, K1N_BULLMQ_PREFIX: prefix })
    const ended = once(child, 'exit')
    child.disconnect()
    expect(((await ended) as [number | null])[0]).toBe(0)
  }, 30_000)

  test('names every wrong setting and does not start', async () => {
    const child = spawn(process.execPath, [main], {
      env: { PORT: 'x', K1N_ADMIN_KEY: 'y' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number | null]
    expect(code).toBe(1)
    expect(said).toContain('PORT')
    expect(said).toContain('K1N_ADMIN_KEY')
  }, 30_000)
})
