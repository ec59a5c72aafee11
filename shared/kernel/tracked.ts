// Reading what hardly changes as often as anybody likes: Redis tells which of the keys that were read has changed since
// (its client-side caching), so that only those are read again. An answer is never older than the question.
import type { Redis } from 'ioredis'
import type { Kernel } from './kernel.ts'
import { createReader } from './reader.ts'
import type { Reader, Reading } from './reader.ts'
import { isRedisDown, isRedisSilent } from './redis.ts'

const CHANNEL = '__redis__:invalidate'
/** Answers that are kept at once, some 40 MB of them. Redis bounds what it remembers by itself. */
const KEPT_MAX = 200_000
/** A permission may be given while a process runs. */
const ASK_AGAIN_MS = 300_000

/** What was read of keys, a few readings each. They are looked through: to make a name of each reading took longer. */
type Kept = Map<string, Answer[]>
interface Answer {
  readonly reading: Reading
  readonly value: unknown
}

const isSame = (one: Reading, other: Reading): boolean =>
  one === other || (one.command === other.command && areSame(one.args ?? NO_ARGS, other.args ?? NO_ARGS))
const areSame = (some: Args, others: Args): boolean =>
  some === others || (some.length === others.length && some.every((arg, at) => String(arg) === String(others[at])))
type Args = NonNullable<Reading['args']>
const NO_ARGS: Args = []

/** Answers a reader for one look: what it says is not older than the call, and as new as its own reading where it had to ask. */
export type Look = () => Reader

/** Keeps what has been read until the key is changed or removed, by whomever; a key with an end by time is read as long as
 *  Redis has it. It opens two connections at its first use, and asks Redis like any other until they stand, and wherever Redis
 *  does not let it. Where there is no room for all (`keptMax`), what was read first is read again. */
export const createTracked = (kernel: Kernel, keptMax = KEPT_MAX): Look => {
  const plainly = createReader(kernel.redis)
  const memory = createMemory(keptMax)
  let line: Line | undefined
  const readKept = async (from: Line, readings: readonly Reading[]): Promise<unknown[]> => {
    if (!from.isUp()) return plainly(readings)
    const since = memory.begin()
    try {
      const known = readings.map((reading) => memory.find(reading))
      const unknown = readings.filter((_, index) => known[index] === undefined)
      const fresh = await from.read(unknown)
      unknown.forEach((reading, index) => since.keep(reading, fresh[index]))
      const rest = fresh.values()
      return known.map((one) => (one ? one.value : rest.next().value))
    } finally {
      since.end()
    }
  }
  return () => {
    const from = (line ??= openLine(kernel, memory))
    if (!from.isUp()) return plainly
    // Whatever changed before this answer has been told by then: both come over one connection, in their order.
    const heard = unlessGone(from.fence())
    // Whoever reads hears of a failure.
    heard.catch(() => undefined)
    return async (readings) => {
      if ((await heard) === undefined) return plainly(readings)
      return (await unlessGone(readKept(from, readings))) ?? plainly(readings)
    }
  }
}

/** What came of it; undefined where the connection was lost. One that does not answer has had its second. */
const unlessGone = <Value>(work: Promise<Value>): Promise<Value | undefined> =>
  work.catch((error: unknown) => {
    if (isRedisSilent(error) || !isRedisDown(error)) throw error
    return undefined
  })

interface Memory {
  find(reading: Reading): { value: unknown } | undefined
  /** Keys were changed; all of them, where it is not known which. */
  forget(keys?: readonly string[]): void
  /** To be called before something is read. */
  begin(): Since
}

/** A read that is under way: what changes meanwhile is not kept, whichever is heard first. */
interface Since {
  keep(reading: Reading, value: unknown): void
  end(): void
}

const createMemory = (keptMax: number): Memory => {
  const kept: Kept = new Map()
  const reads = new Set<Set<string>>()
  let count = 0
  let era = 0
  const dropKept = (key: string): void => {
    count -= kept.get(key)?.length ?? 0
    kept.delete(key)
  }
  const drop = (key: string): void => {
    dropKept(key)
    for (const changed of reads) changed.add(key)
  }
  return {
    find(reading) {
      return kept.get(reading.key)?.find((answer) => isSame(answer.reading, reading))
    },
    forget(keys) {
      for (const key of keys ?? []) drop(key)
      if (keys !== undefined) return
      kept.clear()
      count = 0
      era++
    },
    begin() {
      const begun = era
      const changed = new Set<string>()
      reads.add(changed)
      return {
        keep(reading, value) {
          if (value === undefined || era !== begun || changed.has(reading.key)) return
          // Keys of queues that are gone never change again.
          if (count >= keptMax) dropKept(kept.keys().next().value ?? '')
          const own = kept.get(reading.key) ?? []
          const known = own.findIndex((answer) => isSame(answer.reading, reading))
          if (known < 0) count++
          own[known < 0 ? own.length : known] = { reading, value }
          kept.set(reading.key, own)
        },
        end: () => void reads.delete(changed),
      }
    },
  }
}

/** Two connections: over one is read, and Redis tells the other what has changed. */
interface Line {
  isUp(): boolean
  /** Resolves when everything was heard that changed before the call. */
  fence(): Promise<string>
  read: Reader
}

const openLine = (kernel: Kernel, memory: Memory): Line => {
  const [reading, hearing] = [kernel.connect('producer', 'k1n-tracked'), kernel.connect('producer', 'k1n-changes')]
  // A connection that listens cannot ask for its number, so it does that first each time.
  hearing.options.autoResubscribe = false
  let listener: Promise<Listener> | undefined
  let isUp = false
  /** Counts the times any connection was lost: what was agreed before holds no more. */
  let losses = 0
  let refusedAt: number | undefined
  const down = (): void => {
    isUp = false
    losses++
    memory.forget()
  }
  const up = async (): Promise<void> => {
    const before = losses
    if (listener === undefined || reading.status !== 'ready') return
    const { id, server } = await listener
    // The number may be somebody else's where a connection leads to the Redis before a failover.
    const servers = await Promise.all([reading, kernel.redis].map(serverOf))
    if (before !== losses) return
    if (server === undefined || servers.some((other) => other !== server))
      throw new Error('the connections do not lead to one Redis')
    await reading.client('TRACKING', 'ON', 'REDIRECT', id)
    isUp = before === losses
  }
  const tryUp = (): void => {
    const before = losses
    up().catch((error: unknown) => {
      // Whoever is back tries again.
      if (before !== losses || isRedisDown(error)) return
      if (isRedisSilent(error)) return reopen(hearing)
      if (refusedAt === undefined)
        kernel.log.info('Redis does not tell what changes, so everything is read each time', { error: String(error) })
      refusedAt = kernel.clock.now()
    })
  }
  /** Nobody else waits for one that does not answer. */
  const reopen = (redis: Redis): void => {
    down()
    if (redis.status === 'ready') redis.disconnect(true)
  }
  const reopenSilent =
    (redis: Redis) =>
    (error: unknown): never => {
      if (isRedisSilent(error)) reopen(redis)
      throw error
    }
  hearing.on('ready', () => {
    listener = listen(hearing)
    // Whoever waits for it hears of a failure.
    listener.catch(() => undefined)
    tryUp()
  })
  hearing.on('close', () => {
    listener = undefined
    down()
  })
  for (const redis of [reading, kernel.redis]) redis.on('ready', tryUp).on('close', down)
  hearing.on('messageBuffer', (_channel: Buffer, keys: unknown) =>
    memory.forget(Array.isArray(keys) ? keys.map(String) : undefined),
  )
  let sent: Promise<string> | undefined
  const fence = (): Promise<string> => {
    // Those who look in one moment share one.
    if (sent === undefined) queueMicrotask(() => (sent = undefined))
    return (sent ??= hearing.ping().catch(reopenSilent(hearing)))
  }
  const read = createReader(reading)
  return {
    isUp() {
      if (!isUp && refusedAt !== undefined && kernel.clock.now() - refusedAt >= ASK_AGAIN_MS) {
        refusedAt = kernel.clock.now()
        reopen(hearing)
      }
      return isUp
    },
    fence,
    read: (readings) => read(readings).catch(reopenSilent(reading)),
  }
}

/** Who is told: the number of its connection, and in which Redis. */
interface Listener {
  id: number
  server: string | undefined
}

const listen = async (redis: Redis): Promise<Listener> => {
  const [id, server] = await Promise.all([redis.client('ID'), serverOf(redis)])
  await redis.subscribe(CHANNEL)
  return { id, server }
}

/** What a Redis calls itself, anew at each start. */
const serverOf = async (redis: Redis): Promise<string | undefined> =>
  /^run_id:(\S+)/m.exec(await redis.info('server'))?.[1]
