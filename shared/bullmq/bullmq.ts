// BullMQ, wrapped once: the only room that knows how BullMQ lays out its keys.
import type { FlowProducer, Queue } from 'bullmq'
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createReader } from '../kernel/reader.ts'
import type { Reader } from '../kernel/reader.ts'
import { createAdder } from './add.ts'
import type { Added, Before, NewJob } from './add.ts'
import { createBackend } from './backend.ts'
import { readChildKeys, readChildren, readCircumstances } from './circumstances.ts'
import type { ChildKeys, ChildrenOf, Circumstances } from './circumstances.ts'
import { readCounts } from './counts.ts'
import type { CountsAndPause } from './counts.ts'
import { readDepth } from './depth.ts'
import type { Depth } from './depth.ts'
import { createDiscovery } from './discovery.ts'
import { assertEventLength, raiseEventLength } from './events-length.ts'
import { expireDue, forgetExpiry, noteExpiry } from './expire.ts'
import type { Expiring } from './expire.ts'
import { bury, erase, unbury } from './bury.ts'
import type { Buried, Erased, Unburied } from './bury.ts'
import { hasten } from './hasten.ts'
import type { Hastened } from './hasten.ts'
import { bullKeys } from './keys.ts'
import type { BullKeys } from './keys.ts'
import { readLying } from './lying.ts'
import { forgetMade } from './once.ts'
import type { Lying } from './lying.ts'
import { readPayloads } from './payloads.ts'
import type { Payload } from './payloads.ts'
import { readRaw, readStated } from './read.ts'
import type { BullState, StatedJob } from './read.ts'
import type { JobField, RawJob } from './raw-job.ts'
import { putOff, readNext } from './put-off.ts'
import type { PutOff } from './put-off.ts'
import type { Receipt } from './receipt.ts'
import { remark } from './remark.ts'
import { removeMany } from './remove-many.ts'
import type { Removed, Standing } from './remove-many.ts'
import { exhume, revive } from './revive.ts'
import type { Revival, Revived } from './revive.ts'
import { reviveMany } from './revive-many.ts'
import type { Death, ManyRevival, RevivedOne } from './revive-many.ts'
import { readSchedulers, schedulerIds } from './schedulers.ts'
import type { Scheduler } from './schedulers.ts'
import { countSchedulers, readWholeSchedulers, takeScheduler } from './whole-schedulers.ts'
import type { AsRead, Taken, WholeScheduler } from './whole-schedulers.ts'
import { removeRest, sweep, sweptBy } from './sweep.ts'
import type { Place, Sweep, Swept } from './sweep.ts'
import { createWorkerList } from './worker-list.ts'
import type { Crew } from './worker-list.ts'

export { workerOptions } from './settings.ts'
export type { Added, Before, BullKeys, BullState, ChildrenOf, Circumstances, CountsAndPause, Crew }
export { DEPTH_FIELD, ownLimit } from './depth.ts'
export { schedulerJobId } from './schedulers.ts'
export type { AsRead, Scheduler, Taken, WholeScheduler }
export type { JobField, NewJob, RawJob, Receipt, Revival, Revived, StatedJob }
export type { Place, Sweep, Swept }
export type { Buried, Death, Erased, Hastened, ManyRevival, Removed, RevivedOne, Standing, Unburied }

export interface Bull {
  /** The names of all keys of a queue. */
  keys(queue: string): BullKeys
  /** BullMQ's own object, one per queue, over the kernel's connection; it never writes the queue's settings. */
  queue(name: string): Queue
  flow(): FlowProducer
  /** Makes a queue ours: known at once, even when Redis is away, and with an event stream long enough. */
  claim(name: string): Promise<void>
  isOwn(queue: string): boolean
  /** Stores a job under an id of ours; all jobs of one turn of the event loop travel together. */
  add(job: NewJob): Promise<Added>
  /** The same for a request with an Idempotency-Key, whose receipt is kept in the same step; see `receipt.ts`. */
  addWith(receipt: Receipt, job: NewJob): Promise<Added | Before>
  /** How many jobs wait in a queue and how many may; `mostWaiting` unless the queue says otherwise. See `depth.ts`. */
  depth(queue: string, mostWaiting: number, dedupId?: string): Promise<Depth>
  /** Lets the trace of a job that is made once go in a while; see `once.ts`. */
  forgetMade(address: Address): Promise<void>
  /** Puts an ended job back to its queue in place; see `revive.ts`. */
  revive(address: Address, revival: Revival): Promise<Revived>
  /** Puts many dead letters of a queue back to it; see `revive-many.ts`. */
  reviveMany(
    queue: string,
    deaths: readonly (Death & { data?: string | undefined })[],
    revival: ManyRevival,
  ): Promise<RevivedOne[]>
  /** Puts dead letters of a queue away, under the mark of whoever does; see `bury.ts`. */
  bury(queue: string, deaths: readonly Death[], mark: string): Promise<Buried[]>
  unbury(queue: string, deaths: readonly Death[], mark?: string): Promise<Unburied[]>
  erase(queue: string, deaths: readonly Death[], from: 'buried' | 'failed'): Promise<Erased[]>
  /** Takes a job out of the failed set for one who moves it elsewhere; see `revive.ts`. */
  exhume(address: Address, finishedOn: number | undefined): Promise<boolean>
  /** Makes delayed jobs of a queue wait for a worker now; see `hasten.ts`. */
  hasten(queue: string, ids: readonly string[], mark?: string): Promise<Hastened[]>
  /** Ids of those jobs without a priority that are fetched next, at most so many, and jobs put off without fetching them; see
   *  `put-off.ts`. */
  next(queue: string, most: number): Promise<string[]>
  putOff(queue: string, ids: readonly string[], how: PutOff): Promise<boolean[]>
  /** Removes jobs of a queue that nobody runs, from where they were found; see `remove-many.ts`. */
  removeMany(queue: string, jobs: readonly Standing[]): Promise<Removed[]>
  /** Keeps a remark with a dead letter; see `remark.ts`. */
  remark(address: Address, finishedOn: number | undefined, text: string): Promise<boolean>
  /** Notes by when a job must start, and ends those of a queue that did not; see `expire.ts`. */
  noteExpiry(address: Address, at: number): Promise<void>
  /** Forgets that of a job that was refused. */
  forgetExpiry(address: Address): Promise<void>
  expireDue(queue: string, kept: Expiring): Promise<{ more: boolean; expired: string[] }>
  /** How many workers hold a connection to each of the queues; at most five seconds old. */
  workers(queues: readonly string[]): Promise<Map<string, number>>
  /** The same for one queue, with the names of those that have one. */
  crew(queue: string): Promise<Crew>
  /** Walks the keyspace for queues, within `K1N_QUEUES`; our own are always among them. */
  discover(): Promise<string[]>
  /** The queues there are, at most some seconds old; waits for a walk only in a process that has made none. */
  current(): Promise<readonly string[]>
  /** The same, but waits for a walk whenever one is due: for whoever is in no hurry and must not miss a queue for long. */
  fresh(): Promise<readonly string[]>
  /** The queues found so far. */
  known(): readonly string[]
  /** Whether a queue exists and may be used, asking Redis about one that is not known yet. */
  exists(queue: string): Promise<boolean>
  /** How many jobs of each state queues hold, as Redis says, or a reader of it. */
  counts(queues: readonly string[], read?: Reader): Promise<Map<string, CountsAndPause>>
  /** Hashes of jobs; undefined where there is no job. All fields unless told. */
  readRaw(addresses: readonly Address[], fields?: readonly JobField[]): Promise<(RawJob | undefined)[]>
  /** Payloads of jobs of one queue, but for those that are very long; see `payloads.ts`. */
  readPayloads(queue: string, ids: readonly string[]): Promise<Payload[]>
  /** When members of the queue's failed set died that are dead letters; see `lying.ts`. */
  readLying(queue: string, ids: readonly string[], lying: Lying): Promise<(number | 'unknown' | undefined)[]>
  /** Jobs together with their states; see `read.ts` for what that costs. */
  readStated(addresses: readonly Address[], fields?: readonly JobField[]): Promise<(StatedJob | undefined)[]>
  stateOf(addresses: readonly Address[]): Promise<BullState[]>
  /** What else decides whether a job may run, and what a parent waits for; see `circumstances.ts`. */
  circumstances(address: Address): Promise<Circumstances>
  children(address: Address): Promise<ChildrenOf>
  childKeys(address: Address, most: number): Promise<ChildKeys>
  /** Job schedulers of a queue; see `schedulers.ts`. */
  schedulers(queue: string, ids: readonly string[]): Promise<Map<string, Scheduler>>
  schedulerIds(queue: string, count: number): Promise<string[]>
  /** How many each of the queues has, in their order. */
  schedulerCounts(queues: readonly string[]): Promise<number[]>
  /** Job schedulers with all that they make their jobs of, and one taken away; see `whole-schedulers.ts`. */
  wholeSchedulers(queue: string, ids: readonly string[]): Promise<Map<string, WholeScheduler>>
  wholeScheduler(queue: string, id: string): Promise<WholeScheduler | undefined>
  takeScheduler(queue: string, id: string, asRead: AsRead): Promise<Taken>
  /** Removes a slice of the jobs that stand in one place of a queue; see `sweep.ts`. */
  sweep(queue: string, asked: Sweep): Promise<Swept>
  /** How many jobs of the queue were removed under a mark. */
  sweptBy(queue: string, mark: string): Promise<number>
  /** Takes away what a paused queue is beside its jobs; see `sweep.ts`. */
  removeRest(queue: string, mark: string): Promise<boolean>
  /** Answers how many events the queue's stream keeps, raising it where that is too few and allowed. */
  assertEventLength(queue: string): Promise<number>
  close(): Promise<void>
}

/** Queues whose keys are remembered. */
const NAMES_MAX = 10_000

export const createBull = (kernel: Kernel): Bull => {
  const backend = createBackend(kernel)
  const discovery = createDiscovery(kernel)
  const own = new Set<string>()
  const cache = new Map<string, BullKeys>()
  const keys = (queue: string): BullKeys => {
    const known = cache.get(queue)
    if (known) return known
    // Clients ask for queues there are not, under ever other names.
    if (cache.size >= NAMES_MAX) cache.clear()
    const made = bullKeys(kernel.bullPrefix, queue)
    cache.set(queue, made)
    return made
  }
  const adder = createAdder(kernel, keys, (queue) => own.has(queue))
  const workerList = createWorkerList(kernel)
  const reader = createReader(kernel.redis)
  return {
    keys,
    add: (job) => adder.add(job),
    addWith: (receipt, job) => adder.addWith(receipt, job),
    depth: (queue, mostWaiting, dedupId) => readDepth(kernel, keys(queue), mostWaiting, dedupId),
    forgetMade: (address) => forgetMade(kernel, keys(address.queue), address),
    revive: (address, revival) => revive(kernel, keys(address.queue), address, revival),
    exhume: (address, finishedOn) => exhume(kernel, keys(address.queue), address, finishedOn),
    reviveMany: (queue, deaths, revival) => reviveMany(kernel, keys(queue), deaths, revival),
    bury: (queue, deaths, mark) => bury(kernel, keys(queue), deaths, mark),
    unbury: (queue, deaths, mark) => unbury(kernel, keys(queue), deaths, mark),
    erase: (queue, deaths, from) => erase(kernel, keys(queue), backend.queue(queue), deaths, from),
    hasten: (queue, ids, mark) => hasten(kernel, keys(queue), ids, mark),
    next: (queue, most) => readNext(kernel, keys(queue), most),
    putOff: (queue, ids, how) => putOff(kernel, keys(queue), ids, how),
    removeMany: (queue, jobs) => removeMany(kernel, keys(queue), jobs),
    remark: (address, finishedOn, text) => remark(kernel, keys(address.queue), address, finishedOn, text),
    noteExpiry: (address, at) => noteExpiry(kernel, keys(address.queue), address, at),
    forgetExpiry: (address) => forgetExpiry(kernel, keys(address.queue), address),
    expireDue: (queue, kept) => expireDue(kernel, keys(queue), kept),
    workers: (queues) => workerList.count(queues),
    crew: (queue) => workerList.crew(queue),
    queue: (name) => backend.queue(name),
    flow: () => backend.flow(),
    async claim(name) {
      own.add(name)
      discovery.add(name)
      await raiseEventLength(kernel, keys(name))
    },
    isOwn: (queue) => own.has(queue),
    discover: () => discovery.discover(),
    current: () => discovery.current(),
    fresh: () => discovery.fresh(),
    known: () => discovery.known(),
    exists: (queue) => discovery.exists(queue),
    counts: (queues, read = reader) => readCounts(read, keys, queues),
    readRaw: (addresses, fields) => readRaw(kernel, keys, addresses, fields),
    readPayloads: (queue, ids) => readPayloads(kernel, keys(queue).prefix, ids),
    readLying: (queue, ids, lying) => readLying(kernel, keys(queue), ids, lying),
    readStated: (addresses, fields) => readStated(kernel, keys, addresses, fields),
    async stateOf(addresses) {
      const found = await readStated(kernel, keys, addresses, ['name', 'timestamp'])
      return found.map((stated) => stated?.state ?? 'missing')
    },
    circumstances: (address) => readCircumstances(kernel, keys(address.queue), address),
    children: (address) => readChildren(kernel, keys(address.queue), address),
    childKeys: (address, most) => readChildKeys(kernel, keys(address.queue), address, most),
    schedulers: (queue, ids) => readSchedulers(kernel, keys(queue), ids),
    schedulerIds: (queue, count) => schedulerIds(kernel, keys(queue), count),
    schedulerCounts: (queues) => countSchedulers(kernel, queues.map(keys)),
    wholeSchedulers: (queue, ids) => readWholeSchedulers(kernel, keys(queue), ids),
    wholeScheduler: async (queue, id) => (await readWholeSchedulers(kernel, keys(queue), [id])).get(id),
    takeScheduler: (queue, id, asRead) => takeScheduler(kernel, keys(queue), id, asRead),
    sweep: (queue, asked) => sweep(kernel, keys(queue), backend.queue(queue), asked),
    sweptBy: (queue, mark) => sweptBy(kernel, keys(queue), mark),
    removeRest: (queue, mark) => removeRest(kernel, keys(queue), backend.queue(queue), mark),
    assertEventLength: (queue) => assertEventLength(kernel, keys(queue), own.has(queue)),
    close: () => backend.close(),
  }
}
