// One process under supervision: starts it, listens to it, kills it when it falls silent, and tells how it ended.
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { endingOf } from './exits.ts'
import type { Ending } from './exits.ts'
import { FromChild } from './ipc.ts'

export interface WardOptions {
  module: URL
  args: readonly string[]
  execArgv: readonly string[]
  env?: NodeJS.ProcessEnv
  /** Ticks without a word after which it is killed; only for those that have said that they live. */
  silentTicksMax: number
  onReady: (queues: readonly string[]) => void
  onEnd: (ending: Ending) => void
}

export interface Ward {
  readonly pid: number
  /** To be called every second. */
  tick(): void
  /** Asks it to stop. */
  stop(): void
  /** Ends it at once. */
  kill(): void
  readonly ended: Promise<Ending>
}

export const createWard = (options: WardOptions): Ward => {
  const child = fork(options.module, options.args, {
    execArgv: [...options.execArgv],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    ...(options.env === undefined ? {} : { env: options.env }),
  })
  const death = { leaving: undefined as string | undefined, watchdog: false, outOfMemory: false, asked: false }
  let silent: number | undefined

  watchHeap(child, () => (death.outOfMemory = true))
  child.on('message', (raw) => {
    const message = FromChild.safeParse(raw).data
    if (message?.type === 'alive') silent = 0
    if (message?.type === 'leaving') death.leaving = message.because
    if (message?.type === 'ready') options.onReady(message.queues ?? [])
  })
  const ended = new Promise<Ending>((resolve) => {
    const end = (code: number | null, signal: string | null): void => resolve(endingOf({ ...death, code, signal }))
    child.once('error', () => child.exitCode === null && child.pid === undefined && end(1, null))
    // `close`, not `exit`: what it wrote last may say that its heap was full.
    child.once('close', end)
  })
  void ended.then(options.onEnd)
  return {
    pid: child.pid ?? 0,
    ended,
    tick() {
      if (silent === undefined || silent++ < options.silentTicksMax) return
      death.watchdog = true
      child.kill('SIGKILL')
    },
    stop() {
      death.asked = true
      child.kill('SIGTERM')
    },
    kill() {
      death.asked = true
      child.kill('SIGKILL')
    },
  }
}

/** V8 says so on standard error before it aborts; what it writes is passed on. */
const watchHeap = (child: ChildProcess, onFull: () => void): void => {
  child.stderr?.on('data', (chunk: Buffer) => {
    process.stderr.write(chunk)
    if (/heap out of memory|OOM error in V8|Allocation failed/i.test(chunk.toString('latin1'))) onFull()
  })
}
