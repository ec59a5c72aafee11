// One of k1n's programs as a process of its own: started, listened to, paused, killed, stopped.
import { spawn } from 'node:child_process'
import { createWriteStream, existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Death, ProgramReport } from './evidence.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const hook = fileURLToPath(new URL('../programs/hook.ts', import.meta.url))

export interface ProgramOptions {
  name: string
  /** Path of the script, from the root of the repository. */
  script: string
  env: Record<string, string>
  /** Where its output is kept. */
  dir: string
}

export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
}

export interface Program {
  readonly name: string
  readonly pid: number
  /** What it said when it was ready; rejects when it ends before. */
  readonly ready: Promise<Record<string, unknown>>
  readonly exited: Promise<Exit>
  readonly isRunning: boolean
  signal(signal: NodeJS.Signals): void
  /** SIGTERM, and SIGKILL to its whole group when it has not ended after `patienceMs`. */
  stop(patienceMs?: number): Promise<Exit>
  report(): ProgramReport
}

export const startProgram = ({ name, script, env, dir }: ProgramOptions): Program => {
  const log = createWriteStream(join(dir, `${name}.log`), { flags: 'a' })
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--import', hook, join(root, script)],
    {
      cwd: dir,
      // A group of its own, so that nothing of it is left behind.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { PATH: process.env['PATH'] ?? '', HOME: dir, TZ: 'UTC', ...compiled(), ...env },
    },
  )
  let output = ''
  const keep = (chunk: Buffer): void => {
    output += chunk.toString()
    log.write(chunk)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  const exited = new Promise<Exit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })))
  void exited.then(() => log.end())
  const ready = new Promise<Record<string, unknown>>((resolve, reject) => {
    child.on('message', (message: Record<string, unknown>) => message['type'] === 'ready' && resolve(message))
    child.once('error', reject)
    void exited.then(({ code, signal }) =>
      reject(new Error(`${name} ended (${signal ?? code}):\n${output.slice(-2_000)}`)),
    )
  })
  ready.catch(() => undefined)
  const pid = child.pid ?? 0
  return {
    name,
    pid,
    ready,
    exited,
    get isRunning() {
      return child.exitCode === null && child.signalCode === null
    },
    signal: (signal) => void child.kill(signal),
    async stop(patienceMs = 20_000) {
      const late = setTimeout(() => signalGroup(pid, 'SIGKILL'), patienceMs)
      child.kill('SIGCONT')
      child.kill('SIGTERM')
      const exit = await exited
      clearTimeout(late)
      signalGroup(pid, 'SIGKILL')
      return exit
    },
    report: () => ({ name, output }),
  }
}

/** Where what was compiled is kept, for processes that are started again and again from the same sources. */
const compiled = (): Record<string, string> => {
  const { NODE_COMPILE_CACHE: dir } = process.env
  return dir === undefined ? {} : { NODE_COMPILE_CACHE: dir }
}

const signalGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal)
  } catch {
    // Nothing is left of it.
  }
}

export interface ChildProcessInfo {
  pid: number
  command: string
}

/** The processes a process has started and that still run. Needs `/proc`, as faults need Linux. */
export const childrenOf = (pid: number): ChildProcessInfo[] => {
  const tasks = existsSync(`/proc/${pid}/task`) ? readdirSync(`/proc/${pid}/task`) : []
  return tasks
    .flatMap((task) => read(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number))
    .map((child) => ({ pid: child, command: read(`/proc/${child}/cmdline`).replaceAll('\0', ' ') }))
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Whether a process runs; one that is dead and not yet buried does not. */
export const runs = (pid: number): boolean => {
  const state = /^State:\s+(\w)/m.exec(read(`/proc/${pid}/status`))?.[1]
  return state !== undefined && state !== 'Z' && state !== 'X'
}

/** Kills a process as a machine would, and writes down when. */
export const killProcess = (pid: number, signal: NodeJS.Signals = 'SIGKILL'): Death => {
  const at = Date.now()
  process.kill(pid, signal)
  return { pid, at }
}
