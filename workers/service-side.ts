// Everything one worker process needs to call services: what they are held to, and everybody who holds them to it.
import { createBreakerClient } from '../shared/breakers/client.ts'
import type { BreakerClient } from '../shared/breakers/client.ts'
import { createBreakerStore } from '../shared/breakers/store.ts'
import { createBudgets } from '../shared/budgets/budgets.ts'
import { createBulkheads } from '../shared/budgets/bulkheads.ts'
import { createLastGood } from '../shared/budgets/last-good.ts'
import { createRetryBudgets } from '../shared/budgets/retry-budgets.ts'
import { createCalls } from '../shared/calls/calls.ts'
import type { Calls } from '../shared/calls/calls.ts'
import { createWaitingLine } from '../shared/calls/line.ts'
import { createRecoveries } from '../shared/calls/recoveries.ts'
import type { Recoveries } from '../shared/calls/recoveries.ts'
import { createServiceCalls } from '../shared/calls/use.ts'
import type { ServiceCalls } from '../shared/calls/use.ts'
import { services as declaredServices } from '../shared/catalog/services.ts'
import type { Kernel } from '../shared/kernel/kernel.ts'
import type { Service } from '../shared/kernel/service.ts'
import type { DeclaredService } from '../shared/services/declare.ts'
import { createServices } from '../shared/services/services.ts'
import type { Services } from '../shared/services/services.ts'
import type { Hold } from '../shared/services/words.ts'
import { createParking } from './parking.ts'
import type { Parking } from './parking.ts'

export interface ServiceSide extends Service {
  /** For handlers: `services.call('spotify', fn)`. */
  readonly forHandlers: ServiceCalls
  readonly calls: Calls
  readonly breakers: BreakerClient
  readonly recoveries: Recoveries
  readonly park: Parking
  readonly learn: Services['learn']
  /** When a breaker whose probe has just failed may be tried again, in epoch ms. */
  nextProbeAt(service: string): number
}

/** Jobs a second that come again to a service whose usual pace nobody knows. */
const UNKNOWN_PER_S = 40
/** Those who wait come back as fast as a service is ever called while it comes back. */
const TIMES_USUAL = 2

export const createServiceSide = (
  kernel: Kernel,
  declared: ReadonlyMap<string, DeclaredService> = declaredServices,
): ServiceSide => {
  const circuits = createBreakerStore(kernel)
  const services = createServices(kernel, { declared, forget: (names) => circuits.forget(names) })
  const configOf = (service: string) => services.configOf(service)
  const breakers = createBreakerClient(kernel, { configOf })
  const budgets = createBudgets(kernel)
  const bulkheads = createBulkheads(kernel)
  const retryBudgets = createRetryBudgets(kernel)
  const recoveries = createRecoveries(kernel, breakers)
  const calls = createCalls(kernel, {
    ...{ configOf, breakers, budgets, bulkheads, retryBudgets },
    rampOf: (service) => recoveries.rampOf(service),
    onTurnAway: (service) => recoveries.turnAway(service),
  })
  const perSecondOf = ({ service, cause }: Hold): number | undefined => {
    const { budget, concurrency } = configOf(service)
    if (cause === 'budget') return budget === null ? undefined : (budget.limit * 1_000) / budget.per_ms
    if (cause === 'concurrency') return concurrency === null ? undefined : concurrency.max
    // Who is refused a retry is given a time of its own already.
    if (cause === 'retry_budget') return undefined
    return TIMES_USUAL * Math.max(UNKNOWN_PER_S / TIMES_USUAL, recoveries.usualOf(service) ?? 0)
  }
  const parts: Service[] = [services, breakers, budgets, bulkheads, retryBudgets]
  return {
    name: 'services',
    calls,
    breakers,
    recoveries,
    forHandlers: createServiceCalls(calls, createLastGood(kernel)),
    park: createParking(kernel, { line: createWaitingLine(kernel), perSecondOf }),
    learn: (host) => services.learn(host),
    nextProbeAt(service) {
      const now = kernel.clock.now()
      const { state, untilMs } = breakers.stateOf(service)
      return state === 'open' && untilMs > now ? untilMs : now + configOf(service).breaker.open_ms
    },
    async start() {
      for (const part of parts) await part.start()
      await recoveries.begin()
    },
    async stop() {
      recoveries.stop()
      for (const part of [...parts].reverse()) await part.stop()
    },
  }
}
