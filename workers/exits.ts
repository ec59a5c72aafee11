// How a process ended, in a word: what the registry keeps and quarantine judges by.

/** Signals that come from outside: an operator, an orchestrator, the machine. What ran then is under no suspicion. */
const FROM_OUTSIDE: ReadonlySet<string> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'])

/** What a process leaves for that an operator shut down: no other takes its place. */
export const SHUT_DOWN = 'shut down'

export interface Death {
  code: number | null
  signal: string | null
  /** What the process said it leaves for, if it said so. */
  leaving: string | undefined
  /** The supervisor killed it because it was silent. */
  watchdog: boolean
  /** It complained that its heap was full. */
  outOfMemory: boolean
  /** The supervisor asked it to stop, or killed it for being slow to do so. */
  asked: boolean
}

export interface Ending {
  /** `stopped`, `shut down`, `exit <code>`, `signal <name>`, `watchdog`, `out of memory`, `no fetch`. */
  exit: string
  /** Nobody outside ended it. */
  byItself: boolean
}

export const endingOf = ({ code, signal, leaving, watchdog, outOfMemory, asked }: Death): Ending => {
  if (watchdog) return { exit: 'watchdog', byItself: true }
  if (leaving !== undefined) return { exit: leaving, byItself: false }
  if (outOfMemory) return { exit: 'out of memory', byItself: true }
  const exit = signal === null ? `exit ${code ?? 0}` : `signal ${signal}`
  return { exit, byItself: !asked && !(signal !== null && FROM_OUTSIDE.has(signal)) }
}
