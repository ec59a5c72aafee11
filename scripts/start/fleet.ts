// All processes of a running k1n together: started one after another, stopped the other way round.
import { keepRunning, type Child, type ChildSpec } from './child.ts'
import type { Terminal } from './terminal.ts'

export interface Fleet {
  /** Starts a child and keeps it running. A fleet that is stopping starts nothing; the child is never ready then. */
  start(spec: ChildSpec): Child
  /** Stops the children in order, the last started first. May be called twice. */
  stop(): Promise<void>
  /** Ends everything at once; Redis may still write its file. */
  kill(): void
  /** Whether none of its processes runs. */
  gone(): boolean
}

export const createFleet = (tell: Terminal, gaveUp: (message: string) => void): Fleet => {
  const children: Child[] = []
  let stopping: Promise<void> | undefined
  const stopAll = async (): Promise<void> => {
    for (const child of children.toReversed()) await child.stop()
  }
  return {
    start(spec) {
      if (stopping) return stoppedChild(spec.name)
      const child = keepRunning(spec, tell, gaveUp)
      children.push(child)
      return child
    },
    stop: () => (stopping ??= stopAll()),
    gone: () => children.every((child) => child.gone()),
    kill: () => {
      for (const child of children) child.kill(child.name === 'redis' ? 'SIGTERM' : 'SIGKILL')
    },
  }
}

const stoppedChild = (name: string): Child => ({
  name,
  ready: new Promise(() => undefined),
  stop: () => Promise.resolve(),
  gone: () => true,
  kill: () => undefined,
})
