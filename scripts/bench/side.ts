// A side of a benchmark: a process of its own, asked over a channel, whose CPU the system counts.
import { fork } from 'node:child_process'
import { processCpuUs, processRss } from './machine.ts'

export interface Side {
  readonly pid: number
  /** What it said when it was ready. */
  readonly ready: Readonly<Record<string, unknown>>
  /** Asks it to do one of its operations and waits for the answer. */
  ask(op: string, ...args: unknown[]): Promise<unknown>
  cpuUs(): number
  rssBytes(): number
  stop(): Promise<void>
}

interface Answer {
  type?: string
  n?: number
  value?: unknown
  error?: string
}

const STOP_MS = 3_000

/** Starts a program with these flags of Node and resolves when it sends `{ type: 'ready' }`; rejects when it ends before. */
export const startSide = async (
  file: URL,
  env: Record<string, string> = {},
  args: string[] = [],
  flags: readonly string[] = ['--disable-warning=ExperimentalWarning'],
): Promise<Side> => {
  const child = fork(file, args, {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [...flags],
  })
  const pid = child.pid ?? 0
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  let asked = 0
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const ready = await new Promise<Record<string, unknown>>((resolve, reject) => {
    child.once('exit', (code, signal) => reject(new Error(`${file.pathname} ended (${code ?? signal ?? ''})`)))
    child.on('message', (message: Answer) => {
      if (message.type === 'ready') return resolve(message as Record<string, unknown>)
      const asker = waiting.get(message.n ?? -1)
      waiting.delete(message.n ?? -1)
      if (message.error === undefined) asker?.resolve(message.value)
      else asker?.reject(new Error(message.error))
    })
  })
  return {
    pid,
    ready,
    ask: (op, ...args) =>
      new Promise((resolve, reject) => {
        waiting.set(++asked, { resolve, reject })
        child.send({ op, args, n: asked })
      }),
    cpuUs: () => processCpuUs(pid),
    rssBytes: () => processRss(pid),
    async stop() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
      await ended
      clearTimeout(timer)
    },
  }
}

type Operations = Readonly<Record<string, (...args: never[]) => unknown>>

/** In the side's process: answers what is asked, and says that it is ready. Ends with its parent. */
export const serveSide = (operations: Operations, ready: Record<string, unknown> = {}): void => {
  process.on('message', ({ op, args, n }: { op: string; args: never[]; n: number }) => {
    Promise.resolve()
      .then(() => operations[op]?.(...args))
      .then(
        (value) => process.send?.({ n, value }),
        (error: unknown) => process.send?.({ n, error: String(error) }),
      )
  })
  process.once('disconnect', () => process.exit(0))
  process.once('SIGTERM', () => process.exit(0))
  process.send?.({ type: 'ready', ...ready })
}
