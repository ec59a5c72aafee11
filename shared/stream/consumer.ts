// Reading the whole log durably: one process of the fleet for each consumer, every fact at least once, in order.
import type { RawEntry } from './log.ts'
import { fact } from '../kernel/event.ts'
import type { Fact } from '../kernel/event.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { openBlocking } from '../kernel/blocking.ts'
import type { BlockingConnection } from '../kernel/blocking.ts'
import { loop } from '../kernel/service.ts'
import type { Service } from '../kernel/service.ts'
import { hasLost } from '../bullmq/event-streams.ts'
import { ConsumerGapFound } from './contract.ts'
import { eventLogKey, factsOf, fitting, sizeAfter } from './log.ts'
import type { LogEntry } from './log.ts'
import { createPlace, registerConsumer } from './positions.ts'
import type { Place } from './positions.ts'

export interface ConsumerOptions {
  /** Names the consumer in the fleet and for ever: its position is kept under it. */
  name: string
  /** Takes a page of facts. The position moves on once this has resolved; when it throws, or the process ends, the same facts
   *  come again, so doing them twice must do no harm. `signal` aborts when another process takes over. */
  handle(page: readonly LogEntry[], signal: AbortSignal): Promise<void>
  /** Hears that the facts after `from` and before `to` were removed before they were read. The log tells it too. */
  onGap?(from: string, to: string): Promise<void>
  /** How long a process that died keeps others waiting. */
  leaseMs?: number
  /** How long a read waits for news. */
  blockMs?: number
  /** The least time between two reads while there is news: joins facts that come in quick succession. */
  paceMs?: number
}

export interface Consumer extends Service {
  /** Takes everything there is now and answers how many facts that was; for tests. */
  catchUp(): Promise<number>
}

type Settings = Required<Omit<ConsumerOptions, 'onGap'>> & Pick<ConsumerOptions, 'onGap'>

const defaults = { leaseMs: 2_000, blockMs: 2_000, paceMs: 8 }
/** Facts read at once, give or take, fewer where they are large; an entry has up to 25. */
const PAGE = 100
/** Those read first, as long as it is not known how large they are. */
const FIRST_PAGE = 10
/** What waits between two tries after a failure, doubled each time up to the longest. */
const RETRY_MS = 250
const RETRY_MAX_MS = 5_000

/** Makes a consumer of the log. Any number of processes may run it; the one that holds the lease reads. A new one begins at
 *  the log's end, and from then on the log keeps what it has not read, up to its cap in bytes. */
export const createConsumer = (kernel: Kernel, options: ConsumerOptions): Consumer => {
  const settings: Settings = { ...defaults, ...options }
  return {
    ...loop(options.name, (signal) => serve(kernel, settings, signal)),
    catchUp: () => catchUp(kernel, settings),
  }
}

/** Waits for the lease, reads while it is held, and starts over from what Redis knows when something fails. */
const serve = async (kernel: Kernel, settings: Settings, signal: AbortSignal): Promise<void> => {
  const place = createPlace(kernel, settings.name, settings.leaseMs)
  for (let failures = 0; !signal.aborted;) {
    try {
      if (await place.acquire()) await hold(kernel, settings, place, signal, () => (failures = 0))
      else await kernel.clock.sleep(settings.leaseMs / 4, signal)
    } catch (error) {
      kernel.log.warn('a consumer of the log starts over', { consumer: settings.name, failures, error })
      await kernel.clock.sleep(Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** failures++), signal)
    }
  }
  await place.release().catch(() => undefined)
}

/** One tenure of the lease: reading, with the lease renewed beside it, as handling a page may take long. */
const hold = async (
  kernel: Kernel,
  settings: Settings,
  place: Place,
  signal: AbortSignal,
  onTaken: () => void,
): Promise<void> => {
  const connection = openBlocking(kernel, `k1n-${settings.name}`)
  const ended = new AbortController()
  const both = AbortSignal.any([signal, ended.signal])
  both.addEventListener('abort', () => connection.close(), { once: true })
  const renewing = renew(kernel, settings, place, both)
  const reading = follow(kernel, settings, place, connection, both, onTaken)
  try {
    await Promise.race([renewing, reading])
  } finally {
    ended.abort()
    await Promise.allSettled([renewing, reading])
  }
}

const renew = async (kernel: Kernel, { leaseMs, name }: Settings, place: Place, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    await kernel.clock.sleep(leaseMs / 3, signal)
    if (!signal.aborted && !(await place.acquire())) throw new Error(`another process reads for ${name}`)
  }
}

/** Page after page. Under load it lets a moment's facts gather; at rest a fact is read when it comes. */
const follow = async (
  kernel: Kernel,
  settings: Settings,
  place: Place,
  connection: BlockingConnection,
  signal: AbortSignal,
  onTaken: () => void,
): Promise<void> => {
  let at = await registerConsumer(kernel, settings.name)
  let size = FIRST_PAGE
  while (!signal.aborted) {
    const page = await readPage(kernel, at, size)
    if (page.entries.length === 0) {
      await connection.ask((redis) =>
        redis.xread('COUNT', 1, 'BLOCK', settings.blockMs, 'STREAMS', eventLogKey(kernel), at),
      )
      continue
    }
    at = await take(kernel, settings, place, at, page, signal)
    onTaken()
    if (page.isLast) await kernel.clock.sleep(settings.paceMs, signal)
    size = nextSize(page)
  }
}

interface Page {
  entries: readonly RawEntry[]
  /** There are no others yet. */
  isLast: boolean
  /** The first entry that is left, where some before it are gone unread. */
  gap: string | undefined
}

/** The entries after one, which is read along: where it is gone, others after it may be. */
const readPage = async (kernel: Kernel, at: string, size: number): Promise<Page> => {
  const key = eventLogKey(kernel)
  const found = await kernel.redis.xrange(key, at, '+', 'COUNT', size + 1)
  const first = found[0]?.[0]
  const isThere = first === undefined || first === at
  const after = isThere ? found.slice(1) : found
  const entries = fitting(after)
  const page = { entries, isLast: entries.length === after.length && found.length <= size }
  if (isThere || (at === '0-0' && !(await hasLost(kernel.redis, key)))) return { ...page, gap: undefined }
  return { ...page, gap: first }
}

const nextSize = ({ entries }: Page): number => {
  const facts = entries.reduce((sum, [, fields]) => sum + fields.length / 2, 0)
  return Math.min(Math.ceil((PAGE * entries.length) / facts), sizeAfter(entries))
}

/** Hands a page over and moves on. Answers the position then. */
const take = async (
  kernel: Kernel,
  settings: Settings,
  place: Place,
  at: string,
  { entries, gap }: Page,
  signal: AbortSignal,
): Promise<string> => {
  if (gap !== undefined) await tellGap(kernel, settings, at, gap)
  await settings.handle(entries.flatMap(factsOf), signal)
  const to = entries.at(-1)?.[0] ?? at
  await place.move(at, to, gap === undefined ? [] : [gapFact(kernel, settings.name, at, gap)])
  return to
}

const tellGap = async (kernel: Kernel, { name, onGap }: Settings, from: string, to: string): Promise<void> => {
  kernel.log.error('facts were removed before a consumer had read them', { consumer: name, from, to })
  await onGap?.(from, to)
}

const gapFact = (kernel: Kernel, consumer: string, from: string, to: string): Fact =>
  fact(ConsumerGapFound, kernel.clock.now(), { consumer, from, to })

const never = new AbortController().signal

const catchUp = async (kernel: Kernel, settings: Settings): Promise<number> => {
  const place = createPlace(kernel, settings.name, settings.leaseMs)
  if (!(await place.acquire())) throw new Error(`another process reads for ${settings.name}`)
  try {
    let total = 0
    let size = FIRST_PAGE
    for (let at = await registerConsumer(kernel, settings.name); ;) {
      const page = await readPage(kernel, at, size)
      if (page.entries.length === 0) return total
      size = nextSize(page)
      at = await take(kernel, settings, place, at, page, never)
      total += page.entries.flatMap(factsOf).length
    }
  } finally {
    await place.release()
  }
}
