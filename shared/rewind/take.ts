// Looks at everything once, so that it can be told later how it stood. It asks little: counts are those the recorder has already.
import { createAlerts } from '../alerts/alerts.ts'
import type { Principal } from '../auth/contract.ts'
import { createBreakers } from '../breakers/breakers.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { createParkedCount } from '../jobs/parked-count.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createConfigs } from '../queues/config.ts'
import { lookCounted } from '../queues/glance.ts'
import { createReading } from '../queues/reading.ts'
import type { Services } from '../services/services.ts'
import { createRegistry } from '../workers/registry.ts'
import { writeMoment } from './moment.ts'

/** Answers how these queues, and everything else, stand, as it is kept. `count` counts jobs of queues. */
export type TakeMoment = (queues: readonly string[], count: Bull['counts']) => Promise<{ at: number; moment: Buffer }>

export interface TakeNeeds {
  bull: Bull
  services: Services
  /** Queues whose jobs may wait for a service. */
  own: readonly string[]
}

/** Limits that others set by BullMQ's own API are told after so long; those set here at once. */
const CONFIGS_MS = 600_000
/** Alerts of one moment. */
const ALERTS_MAX = 100

/** Looks with nobody's eyes: what each caller may see of it is decided when it is asked for. */
const everybody: Principal = { kind: 'key', id: 'k1n-rewind', name: 'k1n', scopes: [], queues: ['*'] }

export const createTake = (kernel: Kernel, { bull, services, own }: TakeNeeds): TakeMoment => {
  const registry = createRegistry(kernel)
  const breakers = createBreakers(kernel, { services, parked: createParkedCount(kernel, bull, own) })
  const alerts = createAlerts(kernel)
  const configs = createConfigs(kernel, bull, CONFIGS_MS)
  const read = createReading(kernel, { bull, registry })
  return async (names, count) => {
    const at = kernel.clock.now()
    const eye = {
      glance: (queues: readonly string[]) => lookCounted(kernel, bull, queues, count),
      configs,
      rates: () => Promise.resolve(new Map()),
    }
    const [queues, rows, troubled, { firing }, workers] = await Promise.all([
      read(names, eye),
      breakers.rows(),
      breakers.troubled(),
      alerts.glance(everybody, at),
      registry.list(),
    ])
    const known = { at, workers: workers.length, breakers: rows, troubled, alerts: firing.slice(0, ALERTS_MAX) }
    // When it was looked is the moment's own time, and is the same for all of them.
    return { at, moment: writeMoment({ ...known, queues: queues.map((queue) => ({ ...queue, version: at })) }) }
  }
}
