// The kind and the service of the outage test.
import { z } from 'zod'
import { catalogOf, kind } from '../../shared/catalog/catalog.ts'
import { service, servicesOf } from '../../shared/services/declare.ts'

export const outageCatalog = catalogOf(
  kind({
    name: 'outage.call',
    queue: 'outage',
    summary: 'Calls a service that is down for a while.',
    payload: z.strictObject({}),
    result: z.null(),
    retry: { attempts: 5, backoff: { type: 'fixed', delay_ms: 1_000, jitter: 'full' } },
    service: 'flaky',
  }),
)

export const OPEN_MS = 5_000
export const PROBES = 3
/** Calls the breaker looks at. */
export const WINDOW = 100
export const outageServices = servicesOf(
  service({
    name: 'flaky',
    summary: 'Down for a while.',
    breaker: {
      window: { type: 'count', size: WINDOW },
      open_ms: OPEN_MS,
      open_max_ms: 10_000,
      jitter: 0,
      half_open_max: PROBES,
    },
  }),
)
