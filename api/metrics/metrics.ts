// `/metrics`: what this process did, and how the installation fares, for Prometheus. Read at most once in five seconds, however many ask.
import type { Principal } from '../../shared/auth/contract.ts'
import { demandAllQueues } from '../../shared/auth/reach.ts'
import { createFleetFigures } from '../../shared/deliveries/fleet-figures.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { exposition, family } from '../../shared/metrics/exposition.ts'
import type { Family } from '../../shared/metrics/exposition.ts'
import type { Rooms } from '../../shared/rooms.ts'
import type { Admission } from '../http/admission.ts'
import type { LoopLag } from '../http/loop-lag.ts'
import { fleetFamilies } from './fleet.ts'
import { processFamilies } from './process.ts'
import { createRequests } from './requests.ts'
import type { Requests } from './requests.ts'

/** How long figures of the fleet are told again, in ms. */
const KEPT_MS = 5_000

export interface MetricsPage {
  readonly requests: Requests
  /** The text. Problem: `resource-forbidden` for those who may not see every queue. Throws what Redis throws: a scrape that fails is seen, a half one is not. */
  text(principal: Principal): Promise<string>
}

export interface MetricsParts {
  kernel: Kernel
  rooms: Rooms
  admission: Pick<Admission, 'refused'>
  lag: Pick<LoopLag, 'last'>
}

export const createMetricsPage = ({ kernel, rooms, admission, lag }: MetricsParts): MetricsPage => {
  const requests = createRequests()
  const deliveries = createFleetFigures(kernel)
  let kept: { at: number; families: Promise<Family[]> } | undefined
  /** Who asks while others wait is told the same. */
  const fleet = (): Promise<Family[]> => {
    const now = kernel.clock.now()
    if (kept && now - kept.at < KEPT_MS) return kept.families
    const families = fleetFamilies(kernel, rooms, deliveries)
    kept = { at: now, families }
    families.catch(() => (kept = undefined))
    return families
  }
  return {
    requests,
    async text(principal) {
      demandAllQueues(principal, 'These are figures')
      return exposition([
        ...requests.families(),
        refusedFamily(admission),
        degradedFamily(rooms.limits),
        ...(await fleet()),
        ...processFamilies(lag.last),
      ])
    },
  }
}

const degradedFamily = ({ degraded }: Rooms['limits']): Family =>
  family(
    'counter',
    'k1n_ratelimit_degraded_total',
    'Requests this process counted by itself, as Redis did not answer.',
    degraded,
  )

const refusedFamily = ({ refused }: Pick<Admission, 'refused'>): Family =>
  family(
    'counter',
    'k1n_http_requests_refused_total',
    'Requests this process refused, by what there was too much of.',
    Object.entries(refused).map(([reason, value]) => ({ labels: { reason }, value })),
  )
