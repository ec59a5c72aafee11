// A queue for tests, as the API tells it.
import type { Queue } from '../../../shared/queues/contract.ts'

/** A queue at rest, with what a test says of it. */
export const queueWith = (given: Partial<Queue> = {}): Queue => ({
  name: 'mail',
  paused: false,
  pause: null,
  held: null,
  counts: { waiting: 0, prioritized: 0, delayed: 0, active: 0, waiting_children: 0, completed: 0, failed: 0 },
  rates: { in_per_min: 0, out_per_min: 0, failed_last_hour: 0 },
  oldest_waiting_ms: null,
  workers: 1,
  slots: 4,
  own: true,
  config: { global_concurrency: null, rate_limit: null, depth_limit: null, retention: null },
  config_version: 1,
  version: 1,
  ...given,
})
