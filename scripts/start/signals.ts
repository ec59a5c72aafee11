// Ends the run: in order at the first signal, at once at the second, and when the launcher that started us is gone.
import type { Fleet } from './fleet.ts'
import { within } from './pid.ts'
import type { Terminal } from './terminal.ts'

/** One Ctrl-C may arrive several times: from the terminal, from npm, from the launcher. */
const oneKeyMs = 400

/** Listens for SIGINT, SIGTERM, SIGHUP. What it returns stops the run because of a failure: it says why and exits 1. */
export const stopOnSignals = (fleet: Fleet, tell: Terminal): ((failure: string) => Promise<void>) => {
  let firstAt: number | undefined
  const leave = async (code: number): Promise<void> => {
    firstAt ??= Date.now()
    await fleet.stop()
    tell('stopped')
    process.exit(code)
  }
  const asked = (): void => {
    if (firstAt === undefined) {
      tell('stopping; jobs that run may finish; Ctrl-C again kills')
      void leave(0)
    } else if (Date.now() - firstAt > oneKeyMs) killed(fleet, tell)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, asked)
  process.once('disconnect', () => void leave(1))
  // A closed terminal must not end us before the children have stopped.
  process.stdout.on('error', () => undefined)
  process.stderr.on('error', () => undefined)
  return async (failure) => {
    if (firstAt !== undefined) return
    tell(failure)
    await leave(1)
  }
}

const killed = (fleet: Fleet, tell: Terminal): void => {
  tell('killing')
  fleet.kill()
  void within(2_000, () => fleet.gone()).finally(() => process.exit(130))
}
