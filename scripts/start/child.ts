// A child process that is kept running: its output goes to its log, it is started again when it dies, and it stops in order.
import type { ChildProcess } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import type { LogFile } from './log-file.ts'
import { createRestarts } from './restarts.ts'
import { byLine, shown, type Terminal } from './terminal.ts'

export interface ChildSpec {
  name: string
  /** Starts the process: leader of its own group, output piped. */
  launch(): ChildProcess
  /** What says it is ready: its message `{ type: 'ready' }`, or a line of its output. */
  readyWhen: 'message' | RegExp
  log: LogFile
}

/** What a child said when it became ready. */
export type Ready = Readonly<Record<string, unknown>>

export interface Child {
  readonly name: string
  /** Settles once: with the first word of readiness; never when the child stops before. */
  readonly ready: Promise<Ready>
  /** SIGTERM, then SIGKILL after 30 s; returns when nothing of its group is left. May be called twice. */
  stop(): Promise<void>
  /** Whether no process of it runs at the moment. */
  gone(): boolean
  /** Ends its whole group at once. */
  kill(signal?: NodeJS.Signals): void
}

const graceMs = 30_000
const linesKept = 15

/** Starts the child and keeps it running. `gaveUp` is called when it died more than five times in a minute. */
export const keepRunning = (spec: ChildSpec, tell: Terminal, gaveUp: (message: string) => void): Child => {
  const restarts = createRestarts()
  const ready = Promise.withResolvers<Ready>()
  let current: ChildProcess | undefined
  let rest: NodeJS.Timeout | undefined
  let stopping: Promise<void> | undefined
  const wordsOnce = createWordsOnce()

  const start = (): void => {
    const child = spec.launch()
    const complaints = read(spec, child, tell, ready.resolve)
    current = child
    child.once('error', (error) => {
      complaints.push(error.message)
      if (child.pid === undefined) ended(child, complaints, 'could not be started')
    })
    child.once('exit', (code, signal) =>
      ended(child, complaints, `ended by itself (${signal ?? `code ${code ?? '?'}`})`),
    )
  }

  const ended = (child: ChildProcess, complaints: string[], how: string): void => {
    if (current === child) current = undefined
    if (stopping) return
    const restMs = restarts.next(Date.now())
    const words = wordsOnce(complaints)
    if (restMs === undefined) {
      gaveUp(`${spec.name} ${how}, too often to go on.${words}`)
      return
    }
    tell(`${spec.name} ${how}; starting it again in ${restMs / 1000} s${words}`)
    rest = setTimeout(start, restMs)
  }

  start()
  return {
    name: spec.name,
    ready: ready.promise,
    stop: () => {
      clearTimeout(rest)
      return (stopping ??= current ? end(current, spec.name, tell) : Promise.resolve())
    },
    gone: () => current === undefined,
    kill: (signal = 'SIGKILL') => {
      clearTimeout(rest)
      stopping ??= Promise.resolve()
      if (current) signalGroup(current, signal)
    },
  }
}

/** Last words as indented lines; a child that dies of the same again and again says so once. */
const createWordsOnce = () => {
  let before = ''
  return (complaints: string[]): string => {
    const words = complaints.map((line) => `\n    ${line}`).join('')
    const isRepeated = words !== '' && words === before
    before = words
    return isRepeated ? ' (as before)' : words
  }
}

/** Sends output where it belongs; answers the last lines that were no log lines, which tell why it died. */
const read = (spec: ChildSpec, child: ChildProcess, tell: Terminal, ready: (message: Ready) => void): string[] => {
  const complaints: string[] = []
  const each = (line: string): void => {
    spec.log.write(`${line}\n`)
    const text = spec.readyWhen === 'message' ? shown(spec.name, line) : undefined
    if (text) tell(text)
    if (!line.startsWith('{') && line.trim()) complaints.push(line)
    if (complaints.length > linesKept) complaints.shift()
    if (spec.readyWhen !== 'message' && spec.readyWhen.test(line)) ready({})
  }
  child.stdout?.on('data', byLine(each))
  child.stderr?.on('data', byLine(each))
  child.on('message', (message) => {
    if (spec.readyWhen === 'message' && isReady(message)) ready(message)
  })
  return complaints
}

const isReady = (message: unknown): message is Ready =>
  typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready'

const end = async (child: ChildProcess, name: string, tell: Terminal): Promise<void> => {
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const silent = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const late = setTimeout(() => {
    tell(`${name} did not stop within ${graceMs / 1000} s and is killed`)
    signalGroup(child, 'SIGKILL')
  }, graceMs)
  child.kill('SIGTERM')
  await gone
  clearTimeout(late)
  signalGroup(child, 'SIGKILL')
  // Its last words are read; a program that left the group and holds on to the pipe is not waited for.
  await Promise.race([silent, wait(1_000, undefined, { ref: false })])
}

/** The whole group, so that a child's own children go with it. */
const signalGroup = (child: ChildProcess, signal: NodeJS.Signals): void => {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal)
  } catch {
    // Nothing is left of it.
  }
}
