// One BullMQ worker for each queue of the catalog, all over one command connection, started and stopped as one.
import { Worker } from 'bullmq'
import type { WorkerOptions } from 'bullmq'
import { workerOptions } from '../shared/bullmq/bullmq.ts'
import type { Bull } from '../shared/bullmq/bullmq.ts'
import { Cancelled, LockLost, Stopping } from '../shared/attempts/attempts.ts'
import type { Attempts } from '../shared/attempts/attempts.ts'
import type { Interrupt } from '../shared/attempts/interrupt.ts'
import { queuesOf } from '../shared/catalog/kind.ts'
import type { Catalog } from '../shared/catalog/kind.ts'
import { createBag } from '../shared/kernel/bag.ts'
import type { Bag } from '../shared/kernel/bag.ts'
import type { Address } from '../shared/kernel/ids.ts'
import type { Kernel } from '../shared/kernel/kernel.ts'
import { isRedisDown } from '../shared/kernel/redis.ts'
import { backoffStrategy, createProcessor } from './bull.ts'
import type { Processor } from './bull.ts'
import type { Tap } from './holds.ts'
import { lean } from './lean.ts'
import { createLocks } from './locks.ts'
import type { Locks } from './locks.ts'
import type { Parking } from './parking.ts'
import { asksInTime, saysFirst } from './says-first.ts'
import { createBusy, looksWhereBusy } from './stalls.ts'
import type { Steps } from './steps.ts'

export interface FleetOptions {
  bull: Bull
  catalog: Catalog
  attempts: Attempts
  /** How a job is put away whose service lets nobody in. */
  park: Parking
  workerId: string
  /** Whether the clock was set: BullMQ would take jobs whose time has not come. Nothing is fetched from then on, until whoever
   *  watches over the process lets it. */
  steps?: Steps
  /** Jobs at once in one queue; `K1N_CONCURRENCY` unless given. A kind may ask for fewer. */
  concurrency?: number
  /** BullMQ's settings where a test wants others than `workerOptions()`. */
  bullmq?: Partial<WorkerOptions>
}

/** A job that runs in this process. */
export interface Active {
  readonly queue: string
  readonly id: string
  readonly name: string
  readonly started_at: number
}

export interface Fleet {
  /** Resolves when every queue can be fetched from. */
  start(): Promise<void>
  /** Fetches no more, lets jobs finish for `graceMs`, then aborts the rest and puts them back. */
  stop(graceMs: number): Promise<void>
  /** Stops or goes on fetching; what runs runs on. */
  hold(held: boolean): Promise<void>
  /** Stops or goes on fetching because an operator said so. */
  rest(resting: boolean): Promise<void>
  readonly isResting: boolean
  /** What runs, the longest first. */
  active(): Active[]
  /** The fetching of single queues, for those who hold them. */
  readonly tap: Tap
  /** Whether a queue is not fetched from by intent. */
  isHeld(queue: string): boolean
  /** Ends a job that runs in this process; false when none does. */
  cancel(address: Address, reason: string, graceMs?: number): boolean
  /** Jobs one queue runs at once, for each queue. */
  readonly slots: Readonly<Record<string, number>>
  running(queue?: string): number
  /** When the last job of a queue was fetched, in epoch ms; undefined before the first. */
  fetchedAt(queue?: string): number | undefined
}

export const createFleet = (kernel: Kernel, options: FleetOptions): Fleet => {
  const { bull, catalog, attempts } = options
  const slots = slotsOf(catalog, options.concurrency ?? kernel.settings.K1N_CONCURRENCY)
  const inTime = (): boolean => {
    if (!options.steps?.hasStepped()) return true
    void holdAll(true)
    return false
  }
  const crew = createCrew(kernel, inTime)
  const workers = new Map<string, Worker>()
  const taps = createTaps(workers)
  const holdAll = async (held: boolean, reason: Reason = 'clock'): Promise<void> => {
    await Promise.all([...workers.keys()].map((queue) => taps.hold(queue, reason, held)))
  }
  const isBusy = createBusy(kernel, bull)
  let isResting = false

  const open = (queue: string): Worker => {
    const processor = createProcessor(kernel, bull, queue, attempts, crew, options.park)
    const locks = createLocks((id) => crew.end({ queue, id }, new LockLost('the job began again')))
    const made = createWorker(kernel, queue, { processor, locks, concurrency: slots[queue] ?? 1 }, options)
    const worker = looksWhereBusy(asksInTime(made, inTime), () => isBusy(queue))
    worker.on('lockRenewalFailed', (ids) => ids.forEach((id) => crew.end({ queue, id }, new LockLost('lock lost'))))
    return worker
  }
  return {
    slots,
    async start() {
      for (const queue of queuesOf(catalog)) {
        await bull.claim(queue)
        workers.set(queue, open(queue))
      }
      await Promise.all([...workers.values()].map((worker) => worker.waitUntilReady()))
    },
    async stop(graceMs) {
      const over = new AbortController()
      const closed = Promise.allSettled([...workers.values()].map((worker) => worker.close()))
      crew.dismiss(new Stopping(STOPS, Math.min(graceMs, LEAVE_MS)), (name) => catalog[name]?.resumes ?? false)
      void kernel.clock
        .sleep(graceMs, over.signal)
        .then(() => over.signal.aborted || crew.dismiss(new Stopping(STOPS), () => true))
      await closed
      over.abort('stopped')
    },
    hold: (held) => holdAll(held),
    async rest(resting) {
      isResting = resting
      await holdAll(resting, 'operator')
    },
    get isResting() {
      return isResting
    },
    active: () => crew.active(),
    tap: {
      close: (queue) => taps.hold(queue, 'service', true),
      async drip(queue) {
        const worker = workers.get(queue)
        if (worker) worker.concurrency = crew.count(queue) + 1
        await taps.hold(queue, 'service', false)
      },
      async open(queue) {
        const worker = workers.get(queue)
        if (worker) worker.concurrency = slots[queue] ?? 1
        await taps.hold(queue, 'service', false)
      },
      hasRoom: (queue) => crew.count(queue) < (slots[queue] ?? 1),
    },
    isHeld: (queue) => taps.isHeld(queue),
    cancel: (address, reason, graceMs) => crew.end(address, new Cancelled(reason, graceMs)),
    running: (queue) => crew.count(queue),
    fetchedAt: (queue) => crew.fetchedAt(queue),
  }
}

const STOPS = 'the worker stops'
/** A job that goes on elsewhere has so long to write down how far it is. */
const LEAVE_MS = 2_000

type Reason = 'clock' | 'service' | 'operator'

/** Why queues are not fetched from; each reason comes and goes by itself. */
const createTaps = (workers: ReadonlyMap<string, Worker>) => {
  const reasons = new Map<string, Set<Reason>>()
  return {
    async hold(queue: string, reason: Reason, held: boolean): Promise<void> {
      const known = reasons.get(queue) ?? new Set()
      reasons.set(queue, known)
      if (held) known.add(reason)
      else known.delete(reason)
      const worker = workers.get(queue)
      await (known.size > 0 ? worker?.pause(true) : worker?.resume())
    },
    isHeld: (queue: string): boolean => (reasons.get(queue)?.size ?? 0) > 0,
  }
}

/** One job that runs here. */
interface Runner {
  readonly id: string
  readonly name: string
  readonly since: number
  readonly interrupt: Interrupt
}

/** Those of one queue, and when it last gave somebody. */
interface Gang {
  readonly runners: Bag<Runner>
  fetchedAt: number | undefined
}

/** Everyone who runs in this process. `left` hears of each who has ended, before BullMQ is told and asked for another. */
const createCrew = (kernel: Kernel, left: () => unknown) => {
  const gangs = new Map<string, Gang>()
  const dismissals: { reason: Stopping; meets: (name: string) => boolean }[] = []
  const of = (queue: string): Gang => {
    const known = gangs.get(queue)
    if (known) return known
    const gang: Gang = { runners: createBag(), fetchedAt: undefined }
    gangs.set(queue, gang)
    return gang
  }
  return {
    add(queue: string, id: string, name: string, interrupt: Interrupt): () => void {
      const gang = of(queue)
      const since = kernel.clock.now()
      gang.fetchedAt = since
      const leave = gang.runners.add({ id, name, since, interrupt })
      const dismissed = dismissals.find(({ meets }) => meets(name))
      if (dismissed) interrupt.end(dismissed.reason)
      return () => {
        leave()
        left()
      }
    },
    /** Those of a job; two when a stalled one was fetched again by the process that still runs it. */
    end({ queue, id }: Address, reason: Error): boolean {
      const found = [...(gangs.get(queue)?.runners ?? [])].filter((runner) => runner.id === id)
      for (const { interrupt } of found) interrupt.end(reason)
      return found.length > 0
    },
    /** Ends those whose kind it meets, and those of them who come yet. */
    dismiss(reason: Stopping, meets: (name: string) => boolean) {
      dismissals.push({ reason, meets })
      for (const { runners } of gangs.values())
        for (const { name, interrupt } of runners) if (meets(name)) interrupt.end(reason)
    },
    active: (): Active[] =>
      [...gangs]
        .flatMap(([queue, { runners }]) =>
          [...runners].map(({ id, name, since }) => ({ queue, id, name, started_at: since })),
        )
        .sort((a, b) => a.started_at - b.started_at),
    count: (queue?: string): number =>
      queue === undefined
        ? [...gangs.values()].reduce((sum, { runners }) => sum + runners.size, 0)
        : (gangs.get(queue)?.runners.size ?? 0),
    fetchedAt: (queue?: string): number | undefined =>
      queue === undefined ? latest(gangs.values()) : gangs.get(queue)?.fetchedAt,
  }
}

const latest = (gangs: Iterable<Gang>): number | undefined =>
  [...gangs].flatMap(({ fetchedAt }) => fetchedAt ?? []).sort((a, b) => b - a)[0]

/** The least that a kind of the queue asks for, else what the setting says. */
const slotsOf = (catalog: Catalog, setting: number): Record<string, number> =>
  Object.fromEntries(
    queuesOf(catalog).map((queue) => {
      const kinds = Object.values(catalog).filter((kind) => kind.queue === queue)
      return [queue, Math.min(setting, ...kinds.map((kind) => kind.concurrency ?? setting))]
    }),
  )

const createWorker = (
  kernel: Kernel,
  queue: string,
  { processor, locks, concurrency }: { processor: Processor; locks: Locks; concurrency: number },
  { workerId, bullmq }: FleetOptions,
): Worker => {
  const { stackTraceLimit: _kept, ...settings } = workerOptions()
  const made = new Worker(queue, locks.watched(processor), {
    ...settings,
    connection: kernel.redis,
    prefix: kernel.bullPrefix,
    name: workerId,
    concurrency,
    // BullMQ asks which Redis it is: not knowing, it would wait for delayed jobs in whole seconds.
    settings: { backoffStrategy },
    ...bullmq,
  })
  const worker = saysFirst(lean(locks.kept(made)))
  worker.on('error', (error) => {
    if (!isRedisDown(error)) kernel.log.warn('BullMQ reported an error', { queue, error })
  })
  return worker
}
