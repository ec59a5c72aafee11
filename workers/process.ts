// One worker process, put together: fleet, quarantine, orders, heartbeat in the registry, and the watch over all of it.
import type { WorkerOptions } from 'bullmq'
import { createAttempts, inTurn } from '../shared/attempts/attempts.ts'
import { createInTime } from '../shared/attempts/in-time.ts'
import { createBull } from '../shared/bullmq/bullmq.ts'
import type { Bull } from '../shared/bullmq/bullmq.ts'
import type { AnyHandlers } from '../shared/catalog/handler.ts'
import { createJanitor } from '../shared/dlq/janitor.ts'
import { createWaker } from '../shared/operations/operations.ts'
import { queuesOf } from '../shared/catalog/kind.ts'
import { scheduleTick } from '../shared/catalog/schedule-tick.ts'
import type { Catalog } from '../shared/catalog/kind.ts'
import type { Kernel } from '../shared/kernel/kernel.ts'
import { SKEW_MAX_MS } from '../shared/kernel/skew.ts'
import { sendNow } from '../shared/kernel/redis.ts'
import type { Service } from '../shared/kernel/service.ts'
import { createRegistry } from '../shared/workers/registry.ts'
import { workerVersion } from '../shared/workers/version.ts'
import { createOrders, takeOrder } from '../shared/workers/orders.ts'
import type { Order } from '../shared/workers/orders.ts'
import type { DeclaredSchedules } from '../shared/schedules/declare.ts'
import { createScheduleServices } from '../shared/schedules/executor.ts'
import { createExpirer } from '../shared/jobs/expirer.ts'
import { createResumer } from '../shared/queues/pauses.ts'
import { createForce } from '../shared/retries/force.ts'
import { createFleet } from './fleet.ts'
import type { Fleet } from './fleet.ts'
import { besideBlockers } from './blockers.ts'
import { createHeart } from './heart.ts'
import { createHolds } from './holds.ts'
import type { Holds } from './holds.ts'
import { createQuarantine } from './quarantine.ts'
import { createRetention } from './retention.ts'
import { createServiceGate } from './service-gate.ts'
import { createServiceSide } from './service-side.ts'
import type { ServiceSide } from './service-side.ts'
import { createSteps } from './steps.ts'
import { createWatch, untilInTime } from './watch.ts'
import type { WatchOptions } from './watch.ts'

export interface WorkerProcessOptions {
  workerId: string
  catalog: Catalog
  handlers: AnyHandlers
  /** What its handlers call services with; one is made unless given. It is started and stopped with the process. */
  services?: ServiceSide
  /** What runs beside its handlers. */
  beside?: readonly Service[]
  /** The schedules its code declares; those that others declare are left alone when absent. */
  schedules?: DeclaredSchedules
  concurrency?: number
  /** BullMQ's settings where a test wants others. */
  bullmq?: Partial<WorkerOptions>
  watch?: Pick<WatchOptions, 'everyMs' | 'noFetchMs' | 'skewMaxMs'>
  /** A queue is not fetched from although jobs wait: the process should end and be replaced. */
  onHang: (queue: string) => void
  /** An operator shuts the process down; it stops without ending unless given. */
  onShutdown?: (graceMs: number) => void
}

export interface WorkerProcess {
  readonly fleet: Fleet
  /** Resolves when the clock agrees with Redis and every queue can be fetched from. */
  start(): Promise<void>
  /** Lets jobs finish for `graceMs` (`K1N_SHUTDOWN_GRACE_MS`), then puts the rest back. May be called twice. */
  stop(graceMs?: number): Promise<void>
}

export const createWorkerProcess = (kernel: Kernel, options: WorkerProcessOptions): WorkerProcess => {
  const { workerId, catalog, handlers, bullmq, concurrency } = options
  const bull = createBull(kernel)
  const registry = createRegistry(kernel)
  const side = options.services ?? createServiceSide(kernel)
  const holds: { current?: Holds } = {}
  const gate = inTurn(
    createInTime(kernel, bull),
    inTurn(createQuarantine(kernel, { bull, registry, workerId }), gateOf(kernel, bull, side, holds)),
  )
  // What was said of other jobs is not to wait for a handler that blocks this process, or ends it.
  const alongside = besideBlockers(handlers, () => sendNow(kernel.redis))
  const attempts = createAttempts(kernel, { bull, catalog, handlers: alongside, workerId, gate })
  const steps = createSteps(options.watch?.skewMaxMs ?? SKEW_MAX_MS)
  const fleet = createFleet(kernel, {
    bull,
    catalog,
    steps,
    attempts,
    park: side.park,
    workerId,
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(bullmq === undefined ? {} : { bullmq }),
  })
  holds.current = createHolds(kernel, { catalog, breakers: side.breakers, tap: fleet.tap })
  let isStopping = false
  const heart = createHeart(kernel, registry, () => ({
    ...{ id: workerId, version: workerVersion(kernel.settings), slots: fleet.slots, names: Object.keys(handlers) },
    state: isStopping ? 'stopping' : fleet.isResting ? 'paused' : 'running',
    running: fleet.running(),
    last_fetch_at: fleet.fetchedAt() ?? null,
    active: fleet.active().slice(0, ACTIVE_TOLD),
  }))
  const services: Service[] = [
    side,
    holds.current,
    createOrders(kernel, (order) => {
      if (order.op === 'cancel') cancelIn(kernel, fleet, order)
      else if (order.op === 'fetch') void holds.current?.fetch(order.queue, () => takeOrder(kernel, order.ticket))
      else if (order.id === workerId) void turn(order)
    }),
    heart.service,
    createRetention(kernel, bull, queuesOf(catalog)),
    createWaker(kernel, bull),
    createJanitor(kernel, bull),
    createResumer(kernel, bull),
    createExpirer(kernel, bull, queuesOf(catalog)),
    ...(options.beside ?? []),
    // Whoever performs ticks also sees to it that they come.
    ...(catalog[scheduleTick.name] === undefined
      ? []
      : createScheduleServices(kernel, bull, catalog, options.schedules)),
    createWatch(kernel, { bull, fleet, steps, ...options.watch, onHang: options.onHang }),
  ]
  const turn = async (order: Extract<Order, { op: 'worker' | 'shutdown' }>): Promise<void> => {
    kernel.log.info('an operator says what this process shall do', { order })
    if (order.op === 'worker') await fleet.rest(order.turn === 'pause')
    else if (options.onShutdown) options.onShutdown(order.grace_ms)
    else void stop(order.grace_ms)
    await heart.beat()
  }
  const begun = new AbortController()
  let stopped: Promise<void> | undefined
  const stop: WorkerProcess['stop'] = (graceMs = kernel.settings.K1N_SHUTDOWN_GRACE_MS) =>
    (stopped ??= (async () => {
      isStopping = true
      begun.abort('stopped')
      await fleet.stop(graceMs)
      for (const service of services.reverse()) await service.stop()
      await bull.close()
    })())
  return {
    fleet,
    async start() {
      await untilInTime(kernel, options.watch?.skewMaxMs ?? SKEW_MAX_MS, begun.signal)
      if (begun.signal.aborted) return
      for (const service of services) await service.start()
      await fleet.start()
    },
    stop,
  }
}

/** Jobs that a beat names. */
const ACTIVE_TOLD = 100

/** The holds steer the fleet, which runs what the gate lets in, which tells the holds. */
const gateOf = (kernel: Kernel, bull: Bull, side: ServiceSide, holds: { current?: Holds }) =>
  createServiceGate(kernel, {
    calls: side.calls,
    learn: side.learn,
    takesProbe: (queue) => holds.current?.takesProbe(queue) ?? false,
    onHold: (queue, hold) => holds.current?.heard(queue, hold),
    comesBack: (service) => side.recoveries.rampOf(service) !== undefined,
    isForced: createForce(bull),
    nextProbeAt: (service) => side.nextProbeAt(service),
  })

/** Most orders are for other processes. */
const cancelIn = (
  kernel: Kernel,
  fleet: Fleet,
  { queue, id, reason, grace_ms }: Extract<Order, { op: 'cancel' }>,
): void => {
  if (fleet.cancel({ queue, id }, reason ?? 'cancelled', grace_ms ?? undefined))
    kernel.log.info('a running job was cancelled', { queue, id })
}
