// How long Redis keeps others waiting: a PING every few ms, from a thread that does nothing else.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { TestRedis } from '../../support/redis-server.ts'

export interface Ping {
  /** When it was asked, in epoch ms. */
  at: number
  ms: number
  /** How long of that Redis worked on something else. What it waited for a processor, or the thread did, is the machine's. */
  heldMs: number
}

export interface Pings {
  /** Ends it and answers all. */
  stop(): Promise<Ping[]>
}

export const startPings = ({ url, pid }: Pick<TestRedis, 'url' | 'pid'>, everyMs = 5): Pings => {
  const thread = new Worker(new URL('./ping-thread.ts', import.meta.url), { workerData: { url, pid, everyMs } })
  let stopped: Promise<Ping[]> | undefined
  return {
    stop: () =>
      (stopped ??= (async () => {
        const answer = once(thread, 'message') as Promise<[Ping[]]>
        thread.postMessage('stop')
        const [pings] = await answer
        await thread.terminate()
        return pings
      })()),
  }
}
