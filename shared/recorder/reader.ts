// One reader: follows the event streams of some queues and applies what they tell, page by page, in order.
import { before, findGap, readStreams, takeOff } from '../bullmq/event-streams.ts'
import type { StreamPage } from '../bullmq/event-streams.ts'
import type { BlockingConnection } from '../kernel/blocking.ts'
import { GapFound } from '../stream/contract.ts'
import { createOps } from './ops.ts'
import { projectPage } from './page.ts'
import type { PageMaker } from './page.ts'
import { needsFailure } from './project-event.ts'
import { lostEnds } from './reconcile.ts'
import type { RecorderStore } from './store.ts'

/** Entries of one stream read at once; one application of this size holds Redis for a few milliseconds. */
const PAGE_MAX = 500
/** Entries of all streams of a reader read at once. */
const READ_MAX = 8_000
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
  const { bull, store, cursors } = parts
  let queueOf = new Map<string, string>()
  /** Streams whose last page was full. There is more: it is read together with the cursor's own entry, which tells
   *  without a further command that nothing in between is lost. */
  const full = new Set<string>()
  const cursorOf = (key: string): string => cursors.get(key) ?? '0-0'
  const startOf = (key: string): string => (full.has(key) ? before(cursorOf(key)) : cursorOf(key))
  const take = async (page: StreamPage, count: number): Promise<void> => {
    const queue = queueOf.get(page.key)
    if (queue === undefined) return
    const whole = full.has(page.key) && takeOff(page, cursorOf(page.key))
    const read = page.events.length + page.broken.length
    if (read + 1 < count) full.delete(page.key)
    else full.add(page.key)
    if (read === 0) return
    await parts.index.alone(queue, async () => {
      if (!whole) await closeGap(parts, queue, page)
      const ops = await projectPage(parts, queue, page)
      await store.apply(ops, { stream: page.key, from: cursors.get(page.key), to: page.last })
      cursors.set(page.key, page.last)
    })
  }
  return {
    follow: (queues) => {
      queueOf = new Map(queues.map((queue) => [bull.keys(queue).events, queue]))
    },
    async turn(blockMs) {
      const from = new Map([...queueOf.keys()].map((key) => [key, startOf(key)]))
      const count = Math.min(PAGE_MAX, Math.ceil(READ_MAX / from.size))
      const pages = (await parts.connection.ask((redis) => readStreams(redis, from, { count, blockMs }))) ?? []
      // What our own attempts told of a failure is in their log before the failure is in the queue's.
      if (pages.some(({ events }) => events.some(needsFailure))) await parts.attempts()
      for (const page of pages) await take(page, count)
      return pages.reduce((sum, { events, broken }) => sum + events.length + broken.length, 0)
    },
  }
}

/** Notices that entries between the cursor and this page were trimmed, reads what they told elsewhere, and says so. */
const closeGap = async (parts: ReaderParts, queue: string, page: StreamPage): Promise<void> => {
  const { kernel, bull, store, cursors } = parts
  const cursor = cursors.get(page.key) ?? '0-0'
  const gap = await findGap(kernel.redis, page.key, cursor)
  if (!gap) return
  let recovered = 0
  for await (const events of lostEnds(kernel, bull, queue, cursor, gap.first)) {
    const ops = await projectPage(parts, queue, { key: page.key, events, broken: [], last: cursor, complete: false })
    await store.apply(ops, { stream: page.key, from: cursor, to: cursor })
    recovered += events.length
  }
  kernel.log.warn('events were trimmed before they were read', { queue, from: cursor, to: gap.first, recovered })
  const ops = createOps()
  ops.fact(GapFound, kernel.clock.now(), { queue, from: cursor, to: gap.first, recovered })
  await store.apply(ops, { stream: page.key, from: cursor, to: cursor })
}
