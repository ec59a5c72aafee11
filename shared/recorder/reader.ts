// One reader: follows the event streams of some queues and applies what they tell, page by page, in order.
import { awaitEvents, hasLost, readEvents } from '../bullmq/event-streams.ts'
import type { ReadPage } from '../bullmq/event-streams.ts'
import type { BlockingConnection } from '../kernel/blocking.ts'
import { GapFound } from '../stream/contract.ts'
import { missedSince } from '../triage/missed.ts'
import { createOps } from './ops.ts'
import { BRIEF, projectPage } from './page.ts'
import type { PageMaker } from './page.ts'
import { needsFailure } from './project-event.ts'
import { lostEnds } from './reconcile.ts'
import type { RecorderStore } from './store.ts'

/** Entries of one stream read at once; one application of this size holds Redis for a few milliseconds. */
const PAGE_MAX = 500
/** Entries of all streams of a reader read at once. */
const READ_MAX = 8_000
/** The position before everything a stream may tell. */
const BEGINNING = '0-0'
/** A page for each of these makes a reader; one read over very many streams costs Redis more than several over few. */
export const STREAMS_PER_READER = 32

export interface Reader {
  /** Follows these queues from now on. Cursors that are not known start at the beginning of the stream. */
  follow(queues: readonly string[]): void
  /** Reads and applies what there is, waiting up to `blockMs` for something. Answers how many entries there were. */
  turn(blockMs: number): Promise<number>
}

export interface ReaderParts extends PageMaker {
  store: RecorderStore
  /** The reader's own. */
  connection: BlockingConnection
  /** Applies what our own attempts told; called before events that speak of failures. */
  attempts: () => Promise<number>
  cursors: Map<string, string>
}

export const createReader = (parts: ReaderParts): Reader => {
  const { bull, store, cursors, connection } = parts
  let queueOf = new Map<string, string>()
  /** Streams whose last page was full: there is more, and nobody need wait for it. */
  const full = new Set<string>()
  const cursorOf = (key: string): string => cursors.get(key) ?? BEGINNING
  const look = async (blockMs: number): Promise<string[]> => {
    const more = [...full].filter((key) => queueOf.has(key))
    const resting = new Map([...queueOf.keys()].filter((key) => !full.has(key)).map((key) => [key, cursorOf(key)]))
    const wait = more.length > 0 ? undefined : blockMs
    return [...more, ...((await connection.ask((redis) => awaitEvents(redis, resting, wait))) ?? [])]
  }
  const take = async (key: string, count: number): Promise<number> => {
    const queue = queueOf.get(key)
    if (queue === undefined) return 0
    const ask = { after: cursorOf(key), count, fields: BRIEF }
    const page = await connection.ask((redis) => readEvents(redis, queue, bull.keys(queue), ask))
    if (page === undefined || page.read < count) full.delete(key)
    else full.add(key)
    if (page === undefined || page.read === 0) return 0
    // What our own attempts told of a failure is in their log before the failure is in the queue's.
    if (page.events.some(needsFailure)) await parts.attempts()
    await parts.index.alone(queue, async () => {
      if (!page.whole) await closeGap(parts, queue, page)
      const ops = await projectPage(parts, queue, page)
      await store.apply(ops, { stream: key, from: cursors.get(key), to: page.last })
      cursors.set(key, page.last)
    })
    return page.read
  }
  return {
    follow: (queues) => {
      queueOf = new Map(queues.map((queue) => [bull.keys(queue).events, queue]))
    },
    async turn(blockMs) {
      const count = Math.min(PAGE_MAX, Math.ceil(READ_MAX / queueOf.size))
      let total = 0
      for (const key of await look(blockMs)) total += await take(key, count)
      return total
    },
  }
}

/** What is read elsewhere of a gap knows nothing but its events. */
const lost = { begun: new Map<string, never>(), broken: [], complete: false }

/** Notices that entries between the cursor and this page were trimmed, reads what they told elsewhere, and says so. The index
 *  is told before anything moves past the gap, as not all that is in the failed set need be found so. */
const closeGap = async (parts: ReaderParts, queue: string, page: ReadPage): Promise<void> => {
  const { kernel, bull, store, cursors } = parts
  const cursor = cursors.get(page.key)
  if (cursor === undefined) return beginLate(parts, queue, page)
  if (cursor === BEGINNING) return
  // The stream itself may begin later by now: who adds to it trims it.
  const to = page.events[0]?.id ?? page.last
  let recovered = 0
  for await (const events of lostEnds(kernel, bull, queue, cursor, to, page.events)) {
    const ops = await projectPage(parts, queue, { ...lost, key: page.key, events, last: cursor })
    await store.apply(ops, { stream: page.key, from: cursor, to: cursor })
    recovered += events.length
  }
  kernel.log.warn('events were trimmed before they were read', { queue, from: cursor, to, recovered })
  const ops = createOps()
  ops.fact(GapFound, kernel.clock.now(), { queue, from: cursor, to, recovered })
  await missedSince(kernel, bull, ops, queue, Number.parseInt(cursor, 10))
  await store.apply(ops, { stream: page.key, from: cursor, to: cursor })
}

/** What was trimmed before a stream was read for the first time is nobody's gap, but may have been deaths. */
const beginLate = async (parts: ReaderParts, queue: string, { key }: ReadPage): Promise<void> => {
  const { kernel, bull, store, cursors } = parts
  if (!(await hasLost(kernel.redis, key))) return
  const ops = createOps()
  await missedSince(kernel, bull, ops, queue, -Infinity)
  await store.apply(ops, { stream: key, from: undefined, to: BEGINNING })
  cursors.set(key, BEGINNING)
}
