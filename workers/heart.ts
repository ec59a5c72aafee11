// The heartbeat of a worker process: tells the registry that it lives, how it is and what it does.
import { hostname } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Kernel } from '../shared/kernel/kernel.ts'
import { loop } from '../shared/kernel/service.ts'
import type { Service } from '../shared/kernel/service.ts'
import { BEAT_EVERY_MS } from '../shared/workers/registry.ts'
import type { Registry, WorkerInfo } from '../shared/workers/registry.ts'

export interface Heart {
  readonly service: Service
  /** Beats now, so that others see at once what has changed. Does nothing before the service runs. */
  beat(): Promise<void>
}

/** What only the process knows of itself. */
export type Self = Omit<WorkerInfo, 'host' | 'pid' | 'started_at' | 'last_seen_at' | 'rss_bytes' | 'event_loop_lag_ms'>

const LAG_EVERY_MS = 50

export const createHeart = (kernel: Kernel, registry: Registry, self: () => Self): Heart => {
  const started_at = kernel.clock.now()
  const delays = monitorEventLoopDelay({ resolution: LAG_EVERY_MS })
  let beats = false
  const beat = async (): Promise<void> => {
    if (!beats) return
    const lag = Math.max(0, delays.percentile(99) / 1e6 - LAG_EVERY_MS)
    delays.reset()
    await registry.beat({
      ...self(),
      host: hostname(),
      pid: process.pid,
      started_at,
      last_seen_at: kernel.clock.now(),
      rss_bytes: process.memoryUsage.rss(),
      event_loop_lag_ms: Math.round(lag * 10) / 10,
    })
  }
  const service = loop('heartbeat', async (signal) => {
    beats = true
    delays.enable()
    while (!signal.aborted) {
      await beat()
      await kernel.clock.sleep(BEAT_EVERY_MS, signal)
    }
    beats = false
    delays.disable()
  })
  return { service, beat }
}
