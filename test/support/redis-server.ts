// A Redis of a test's own, with the shared settings: to be stopped, killed, paused and started again at will.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../scripts/setup/free-port.mjs'
import { guard } from '../../scripts/setup/guard.mjs'
import { redisCommand, redisReady } from '../../scripts/setup/redis-command.mjs'
import { ownRedis, type RedisProgram } from '../../scripts/setup/redis.mjs'

export interface TestRedisOptions {
  /** Further settings, such as `['--maxmemory', '64mb']`. */
  args?: string[]
  /** A free one when absent. */
  port?: number
  /** Where its data goes; a folder of its own that `stop` removes when absent. */
  dir?: string
  /** Whether writes go to the append-only file, so that they outlive `kill` and `restart`. Default true. */
  appendonly?: boolean
  /** Added to the environment of a program; a container gets none of it. */
  env?: Record<string, string>
}

/** A running Redis. Its port, URL and folder stay the same over `restart`; `pid` is that of the current process. */
export interface TestRedis {
  readonly url: string
  readonly port: number
  readonly dir: string
  readonly pid: number
  /** Ends it in order and removes the folder when it was made here. May be called twice. */
  stop(): Promise<void>
  /** SIGKILL; returns when the process is gone. */
  kill(): Promise<void>
  /** SIGSTOP: connections stay open and nothing answers until `resume`. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** Ends what runs (SIGTERM; nothing after `kill`) and starts again on the same port and data; returns when it serves. */
  restart(): Promise<void>
}

/** Starts a Redis that ends with this process at the latest. Returns once it serves; rejects with its output if it does not. */
export const startTestRedis = async (options: TestRedisOptions = {}): Promise<TestRedis> => {
  const choice = await ownRedis()
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'k1n-redis-'))
  mkdirSync(dir, { recursive: true })
  const place = { port: options.port ?? (await freePort()), dir, args: settings(options) }
  const process = choice.kind === 'docker' ? await inDocker(place) : await startProgram(choice, place, options.env)
  return testRedis(process, place.port, dir, options.dir === undefined)
}

/** Loaded only where it is needed: the package is large. */
const inDocker = async (place: RedisPlace) => (await import('./redis-container.ts')).startContainer(place)

/** What differs between a child process and a container. */
export interface RedisProcess {
  pid(): number
  signal(signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>
  /** Starts it again after it ended. */
  start(): Promise<void>
  /** Forgets it for good, after it ended. */
  remove(): Promise<void>
}

export interface RedisPlace {
  port: number
  dir: string
  args: string[]
}

const settings = ({ args = [], appendonly = true }: TestRedisOptions): string[] => [
  '--appendonly',
  appendonly ? 'yes' : 'no',
  ...args,
]

const testRedis = (process: RedisProcess, port: number, dir: string, ownDir: boolean): TestRedis => ({
  url: `redis://127.0.0.1:${port}`,
  port,
  dir,
  get pid() {
    return process.pid()
  },
  async stop() {
    await process.signal('SIGCONT')
    await process.signal('SIGTERM')
    await process.remove()
    if (ownDir) rmSync(dir, { recursive: true, force: true })
  },
  kill: () => process.signal('SIGKILL'),
  pause: () => process.signal('SIGSTOP'),
  resume: () => process.signal('SIGCONT'),
  async restart() {
    await process.signal('SIGCONT')
    await process.signal('SIGTERM')
    await process.start()
  },
})

const startProgram = async (
  choice: RedisProgram,
  place: RedisPlace,
  env: Record<string, string> = {},
): Promise<RedisProcess> => {
  let running = await launch(choice, place, env)
  return {
    pid: () => running.child.pid ?? 0,
    async signal(signal) {
      if (hasEnded(running.child)) return
      running.child.kill(signal)
      if (signal === 'SIGTERM' || signal === 'SIGKILL') await once(running.child, 'exit')
    },
    async start() {
      running.dismiss()
      running = await launch(choice, place, env)
    },
    async remove() {
      running.dismiss()
    },
  }
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

const launch = async (choice: RedisProgram, place: RedisPlace, env: Record<string, string>) => {
  const { command, args } = redisCommand(choice, place)
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  const dismiss = guard(['kill', '-KILL', String(child.pid)])
  await serving(child).catch((error: unknown) => {
    dismiss()
    throw error
  })
  return { child, dismiss }
}

const serving = (child: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    let output = ''
    const read = (chunk: Buffer): void => {
      output += chunk.toString()
      if (!redisReady.test(output)) return
      child.stdout?.off('data', read).resume()
      resolve()
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`Redis ended before it served:\n${output}`)))
  })
