// A whole k1n as real processes: a Redis of its own, the API, the workers' supervisor; everything a user would start.
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundles } from '../../scripts/setup/bundle.mjs'
import { contract } from '../../shared/contract.ts'
import { generateKey } from '../../shared/kernel/api-key.ts'
import { createClient } from '../../shared/kernel/client.ts'
import type { Client } from '../../shared/kernel/client.ts'
import { nodeFlags } from '../../shared/kernel/flags.ts'
import type { K1nContract } from '../../shared/contract.ts'
import { startTestRedis } from './redis-server.ts'
import { testSecretsKey } from './secrets-key.ts'

export interface Running {
  readonly process: ChildProcess
  /** The message it sent when it was ready. */
  readonly ready: Record<string, unknown>
  /** Asks it to stop and waits until it has; answers its exit code. */
  stop(): Promise<number | null>
}

const message = (child: ChildProcess, type: string): Promise<Record<string, unknown>> =>
  new Promise((resolve, reject) => {
    child.on('message', (value: { type?: string }) => {
      if (value.type === type) resolve(value)
    })
    child.once('exit', (code, signal) =>
      reject(new Error(`${child.spawnargs[1] ?? ''} ended with ${code ?? signal ?? ''} before it was ${type}`)),
    )
  })

const ended = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((resolve) => child.once('exit', (code) => resolve(code)))

/** Starts one of our programs with Node as it runs now and waits until it says that it is ready. */
export const run = async (file: string, env: Record<string, string>): Promise<Running> => {
  const child = fork(file, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [...nodeFlags],
  })
  const ready = await message(child, 'ready')
  return {
    process: child,
    ready,
    stop: () => {
      child.kill('SIGTERM')
      return ended(child)
    },
  }
}

export interface Stack {
  readonly dir: string
  readonly redis: Awaited<ReturnType<typeof startTestRedis>>
  readonly url: string
  readonly key: string
  readonly client: Client<K1nContract>
  readonly env: Record<string, string>
  api: Running
  workers: Running
  stop(): Promise<void>
}

/** Starts everything; `env` adds settings. */
export const startStack = async (env: Record<string, string> = {}): Promise<Stack> => {
  const dir = await mkdtemp(join(tmpdir(), 'k1n-stack-'))
  const redis = await startTestRedis({ appendonly: true })
  const key = generateKey('sk')
  const settings = {
    REDIS_URL: redis.url,
    K1N_DATA_DIR: dir,
    K1N_ADMIN_KEY: key,
    K1N_SECRETS_KEY: testSecretsKey,
    PORT: '0',
    K1N_WORKERS: '1',
    K1N_DEMO: 'off',
    K1N_LOG_LEVEL: 'error',
    ...env,
  }
  const [api, workers] = await Promise.all([run(bundles.api.entry, settings), run('workers/main.ts', settings)])
  const url = String(api.ready['url'])
  const client = createClient<K1nContract>(contract, {
    origin: url,
    headers: () => ({ authorization: `Bearer ${key}` }),
  })
  const stack: Stack = {
    ...{ dir, redis, url, key, client, env: settings, api, workers },
    async stop() {
      await Promise.allSettled([stack.workers.stop(), stack.api.stop()])
      await redis.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
  return stack
}

/** The processes that a supervisor keeps: workers and the one that records. */
export const childrenOf = (pid: number | undefined): number[] =>
  readFileSync(`/proc/${pid ?? 0}/task/${pid ?? 0}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number)

/** Asks again until the answer is the wished one; the test's own time-out is the limit. */
export const until = async <T>(ask: () => Promise<T>, enough: (answer: T) => boolean, everyMs = 50): Promise<T> => {
  for (;;) {
    const answer = await ask()
    if (enough(answer)) return answer
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}
