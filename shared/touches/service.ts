// What goes through a service: queues with jobs that call it, how many wait for it, and whose parents wait for those.
import type { LastHour } from '../breakers/breakers.ts'
import type { CountsAndPause } from '../bullmq/bullmq.ts'
import { toIso } from '../kernel/clock.ts'
import type { ServiceTouches, TouchedQueue } from './contract.ts'
import { flowsOf } from './flows.ts'
import type { Lately } from './sample.ts'
import { callingOf } from './uses.ts'
import type { Calling, PutAway, ServiceNeeds, Uses } from './uses.ts'
import { asCounted } from './what-if.ts'

const SHOWN = 50
const USES = 20

/** What is told of it, and the names of all its queues, also of those that are not shown. */
export const touchesOfService = async (
  needs: ServiceNeeds,
  principal: { queues: readonly string[] },
  hour: LastHour,
  seen: { lately: Lately; putAway: PutAway },
): Promise<{ told: Omit<ServiceTouches, 'schedules' | 'webhooks'>; queues: string[] }> => {
  const service = hour.service.name
  const calling = await callingOf(needs, principal, service, seen)
  const [counts, flows] = await Promise.all([
    needs.bull.counts([...calling.byQueue.keys()]),
    flowsOf(needs, principal, calling.through),
  ])
  const queues = [...calling.byQueue]
    .map(([queue, uses]) => toQueue(queue, uses, counts.get(queue), calling))
    .sort((a, b) => b.parked - a.parked || b.waiting - a.waiting || (a.queue < b.queue ? -1 : 1))
  const told = {
    service,
    at: toIso(hour.to),
    queues: queues.slice(0, SHOWN),
    queues_total: queues.length,
    parked: queues.reduce((total, { parked }) => total + parked, 0),
    // Where not all delayed jobs were looked at, a queue may have some that were not met.
    parked_exact: calling.exact,
    lately: seen.lately.told,
    flows: {
      ...flows,
      looked_at: calling.lookedAt,
      of: queues.reduce((total, { waiting, running, delayed }) => total + waiting + running + delayed, 0),
    },
    budget: hour.service.budget,
    calls: callsOf(hour),
  }
  return { told, queues: queues.map(({ queue }) => queue) }
}

const callsOf = (hour: LastHour): ServiceTouches['calls'] => {
  const { calls, failures, refused } = asCounted(hour)
  return { from: toIso(hour.from), to: toIso(hour.to), calls, failures, refused }
}

const toQueue = (
  queue: string,
  uses: Uses,
  counts: CountsAndPause | undefined,
  { held, parked }: Calling,
): TouchedQueue => {
  const { waiting = 0, prioritized = 0, active = 0, delayed = 0, paused = false } = counts ?? {}
  const inLine = waiting + prioritized
  const { jobs = [], drawn = 0, delayed: of = 0 } = parked.get(queue) ?? {}
  const putAway = drawn === 0 ? 0 : Math.round((jobs.length * of) / drawn)
  return {
    ...{ queue, paused, delayed, held: held.has(queue) },
    waiting: inLine,
    running: active,
    parked: putAway + (held.has(queue) ? inLine : 0),
    parked_exact: drawn >= of,
    uses: [...uses.values()]
      .sort((a, b) => b.parked - a.parked || b.now - a.now || b.seen - a.seen || (a.name < b.name ? -1 : 1))
      .slice(0, USES),
  }
}
