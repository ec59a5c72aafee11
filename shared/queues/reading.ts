// Queues as they are shown: what is in them, beside how busy they were, who works on them and what they are limited to.
import type { Bull } from '../bullmq/bullmq.ts'
import { toIso } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { QueueRates } from '../metrics/minutes.ts'
import type { Held } from '../services/held.ts'
import type { Registry, WorkerInfo } from '../workers/registry.ts'
import { versionOf } from './conditional.ts'
import { NO_CONFIG } from './config.ts'
import type { Queue, QueueConfig } from './contract.ts'
import type { Glance } from './glance.ts'

/** How queues are looked at: exactly, sparingly, or by what somebody knows of them. */
export interface Eye {
  glance(names: readonly string[]): Promise<Glance>
  configs(names: readonly string[]): Promise<ReadonlyMap<string, QueueConfig>>
  rates(): Promise<ReadonlyMap<string, QueueRates>>
}

/** A queue may be called `constructor`. */
const slotsOf = ({ slots }: WorkerInfo, name: string): number | undefined =>
  Object.hasOwn(slots, name) ? slots[name] : undefined

const heldOf = (held: Held | null): Queue['held'] =>
  held && { service: held.service, cause: held.cause, until: toIso(held.until), reason: held.reason }

/** Of a queue nothing happened in. */
export const NO_RATES: QueueRates = { in_per_min: 0, out_per_min: 0, failed_last_hour: 0 }

/** Makes the function that shows queues; one that is gone is left out. */
export const createReading =
  (kernel: Kernel, { bull, registry }: { bull: Bull; registry: Registry }) =>
  async (names: readonly string[], eye: Eye): Promise<Queue[]> => {
    const [{ around, oldest }, rates, workers, configs] = await Promise.all([
      eye.glance(names),
      eye.rates(),
      registry.list(),
      eye.configs(names),
    ])
    const slots = (name: string): number => workers.reduce((sum, worker) => sum + (slotsOf(worker, name) ?? 0), 0)
    return names.flatMap((name) => {
      const found = around.get(name)
      if (!found) return []
      const { paused, ...counts } = found.counts
      const config = configs.get(name) ?? NO_CONFIG
      return {
        name,
        paused,
        pause: found.pause,
        held: heldOf(found.held),
        counts,
        rates: rates.get(name) ?? NO_RATES,
        oldest_waiting_ms: oldest.get(name) ?? null,
        workers: found.workers,
        slots: slots(name),
        own: bull.isOwn(name),
        config,
        config_version: versionOf(config),
        version: kernel.clock.now(),
      }
    })
  }
