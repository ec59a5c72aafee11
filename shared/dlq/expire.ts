// How long dead letters stay: by age, by number and by memory, as the settings say, the oldest first and never in silence.
import { createAudit } from '../audit/audit.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { byQueue } from '../bullmq/by-queue.ts'
import type { Found } from '../bullmq/newest.ts'
import { oldestFirst } from '../bullmq/oldest.ts'
import { fact } from '../kernel/event.ts'
import { parseAddress } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { EventLog } from '../stream/log.ts'
import { DlqEntriesExpired } from './contract.ts'

export interface Expiring {
  kernel: Kernel
  bull: Bull
  log: EventLog
}

export interface Limits {
  /** Each undefined for no limit. */
  ageMs?: number | undefined
  count?: number | undefined
  bytes?: number | undefined
}

type Reason = 'age' | 'count' | 'bytes'

/** Removes what is beyond the limits from these queues; answers how many members went. */
export const expire = async (
  room: Expiring,
  queues: readonly string[],
  { ageMs, count, bytes }: Limits,
  signal: AbortSignal,
): Promise<number> => {
  let removed = 0
  if (ageMs !== undefined)
    removed += await remove(room, queues, 'age', { before: room.kernel.clock.now() - ageMs }, signal)
  if (count !== undefined) {
    const excess = sum(await countsOf(room, queues)) - count
    removed += await remove(room, queues, 'count', { most: excess }, signal)
  }
  if (bytes !== undefined)
    removed += await remove(room, queues, 'bytes', { most: await excessOf(room, queues, bytes) }, signal)
  return removed
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

const countsOf = async ({ bull }: Expiring, queues: readonly string[]): Promise<number[]> => {
  const counts = await bull.counts(queues)
  return queues.map((queue) => counts.get(queue)?.failed ?? 0)
}

interface Which {
  before?: number
  most?: number
}

const remove = async (
  room: Expiring,
  queues: readonly string[],
  reason: Reason,
  { before, most = Infinity }: Which,
  signal: AbortSignal,
): Promise<number> => {
  const { kernel, bull } = room
  const sources = queues.map((queue) => ({ queue, key: bull.keys(queue).failed }))
  let removed = 0
  if (most <= 0) return removed
  for await (const slice of oldestFirst(kernel, sources, { before })) {
    // Those that cannot be removed are passed over.
    removed += await erase(room, slice.slice(0, most - removed), reason)
    if (removed >= most || signal.aborted) break
  }
  return removed
}

/** Removes members and tells how many dead letters of each queue those were; answers how many members are gone. */
const erase = async ({ kernel, bull, log }: Expiring, slice: readonly Found[], reason: Reason): Promise<number> => {
  const items = slice.flatMap(({ address, at }) => {
    const of = parseAddress(address)
    return of ? [{ ...of, diedAt: at }] : []
  })
  const told = new Map<string, number>()
  const answers = await byQueue(items, async (queue, own) => {
    const erased = await bull.erase(queue, own, 'failed')
    told.set(queue, erased.filter((answer) => answer === 'erased').length)
    return erased
  })
  const facts = [...told]
    .filter(([, count]) => count > 0)
    .map(([queue, count]) => fact(DlqEntriesExpired, kernel.clock.now(), { queue, count, reason }))
  if (facts.length > 0) await log.append(facts)
  await inAudit(kernel, told, reason)
  return answers.filter((answer) => answer !== 'changed' && answer !== 'not_in_state').length
}

const inAudit = async (kernel: Kernel, told: ReadonlyMap<string, number>, reason: Reason): Promise<void> => {
  const audit = createAudit(kernel)
  for (const [queue, count] of told)
    if (count > 0)
      await audit.note({ action: 'expireDeadLetters', kind: 'queue', target: queue, reason, after: { count } })
}

/** Letters of one queue that are weighed, to tell what all of them take. */
const WEIGHED = 20

/** How many of the oldest must go, as far as a few of each queue tell. */
const excessOf = async (room: Expiring, queues: readonly string[], bytes: number): Promise<number> => {
  const counts = await countsOf(room, queues)
  const weights = await Promise.all(queues.map((queue, index) => weightOf(room, queue, counts[index] ?? 0)))
  const total = sum(weights.map((weight, index) => weight * (counts[index] ?? 0)))
  const average = total / Math.max(1, sum(counts))
  return total > bytes ? Math.ceil((total - bytes) / average) : 0
}

/** Bytes that a dead letter of the queue takes on average; each is a hash and a member of the failed set. */
const weightOf = async ({ kernel, bull }: Expiring, queue: string, count: number): Promise<number> => {
  if (count === 0) return 0
  const keys = bull.keys(queue)
  const pipeline = kernel.redis.pipeline()
  const step = Math.max(1, Math.floor(count / WEIGHED))
  for (let rank = 0; rank < count && rank < step * WEIGHED; rank += step) pipeline.zrange(keys.failed, rank, rank)
  const ids = ((await pipeline.exec()) ?? []).flatMap(([, members]) => (members as string[] | null) ?? [])
  const weighing = kernel.redis.pipeline()
  for (const id of ids) weighing.memory('USAGE', keys.job(id))
  const weights = ((await weighing.exec()) ?? []).map(([, weight]) => Number(weight ?? 0))
  return sum(weights) / Math.max(1, weights.length) + MEMBER_BYTES
}

/** What a member of a large sorted set takes beside its hash. */
const MEMBER_BYTES = 120
