// A connection of its own for reads that wait for news, which can be given up at any moment.
import type { Redis } from 'ioredis'
import type { Kernel } from './kernel.ts'

export interface BlockingConnection {
  /** What the command answers; undefined once the connection was given up. Throws what Redis throws. */
  ask<Answer>(command: (redis: Redis) => Promise<Answer>): Promise<Answer | undefined>
  /** Gives the connection up: whoever waits for an answer is let go. */
  close(): void
}

/** Needed because ioredis leaves a command unanswered for ever when its connection is given up while it is on its way back. */
export const openBlocking = (kernel: Kernel, name: string): BlockingConnection => {
  const redis = kernel.connect('worker', name)
  const waiting = new Set<() => void>()
  let closed = false
  return {
    ask: <Answer>(command: (redis: Redis) => Promise<Answer>) =>
      new Promise<Answer | undefined>((resolve, reject) => {
        const letGo = (): void => resolve(undefined)
        if (closed) return letGo()
        waiting.add(letGo)
        command(redis)
          .then(resolve, (error: unknown) => (closed ? letGo() : reject(error as Error)))
          .finally(() => waiting.delete(letGo))
      }),
    close() {
      closed = true
      redis.disconnect()
      for (const letGo of waiting) letGo()
    },
  }
}
