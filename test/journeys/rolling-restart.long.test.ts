// A rolling restart of two processes of the API under load: each says that it is going, finishes what it has, and no request fails.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { setTimeout as rest } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { generateKey } from '../../shared/kernel/api-key.ts'
import { startTestRedis } from '../support/redis-server.ts'

const main = fileURLToPath(new URL('../../api/main.ts', import.meta.url))
const PER_SECOND = 200
const LOOK_EVERY_MS = 500

interface Backend {
  child: ChildProcess
  port: number
  isReady: boolean
}

const start = async (env: Record<string, string>): Promise<Backend> => {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('K1N_')))
  // Any address but the usual one of loopback is taken for one that a balancer is in front of.
  const settings = { PORT: '0', HOST: '127.0.0.2', K1N_LOG_LEVEL: 'error', ...env }
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
    env: { ...inherited, ...settings },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const [{ url }] = (await once(child, 'message')) as [{ url: string }]
  return { child, port: Number(new URL(url).port), isReady: true }
}

const agent = new Agent({ keepAlive: true, maxSockets: 50 })

/** The status of an answer; the code of the error where there is none. */
const ask = (port: number, method: string, path: string, key = ''): Promise<number | string> =>
  new Promise((resolve) => {
    const body = method === 'POST' ? JSON.stringify({ name: 'http.request', data: { url: 'http://example.com/' } }) : ''
    const headers = {
      ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
      ...(body === '' ? {} : { 'content-type': 'application/json', 'content-length': body.length }),
    }
    const sent = request({ host: '127.0.0.2', port, method, path, headers, agent }, (reply) => {
      reply.resume().once('end', () => resolve(reply.statusCode ?? 0))
    })
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message)).end(body)
  })

/** Sends requests to those that are ready by turns, as a balancer does, until told to stop. */
const balance = (backends: Backend[], key: string) => {
  const failures: (number | string)[] = []
  const open = new Set<Promise<void>>()
  let turn = 0
  let sent = 0
  const send = (): void => {
    const ready = backends.filter(({ isReady }) => isReady)
    const backend = ready[turn++ % ready.length]
    if (!backend) return void failures.push('nobody is ready')
    const isWrite = sent++ % 4 === 0
    const asked = ask(backend.port, isWrite ? 'POST' : 'GET', isWrite ? '/api/v2/jobs' : '/api/v2/me', key)
    const one = asked.then((status) => {
      if (typeof status === 'string' || status >= 400) failures.push(status)
    })
    open.add(one)
    void one.finally(() => open.delete(one))
  }
  const sending = setInterval(send, 1_000 / PER_SECOND)
  const looking = setInterval(() => {
    for (const backend of backends)
      void ask(backend.port, 'GET', '/readyz').then((status) => (backend.isReady = status === 200))
  }, LOOK_EVERY_MS)
  return {
    failures,
    sent: () => sent,
    async stop() {
      clearInterval(sending)
      clearInterval(looking)
      await Promise.all(open)
    },
  }
}

test('a rolling restart of two processes under 200 requests a second fails none', async () => {
  const redis = await startTestRedis()
  const key = generateKey('sk')
  const env = { REDIS_URL: redis.url, K1N_ADMIN_KEY: key }
  const backends = [await start(env), await start(env)]
  const load = balance(backends, key)
  await rest(2_000)
  for (const old of [...backends]) {
    backends.push(await start(env))
    const ended = once(old.child, 'exit')
    old.child.kill('SIGTERM')
    expect((await ended)[0]).toBe(0)
    backends.splice(backends.indexOf(old), 1)
  }
  await rest(2_000)
  await load.stop()
  agent.destroy()
  await Promise.all(
    backends.map(async ({ child }) => {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    }),
  )
  await redis.stop()
  expect(load.failures).toEqual([])
  expect(load.sent()).toBeGreaterThan(1_500)
}, 120_000)
