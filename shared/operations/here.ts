// Operations that run in the process that was asked for them. Where that one ends first, a worker goes on with them.
import type { Kernel } from '../kernel/kernel.ts'
import type { AnyOperationKind } from './kind.ts'
import { createRunner } from './run.ts'

export interface Here {
  run(id: string): void
  /** Resolves when none runs here any more. */
  close(): Promise<void>
}

export const createHere = (kernel: Kernel, kinds: readonly AnyOperationKind[]): Here => {
  const runner = createRunner(kernel, kinds)
  const leaving = new AbortController()
  const running = new Set<Promise<void>>()
  const go = async (id: string): Promise<void> => {
    let end = await runner.run(id, leaving.signal)
    while (end === 'goes_on' && !leaving.signal.aborted) end = await runner.run(id, leaving.signal)
  }
  return {
    run(id) {
      const work = go(id)
        .catch((error: unknown) => kernel.log.warn('an operation is left to the workers', { id, error }))
        .finally(() => running.delete(work))
      running.add(work)
    },
    async close() {
      leaving.abort('stopped')
      await Promise.all(running)
    },
  }
}
