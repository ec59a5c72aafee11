// What the recorder tidies between reads: logs and read models keep to their ages and sizes, gauges are taken.
import { attemptLogKey } from '../attempts/facts.ts'
import type { Bull, CountsAndPause } from '../bullmq/bullmq.ts'
import { isAfter } from '../bullmq/event-streams.ts'
import { RECENT_MAX, recentJobsKey } from '../jobs/recent.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { queuesAgeS, totalsAgeS, totalsKey } from '../metrics/buckets.ts'
import { LINES_KEPT, backlogFields, backlogKey } from '../metrics/levels.ts'
import { WIDTHS_MS, slotNo } from '../metrics/slots.ts'
import { createEventLog, entryOf, eventLogKey } from '../stream/log.ts'
import { consumerPositions, oldestOf } from '../stream/positions.ts'
import { oldestWaiting } from '../queues/oldest.ts'
import { createRegistry } from '../workers/registry.ts'
import { SPANS_AGE_MS, SPANS_MAX_BYTES, lateSpansKey, spansKey } from '../timeline/spans.ts'

/** The log of facts keeps a day at least, as long as it stays below its byte cap. */
export const LOG_AGE_MS = 24 * 60 * 60 * 1_000
/** Our own finished jobs are kept so long. */
const COMPLETED_AGE_MS = 7 * 24 * 60 * 60 * 1_000
const CLEAN_SLICE = 500
const ROUNDS_PER_MINUTE = 12
/** A queue where nothing happens is still looked at and tidied once in so many rounds, about every five minutes: ages pass
 *  there too, and whoever removes a queue altogether removes its events with it. */
const ROUNDS_AT_REST = 90

/** Answers the queues whose streams have moved since they were last asked about, and sometimes all. */
const createMoved = (bull: Bull, cursors: ReadonlyMap<string, string>) => {
  const seen = new Map<string, { cursor: string | undefined; round: number }>()
  return (queues: readonly string[], round: number): string[] =>
    queues.filter((queue) => {
      const cursor = cursors.get(bull.keys(queue).events)
      const last = seen.get(queue)
      if (last !== undefined && last.cursor === cursor && round - last.round < ROUNDS_AT_REST) return false
      seen.set(queue, { cursor, round })
      return true
    })
}

export interface Housekeeping {
  /** To be called once a round with the queues there are. */
  round(queues: readonly string[], round: number): Promise<void>
  /** The counts of queues as the last round found them. */
  counts: Bull['counts']
}

export const createHousekeeping = (kernel: Kernel, bull: Bull, cursors: ReadonlyMap<string, string>): Housekeeping => {
  const counts = new Map<string, CountsAndPause>()
  const gauge = createGauge(kernel, bull, cursors, counts)
  const moved = createMoved(bull, cursors)
  const everyRound = async (queues: readonly string[], round: number): Promise<void> => {
    await gauge(queues, round)
    const read = cursors.get(attemptLogKey(kernel))
    if (read) await kernel.redis.xtrim(attemptLogKey(kernel), 'MINID', '~', read)
  }
  const everyMinute = async (queues: readonly string[], round: number): Promise<void> => {
    const now = kernel.clock.now()
    await trimLog(kernel, now)
    await kernel.redis.zremrangebyrank(recentJobsKey(kernel), 0, -RECENT_MAX - 1)
    for (const queue of moved(queues, round)) {
      for (const spans of [spansKey(kernel, queue), lateSpansKey(kernel, queue)]) {
        await kernel.redis.xtrim(spans, 'MINID', '~', now - SPANS_AGE_MS)
        await trimToBytes(kernel, spans, SPANS_MAX_BYTES)
      }
      await bull.assertEventLength(queue)
      if (bull.isOwn(queue)) await bull.queue(queue).clean(COMPLETED_AGE_MS, CLEAN_SLICE, 'completed')
    }
  }
  return {
    async round(queues, round) {
      await everyRound(queues, round)
      if (round % ROUNDS_PER_MINUTE === 0) await everyMinute(queues, round)
    },
    counts: (queues) => Promise.resolve(new Map(queues.flatMap((queue) => pairOf(queue, counts.get(queue))))),
  }
}

/** Keeps a day of facts, and what a durable consumer has not read yet; above the byte cap the oldest go and the log says so
 *  aloud, never in silence. */
const trimLog = async (kernel: Kernel, now: number): Promise<void> => {
  const key = eventLogKey(kernel)
  const log = createEventLog(kernel)
  const consumers = await consumerPositions(kernel)
  // The newest fact stays too: consumers tell by the one they read last whether they missed any.
  const floor = oldestOf([`${now - LOG_AGE_MS}-0`, entryOf(await log.last()), ...consumers.values()])
  await kernel.redis.xtrim(key, 'MINID', '~', floor ?? '0-0')
  const cap = kernel.settings.K1N_EVENTS_MAX_BYTES
  const trimmed = await trimToBytes(kernel, key, cap)
  if (!trimmed) return
  const first = await log.first()
  const behind = [...consumers].flatMap(([name, position]) => (isAfter(first, position) ? name : []))
  kernel.log[behind.length > 0 ? 'error' : 'warn'](
    'the log of facts is larger than K1N_EVENTS_MAX_BYTES; the oldest were removed',
    { cap, ...trimmed, ...(behind.length > 0 ? { unreadBy: behind } : {}) },
  )
}

/** Removes the oldest entries of a stream that is larger than `cap`; answers how large it was and what was kept. */
const trimToBytes = async (
  kernel: Kernel,
  key: string,
  cap: number,
): Promise<{ bytes: number; kept: number } | undefined> => {
  const bytes = Number((await kernel.redis.call('MEMORY', 'USAGE', key)) ?? 0)
  if (bytes <= cap) return undefined
  const kept = Math.max(1, Math.floor((await kernel.redis.xlen(key)) * (cap / bytes) * 0.9))
  await kernel.redis.xtrim(key, 'MAXLEN', '~', kept)
  return { bytes, kept }
}

/** How many jobs wait and run, as the last look of each minute found them. Counts change with events only, so queues that
 *  told nothing are not counted again. */
const createGauge = (
  kernel: Kernel,
  bull: Bull,
  cursors: ReadonlyMap<string, string>,
  counts: Map<string, CountsAndPause>,
) => {
  const moved = createMoved(bull, cursors)
  const registry = createRegistry(kernel)
  const keepLines = createLines(kernel, bull)
  return async (queues: readonly string[], round: number): Promise<void> => {
    for (const [queue, count] of await bull.counts(moved(queues, round))) counts.set(queue, count)
    const known = queues.flatMap((queue) => counts.get(queue) ?? [])
    const waiting = known.reduce((sum, count) => sum + inLine(count), 0)
    const running = known.reduce((sum, count) => sum + count.active, 0)
    const slots = (await registry.list()).reduce((sum, worker) => sum + Object.values(worker.slots).reduce((all, many) => all + many, 0), 0) // prettier-ignore
    for (const width of WIDTHS_MS) {
      const key = totalsKey(kernel, slotNo(kernel.clock.now(), width), width)
      await Promise.all([
        kernel.redis.hset(key, { waiting, running, slots }),
        kernel.redis.expire(key, totalsAgeS(width)),
      ])
    }
    await keepLines(queues, counts)
  }
}

const pairOf = <Value>(name: string, value: Value | undefined): [string, Value][] =>
  value === undefined ? [] : [[name, value]]
const inLine = ({ waiting, prioritized }: CountsAndPause): number => waiting + prioritized

/** Makes the function that keeps the longest lines and how long the first of each has waited. While nothing waits nothing is written,
 *  but for the first look that found it so. */
const createLines = (kernel: Kernel, bull: Bull) => {
  let wasEmpty = false
  return async (queues: readonly string[], counts: ReadonlyMap<string, CountsAndPause>): Promise<void> => {
    const all = queues
      .flatMap((queue) => {
        const count = counts.get(queue)
        return count === undefined ? [] : [[queue, inLine(count)] as const]
      })
      .filter(([, waiting]) => waiting > 0)
      .sort(([, one], [, other]) => other - one)
    if (all.length === 0 && wasEmpty) return
    const lines = all.slice(0, LINES_KEPT)
    const rest = all.slice(LINES_KEPT).reduce((sum, [, waiting]) => sum + waiting, 0)
    const oldest = await oldestWaiting(kernel, bull, lines.map(([queue]) => queue)) // prettier-ignore
    for (const width of WIDTHS_MS) {
      const key = backlogKey(kernel, slotNo(kernel.clock.now(), width), width)
      const fields = backlogFields(new Map(lines), oldest, rest)
      await kernel.redis.multi().del(key).hset(key, fields).expire(key, queuesAgeS(width)).exec()
    }
    wasEmpty = all.length === 0
  }
}
