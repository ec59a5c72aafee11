// How many processes serve the API: each says every few seconds that it is there, and remembers how many were, for when Redis is away.
import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { scriptTime } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import type { Service } from '../kernel/service.ts'

const beatScript = script(new URL('./beat.lua', import.meta.url))

const EVERY_MS = 5_000
/** After this long without a word a process has gone. */
const GONE_MS = 15_000

export interface Fleet extends Service {
  /** How many serve now, as far as was last heard; at least this one. */
  readonly size: number
}

export const createFleet = (kernel: Kernel, redis: () => Redis): Fleet => {
  const { clock } = kernel
  const place = kernel.key('limits', 'processes')
  const me = randomUUID()
  let size = 1
  let running: AbortController | undefined
  const beat = async (): Promise<void> => {
    size = Number(await beatScript(redis(), [place], [scriptTime(clock), me, GONE_MS]))
  }
  const keepSaying = async ({ signal }: AbortController): Promise<void> => {
    while (!signal.aborted) {
      // What was heard last is as good as it gets while Redis is away.
      await beat().catch(() => undefined)
      await clock.sleep(EVERY_MS, signal)
    }
  }
  return {
    name: 'limits-fleet',
    get size() {
      return size
    },
    async start() {
      if (running) return
      running = new AbortController()
      void keepSaying(running)
    },
    async stop() {
      if (!running) return
      running.abort()
      running = undefined
      await redis()
        .zrem(place, me)
        .catch(() => undefined)
    },
  }
}
