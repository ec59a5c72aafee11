// The recorder: turns what BullMQ and our attempts tell into one log of facts and the read models, each fact once.
import type { Bull } from '../bullmq/bullmq.ts'
import { openBlocking } from '../kernel/blocking.ts'
import type { BlockingConnection } from '../kernel/blocking.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { loop } from '../kernel/service.ts'
import { createDeadIndex } from '../triage/dead-index.ts'
import type { Service } from '../kernel/service.ts'
import { createAttemptLog } from './attempt-log.ts'
import { createHousekeeping } from './housekeeping.ts'
import { createMemory } from './memory.ts'
import { createMomentKeeper } from './moments.ts'
import { STREAMS_PER_READER, createReader } from './reader.ts'
import type { Reader } from './reader.ts'
import type { TakeMoment } from '../rewind/take.ts'
import { LeaseLost, createRecorderStore } from './store.ts'
import type { RecorderStore } from './store.ts'
import { createWriter } from './writes.ts'
import { createIndexing } from './indexing.ts'

export interface RecorderOptions {
  /** How long a recorder that died keeps others waiting. */
  leaseMs?: number
  /** How long a read waits for news. */
  blockMs?: number
  /** The least time between two reads while there is news: joins events that come in quick succession. */
  paceMs?: number
  /** How often queues are looked for and read models are trimmed. */
  roundMs?: number
  /** Looks at everything once a minute, so that it is kept how it stood; nothing is kept without. */
  takeMoment?: TakeMoment
}

/** The same with what is usual in place of what was left out. */
type Options = Required<Omit<RecorderOptions, 'takeMoment'>> & Pick<RecorderOptions, 'takeMoment'>

export interface Recorder extends Service {
  /** Applies everything there is now and answers how many entries that was; for tests and for a last turn. */
  catchUp(): Promise<number>
}

/** What the index lets pass between two slices, for pages of events. */
const SLICE_REST_MS = 5

/** How often notes of jobs to look at again are read, for each look at all indexes. */
const LOOKS_PER_ROUND = 5

/** A page costs the same whatever is in it, here, in Redis and in each process that hears of it. */
const PACE_MS = 12

const defaults: Options = { leaseMs: 10_000, blockMs: 2_000, paceMs: PACE_MS, roundMs: 5_000 }

/** Makes a recorder. Any number may run; the one that holds the lease records, another takes over when it ends. */
export const createRecorder = (kernel: Kernel, bull: Bull, options: RecorderOptions = {}): Recorder => {
  const settings = { ...defaults, ...options }
  return {
    ...loop('recorder', (signal) => serve(kernel, bull, settings, signal)),
    catchUp: () => catchUp(kernel, bull, settings),
  }
}

/** Everything one tenure of the lease works with; made anew at each take-over, from what Redis says. */
const createTenure = async (kernel: Kernel, bull: Bull, store: RecorderStore) => {
  const index = createDeadIndex(kernel)
  const maker = { kernel, bull, memory: createMemory(), writer: createWriter(kernel), index }
  const cursors = await store.cursors()
  const attempts = createAttemptLog(maker, store, cursors)
  const connections: BlockingConnection[] = []
  const makeReader = (): Reader => {
    const connection = openBlocking(kernel, 'k1n-recorder')
    connections.push(connection)
    return createReader({ ...maker, store, connection, attempts, cursors })
  }
  const indexing = createIndexing(maker, store, cursors)
  return {
    attempts,
    cursors,
    makeReader,
    indexing,
    close: () => connections.forEach((connection) => connection.close()),
  }
}
type Tenure = Awaited<ReturnType<typeof createTenure>>

/** Waits for the lease, records while it is held, and starts over when it is lost, until told to stop. */
const serve = async (kernel: Kernel, bull: Bull, options: Options, signal: AbortSignal): Promise<void> => {
  const store = createRecorderStore(kernel, options.leaseMs)
  while (!signal.aborted) {
    try {
      if (await store.acquire()) await record(kernel, bull, store, options, signal)
      else await kernel.clock.sleep(options.leaseMs / 4, signal)
    } catch (error) {
      kernel.log.warn(error instanceof LeaseLost ? 'another recorder took over' : 'the recorder starts over', { error })
      await kernel.clock.sleep(500, signal)
    }
  }
  await store.release().catch(() => undefined)
}

/** One tenure: readers, the attempts' own log and the rounds of housekeeping, side by side; the first failure ends all. */
const record = async (
  kernel: Kernel,
  bull: Bull,
  store: RecorderStore,
  options: Options,
  signal: AbortSignal,
): Promise<void> => {
  const tenure = await createTenure(kernel, bull, store)
  const ended = new AbortController()
  const both = AbortSignal.any([signal, ended.signal])
  both.addEventListener('abort', tenure.close, { once: true })
  const readers = createReaders(kernel, tenure, options, both)
  const rounds = createRounds(kernel, bull, store, tenure, readers, options, both)
  const indexing = keepIndexes(kernel, bull, tenure, options, both)
  try {
    await Promise.race([rounds, indexing, readers.failed])
  } finally {
    ended.abort()
    await Promise.allSettled([rounds, indexing, readers.idle()])
  }
}

/** Keeps as many readers running as the queues need. */
const createReaders = (kernel: Kernel, tenure: Tenure, options: Options, signal: AbortSignal) => {
  const readers: Reader[] = []
  const loops: Promise<void>[] = []
  let fail: (error: unknown) => void = () => undefined
  const failed = new Promise<never>((_resolve, reject) => (fail = reject))
  failed.catch(() => undefined)
  const follow = (reader: Reader): Promise<void> =>
    turns(kernel, reader, options, signal).catch((error: unknown) => {
      if (!signal.aborted) fail(error)
    })
  return {
    failed,
    idle: () => Promise.allSettled(loops),
    /** Spreads the queues over readers, adding some where there are too few. */
    spread(queues: readonly string[]): void {
      const parts = Math.ceil(queues.length / STREAMS_PER_READER)
      const fresh: Reader[] = []
      while (readers.length < parts) {
        const reader = tenure.makeReader()
        readers.push(reader)
        fresh.push(reader)
      }
      readers.forEach((reader, index) => reader.follow(queues.filter((_queue, at) => at % readers.length === index)))
      for (const reader of fresh) loops.push(follow(reader))
    },
  }
}

/** Reads in turns. Under load it lets a moment's events gather; at rest an event is read when it comes. */
const turns = async (kernel: Kernel, reader: Reader, options: Options, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    const count = await reader.turn(options.blockMs)
    if (count > 0 && count < 200) await kernel.clock.sleep(options.paceMs, signal)
  }
}

const createRounds = async (
  kernel: Kernel,
  bull: Bull,
  store: RecorderStore,
  tenure: Tenure,
  readers: ReturnType<typeof createReaders>,
  options: Options,
  signal: AbortSignal,
): Promise<void> => {
  const housekeeping = createHousekeeping(kernel, bull, tenure.cursors)
  const keepMoment = createMomentKeeper(kernel, store, options.takeMoment)
  for (let round = 0; !signal.aborted; round++) {
    if (!(await store.acquire())) throw new LeaseLost('another recorder has taken over')
    await store.verify(tenure.cursors)
    const queues = await bull.fresh()
    readers.spread(queues)
    await tenure.attempts()
    await housekeeping.round(queues, round)
    await keepMoment(queues, housekeeping.counts)
    await kernel.clock.sleep(Math.min(options.roundMs, options.leaseMs / 3), signal)
  }
}

/** Keeps the indexes of dead letters to what the failed sets say, a slice at a time beside everything else; the rounds look
 *  for queues, and one that was not there before is looked at as soon as it is found. */
const keepIndexes = async (
  kernel: Kernel,
  bull: Bull,
  { indexing }: Tenure,
  options: Options,
  signal: AbortSignal,
): Promise<void> => {
  let looked = 0
  for (let look = 0; !signal.aborted; look++) {
    while (!signal.aborted && (await indexing.recheck()) > 0);
    const queues = bull.known()
    const isTime = look % LOOKS_PER_ROUND === 0 || queues.length > looked
    looked = queues.length
    for (const queue of isTime ? await indexing.due(queues) : [])
      while (!signal.aborted && !(await indexing.step(queue))) {
        // Who works on all that match waits for these.
        await indexing.recheck()
        await kernel.clock.sleep(SLICE_REST_MS, signal)
      }
    await kernel.clock.sleep(options.roundMs / LOOKS_PER_ROUND, signal)
  }
}

/** Takes the lease, applies what there is and lets go of it again. */
const catchUp = async (kernel: Kernel, bull: Bull, options: Options): Promise<number> => {
  const store = createRecorderStore(kernel, options.leaseMs)
  if (!(await store.acquire())) throw new LeaseLost('another recorder holds the lease')
  const tenure = await createTenure(kernel, bull, store)
  try {
    const reader = tenure.makeReader()
    const queues = await bull.discover()
    reader.follow(queues)
    let total = await tenure.attempts()
    for (let count = 1; count > 0; total += count) count = await reader.turn(1)
    while ((await tenure.indexing.recheck()) > 0);
    for (const queue of await tenure.indexing.due(queues)) while (!(await tenure.indexing.step(queue)));
    return total
  } finally {
    tenure.close()
    await store.release()
  }
}
