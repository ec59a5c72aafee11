// `npm start` as a new user runs it: up, signed in, still there after a restart, and gone without a trace.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readFile, readdir, rm, mkdtemp, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

interface Started {
  process: ChildProcess
  output: () => string
  exited: Promise<number | null>
}

let dir: string
let port: string

const freePort = (): Promise<string> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address() as { port: number }
      server.close(() => resolve(String(free)))
    })
  })

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'k1n-start-'))
  port = await freePort()
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const begin = (command = 'node', args = ['scripts/start.mjs']): Started => {
  const { REDIS_URL: _redis, ...env } = process.env
  const child = spawn(command, args, {
    env: { ...env, PORT: port, K1N_DATA_DIR: dir, K1N_DEMO: 'off', K1N_WORKERS: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  return { process: child, output: () => text, exited }
}

const says = async (started: Started, words: string): Promise<string> => {
  for (;;) {
    if (started.output().includes(words)) return started.output()
    const over = await Promise.race([
      started.exited.then(() => true),
      new Promise<false>((resolve) => setTimeout(() => resolve(false), 50)),
    ])
    if (over && !started.output().includes(words))
      throw new Error(`it ended without saying "${words}":\n${started.output()}`)
  }
}

/** Processes whose environment names this data directory: whatever `npm start` began and did not end. */
const leftovers = async (): Promise<string[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
  const held = await Promise.all(
    pids.map(async (pid) =>
      (await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')).includes(`K1N_DATA_DIR=${dir}`) ? pid : '',
    ),
  )
  return held.filter((pid) => pid !== '')
}

test('it comes up, its link signs in once, a second one says what is in the way, data survives, and it leaves nothing', async () => {
  const first = begin()
  const output = await says(first, 'k1n is up')
  const link = /http:\S+login\?code=\S+/.exec(output)?.[0] ?? ''
  const signedIn = await fetch(link, { redirect: 'manual' })
  expect(signedIn.headers.get('set-cookie')).toContain('k1n_session=')
  expect((await fetch(link, { redirect: 'manual' })).headers.get('set-cookie')).toBeNull()

  const key = (await readFile(join(dir, 'admin-key'), 'utf8')).trim()
  expect((await stat(join(dir, 'admin-key'))).mode & 0o777).toBe(0o600)
  expect((await stat(join(dir, 'secrets-key'))).mode & 0o777).toBe(0o600)
  const authorization = `Bearer ${key}`
  const create = await fetch(`http://127.0.0.1:${port}/api/v2/jobs`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'demo.mail',
      id: 'kept',
      data: { to: 'ada@example.org', subject: 'Hello' },
      options: { delay_ms: 3_600_000 },
    }),
  })
  expect(create.status).toBe(201)

  const second = begin()
  expect(await second.exited).not.toBe(0)
  expect(second.output()).toContain(`http://127.0.0.1:${port}`)

  first.process.kill('SIGINT')
  expect(await first.exited).toBe(0)
  expect(await leftovers()).toEqual([])

  // Whoever looks after services knows npm's process only.
  const again = begin('npm', ['start'])
  await says(again, 'k1n is up')
  const kept = await fetch(`http://127.0.0.1:${port}/api/v2/jobs/mail:t_kept`, { headers: { authorization } })
  expect(await kept.json()).toMatchObject({ name: 'demo.mail', state: 'delayed' })
  again.process.kill('SIGTERM')
  await again.exited
  await expect.poll(leftovers, { timeout: 15_000 }).toEqual([])
})
