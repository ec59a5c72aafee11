// Figures of the whole installation, read from Redis by commands whose cost does not grow with what is in it. All processes tell the same.
import { BreakerState } from '../../shared/breakers/words.ts'
import type { CountsAndPause } from '../../shared/bullmq/counts.ts'
import type { FleetFigures } from '../../shared/deliveries/fleet-figures.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { readProgress } from '../../shared/metrics/progress.ts'
import { family } from '../../shared/metrics/exposition.ts'
import type { Family, Sample } from '../../shared/metrics/exposition.ts'
import type { Rooms } from '../../shared/rooms.ts'

const STATES = ['waiting', 'prioritized', 'delayed', 'active', 'waiting_children', 'completed', 'failed'] as const

export const fleetFamilies = async (
  kernel: Kernel,
  rooms: Rooms,
  deliveries: () => Promise<FleetFigures>,
): Promise<Family[]> => {
  const queues = await rooms.bull.current()
  const [counts, workers, breakers, recorder, webhooks] = await Promise.all([
    rooms.bull.counts(queues),
    rooms.registry.list(),
    breakerFamilies(rooms),
    recorderFamilies(kernel, rooms, queues),
    webhookFamilies(deliveries),
  ])
  const running = workers.reduce((sum, worker) => sum + worker.running, 0)
  return [
    ...queueFamilies(counts),
    family('gauge', 'k1n_workers', 'Worker processes that tell that they live.', workers.length),
    family('gauge', 'k1n_workers_running_jobs', 'Jobs that those worker processes run now.', running),
    family('gauge', 'k1n_workers_slots', 'Jobs that they run at once at most, by queue.', slotsOf(workers)),
    ...breakers,
    ...recorder,
    ...webhooks,
    family('gauge', 'k1n_redis_used_memory_bytes', 'Memory of Redis.', rooms.system.memory.used),
    family('gauge', 'k1n_redis_max_memory_bytes', 'Its `maxmemory`; 0 for no limit.', rooms.system.memory.most),
  ]
}

const queueFamilies = (counts: ReadonlyMap<string, CountsAndPause>): Family[] => {
  const all = [...counts]
  return [
    family(
      'gauge',
      'k1n_jobs',
      'Jobs by queue and state. `failed` has cancelled ones too.',
      all.flatMap(([queue, of]) => STATES.map((state): Sample => ({ labels: { queue, state }, value: of[state] }))),
    ),
    family(
      'gauge',
      'k1n_queue_paused',
      '1 while somebody has paused the queue.',
      all.map(([queue, { paused }]) => ({ labels: { queue }, value: paused ? 1 : 0 })),
    ),
  ]
}

const slotsOf = (workers: readonly { slots: Record<string, number> }[]): Sample[] => {
  const slots = new Map<string, number>()
  for (const worker of workers)
    for (const [queue, count] of Object.entries(worker.slots)) slots.set(queue, (slots.get(queue) ?? 0) + count)
  return [...slots].map(([queue, value]) => ({ labels: { queue }, value }))
}

const breakerFamilies = async ({ breakers }: Rooms): Promise<Family[]> => {
  const { services, opened_total, rejected_total, parked_total, total } = await breakers.figures()
  return [
    family('gauge', 'k1n_circuit_breakers', 'Breakers there are.', total),
    family(
      'gauge',
      'k1n_circuit_breaker_state',
      '1 for the state a breaker is in; those that are not closed first, at most 200 services.',
      services.flatMap(({ service, state: now }) =>
        BreakerState.options.map((state): Sample => ({ labels: { service, state }, value: state === now ? 1 : 0 })),
      ),
    ),
    family('counter', 'k1n_circuit_breaker_opened_total', 'How often breakers opened.', opened_total),
    family('counter', 'k1n_circuit_breaker_rejected_calls_total', 'Calls they refused.', rejected_total),
    family('gauge', 'k1n_jobs_parked', 'Jobs that wait for a service.', parked_total ?? NaN),
  ]
}

/** How far the recorder is behind what has happened, at the queue where that is most. */
const recorderFamilies = async (kernel: Kernel, { bull }: Rooms, queues: readonly string[]): Promise<Family[]> => {
  const streams = queues.map((queue) => bull.keys(queue).events)
  if (streams.length === 0) return []
  const pipeline = kernel.redis.pipeline()
  for (const stream of streams) pipeline.xrevrange(stream, '+', '-', 'COUNT', 1)
  const [newest, { cursors, isRecording }] = await Promise.all([pipeline.exec(), readProgress(kernel, streams)])
  const behind = streams.map((stream, n) => {
    const entries = (newest?.[n]?.[1] ?? []) as [string][]
    return behindMs(entries[0]?.[0], cursors.get(stream))
  })
  return [
    family('gauge', 'k1n_recorder_up', '1 while somebody records what happens.', isRecording ? 1 : 0),
    family(
      'gauge',
      'k1n_recorder_lag_seconds',
      'Time between the last event that was recorded and the newest one, at the queue that is most behind.',
      Math.max(0, ...behind) / 1_000,
    ),
  ]
}

const timeOf = (id: string): number => Number(id.split('-')[0])

/** Nothing is behind where nothing has happened. Where nothing was recorded yet, it is behind since its newest event. */
const behindMs = (newest: string | undefined, recorded: string | undefined): number => {
  if (newest === undefined || newest === recorded) return 0
  return Math.max(1, recorded === undefined ? Date.now() - timeOf(newest) : timeOf(newest) - timeOf(recorded))
}

const webhookFamilies = async (deliveries: () => Promise<FleetFigures>): Promise<Family[]> => {
  const { endpoints, waiting, attempts } = await deliveries()
  const byOutcome = Object.entries(attempts).map(([outcome, value]): Sample => ({ labels: { outcome }, value }))
  const byState = Object.entries(endpoints).map(([state, value]): Sample => ({ labels: { state }, value }))
  return [
    family('gauge', 'k1n_webhooks', 'Webhooks by how they fare.', byState),
    family('gauge', 'k1n_webhook_deliveries_waiting', 'Deliveries that are to be sent.', waiting),
    family(
      'gauge',
      'k1n_webhook_delivery_attempts',
      'Attempts in this hour and the one before, by outcome.',
      byOutcome,
    ),
  ]
}
