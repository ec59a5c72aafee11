// The overview: the state of everything at a glance, from counted minutes and the queues as they are.
import type { z } from 'zod'
import type { Principal } from '../auth/contract.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Queue } from '../queues/contract.ts'
import type { Overview, Timeseries, TimeseriesQuery } from './contract.ts'
import { totalsKey } from './buckets.ts'
import { createMinuteHashes, readMinutes } from './minutes.ts'
import { PULSE_MINUTES, toOverview } from './overview.ts'
import { createRetryFigures } from './retry-figures.ts'
import type { RetryFigures } from './retry-figures.ts'
import { createTimeseries } from './timeseries.ts'
import type { TimeseriesParts } from './timeseries.ts'
import type { FiringAlert } from './alert-needs.ts'
import type { BreakerHealth } from './verdict.ts'

export interface Metrics {
  readonly retry: RetryFigures
  /** One metric over time, in the queues the principal may see. */
  timeseries(principal: Principal, query: z.output<typeof TimeseriesQuery>): Promise<Timeseries>
  /** The overview over the queues the principal may see. Figures per minute are those of all queues. `sparing` as for the
   *  list of queues. */
  overview(principal: Principal, how?: { sparing: boolean }): Promise<Overview>
}

/** What figures need of other rooms. */
export interface MetricsParts {
  queues: { list(principal: Principal, how?: { sparing: boolean }): Promise<Queue[]> }
  /** Breakers that keep calls from their service, those that do so longest first; and when each did. */
  breakers: { troubled(): Promise<BreakerHealth[]> } & TimeseriesParts['breakers']
  dead: TimeseriesParts['dead']
  /** Alerts that fire, and those that fired since. */
  alerts: { glance(principal: Principal, since: number): Promise<{ firing: FiringAlert[]; fired: FiringAlert[] }> }
  durability: () => Overview['durability']
}

const NO_ALERTS = { firing: [], fired: [] }

export const createMetrics = (kernel: Kernel, parts: MetricsParts): Metrics => {
  const { queues, breakers, alerts, durability } = parts
  const hashes = createMinuteHashes(kernel, totalsKey)
  const overview: Metrics['overview'] = async (principal, how) => {
    const since = kernel.clock.now() - PULSE_MINUTES * 60_000
    const [minutes, all, troubled, told] = await Promise.all([
      readMinutes(hashes, kernel.clock.now(), PULSE_MINUTES),
      queues.list(principal, how),
      principal.scopes.includes('recovery:read') ? breakers.troubled() : [],
      principal.scopes.includes('alerts:read') ? alerts.glance(principal, since) : NO_ALERTS,
    ])
    const now = kernel.clock.now()
    return toOverview({ now, minutes, queues: all, breakers: troubled, alerts: told, durability: durability() })
  }
  return { overview, retry: createRetryFigures(kernel), timeseries: createTimeseries(kernel, parts) }
}
