// How each process of a running k1n is launched: Redis, and our own ones on this Node.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodeFlags } from '../../shared/kernel/flags.ts'
import { freePort } from '../setup/free-port.mjs'
import { guard } from '../setup/guard.mjs'
import { containerName, redisCommand, redisReady } from '../setup/redis-command.mjs'
import { run } from '../setup/run.mjs'
import type { RedisDocker, RedisProgram } from '../setup/redis.mjs'
import type { ChildSpec } from './child.ts'
import { openLogFile } from './log-file.ts'
import { commandOf, within } from './pid.ts'

/** A group of its own keeps the terminal's Ctrl-C from it: we tell each child to stop, in order. */
const piped = { detached: true, stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'] }
const logOf = (dataDir: string, name: string) => openLogFile(join(dataDir, 'logs', `${name}.log`))

/** One of our programs. It gets this environment and an IPC channel, on which it says that it is ready. */
export const ourProcess = (name: string, script: string, dataDir: string, env: NodeJS.ProcessEnv): ChildSpec => ({
  name,
  readyWhen: 'message',
  log: logOf(dataDir, name),
  launch: () =>
    spawn(process.execPath, [...nodeFlags, script], {
      ...piped,
      stdio: [...piped.stdio, 'ipc'],
      env,
    }),
})

/** Where our Redis keeps its data, and the port it had last, which it gets again when it is free. */
export interface RedisHome {
  dir: string
  port: number
}

/** Prepares the folder, stops a Redis that a killed run left in it, and chooses the port. */
export const redisHome = async (choice: RedisProgram | RedisDocker, dataDir: string): Promise<RedisHome> => {
  const dir = join(dataDir, 'redis')
  mkdirSync(dir, { recursive: true })
  const { pid, port } = recordIn(dir)
  if (choice.kind === 'docker' && port !== undefined) await run(choice.path, ['stop', containerName(port)])
  await endLeftover(pid, port)
  return { dir, port: await freePort(port) }
}

/** Redis itself, as a program or a container, tied to this process by a guard. */
export const redisProcess = (
  choice: RedisProgram | RedisDocker,
  { dir, port }: RedisHome,
  dataDir: string,
): ChildSpec => ({
  name: 'redis',
  readyWhen: redisReady,
  log: logOf(dataDir, 'redis'),
  launch: () => {
    const { command, args } = redisCommand(choice, { dir, port })
    const child = spawn(command, args, piped)
    if (child.pid === undefined) return child
    writeFileSync(recordFile(dir), JSON.stringify({ pid: child.pid, port }))
    const dismiss = endWithUs(child, choice.kind === 'docker' ? [choice.path, 'stop', containerName(port)] : undefined)
    child.once('exit', () => {
      dismiss()
      writeFileSync(recordFile(dir), JSON.stringify({ port }))
    })
    return child
  },
})

/** Ends Redis 2 s after us, so that the others can put their jobs back first. */
const endWithUs = (child: ChildProcess, stop = ['kill', '-TERM', String(child.pid)]) => guard(stop, { afterSeconds: 2 })

const recordFile = (dir: string): string => join(dir, 'redis.json')

const recordIn = (dir: string): { pid?: number; port?: number } => {
  try {
    return JSON.parse(readFileSync(recordFile(dir), 'utf8')) as { pid?: number; port?: number }
  } catch {
    return {}
  }
}

/** Two servers on one append-only file would ruin it. Redis shows its port in its command line. */
const endLeftover = async (pid: number | undefined, port: number | undefined): Promise<void> => {
  if (pid === undefined || port === undefined) return
  const lives = (): boolean => /(redis|valkey)-server/.test(commandOf(pid)) && commandOf(pid).includes(`:${port}`)
  if (!lives()) return
  process.kill(pid, 'SIGTERM')
  if (!(await within(15_000, () => !lives())))
    throw new Error(`A Redis of a run that was killed (process ${pid}) still has the data and does not stop.`)
}
