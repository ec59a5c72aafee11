// How many jobs wait for each service: what lies in line where a queue is held, and what was put away job by job.
import type { Bull, JobField, RawJob } from '../bullmq/bullmq.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { readHeld } from '../services/held.ts'
import { parkOf } from './state.ts'

/** Jobs that wait, by the name of their service. */
export type ParkedCount = () => Promise<ReadonlyMap<string, number>>

/** Delayed jobs that are looked at in all, and of one queue at least. */
const LOOK = 1_000
const LOOK_LEAST = 50
/** A count is believed for so long: pages that watch breakers ask again and again. */
const BELIEVED_MS = 1_000

/** Counts the jobs of these queues. It is exact while few are delayed; of more, as many as are looked at are drawn by chance
 *  and the rest is taken to be like them. */
export const createParkedCount = (kernel: Kernel, bull: Bull, queues: readonly string[]): ParkedCount => {
  let counting: { at: number; counts: Promise<ReadonlyMap<string, number>> } | undefined
  return () => {
    const now = kernel.clock.now()
    if (counting === undefined || now - counting.at >= BELIEVED_MS) {
      const counts = count(kernel, bull, queues)
      const asked = { at: now, counts }
      counting = asked
      counts.catch(() => counting === asked && (counting = undefined))
    }
    return counting.counts
  }
}

const count = async (kernel: Kernel, bull: Bull, queues: readonly string[]): Promise<ReadonlyMap<string, number>> => {
  const [inLine, putAway] = await Promise.all([countInLine(kernel, bull, queues), countPutAway(kernel, bull, queues)])
  const counts = new Map<string, number>()
  for (const [service, jobs] of [...inLine, ...putAway]) counts.set(service, (counts.get(service) ?? 0) + jobs)
  return counts
}

type Counted = [service: string, jobs: number]

const countInLine = async (kernel: Kernel, bull: Bull, queues: readonly string[]): Promise<Counted[]> => {
  const held = await readHeld(kernel, queues)
  const counts = await bull.counts([...held.keys()])
  return [...held].map(([queue, { service }]) => {
    const { waiting = 0, prioritized = 0 } = counts.get(queue) ?? {}
    return [service, waiting + prioritized]
  })
}

const countPutAway = async (kernel: Kernel, bull: Bull, queues: readonly string[]): Promise<Counted[]> => {
  const drawn = await drawDelayed(kernel, bull, queues)
  return drawn.flatMap(({ jobs, drawn: looked, delayed }) => {
    const marks = jobs.flatMap((job) => parkOf(job) ?? [])
    const byService = Map.groupBy(marks, ({ service }) => service)
    return [...byService].map(([service, { length }]): Counted => [service, Math.round((length * delayed) / looked)])
  })
}

/** Delayed jobs of a queue that were looked at. */
export interface Drawn {
  readonly queue: string
  readonly jobs: readonly RawJob[]
  /** How many were drawn; some may have gone since. */
  readonly drawn: number
  /** How many there are to draw from. */
  readonly delayed: number
}

const MARK_FIELDS = ['name', 'timestamp', 'ats', 'k1nPark'] as const

/** Delayed jobs of each queue: all where they are few, else some by chance, of all queues together a thousand or so. */
export const drawDelayed = async (
  kernel: Kernel,
  bull: Bull,
  queues: readonly string[],
  fields: readonly JobField[] = MARK_FIELDS,
): Promise<Drawn[]> => {
  const drawn = await draw(kernel, bull, queues)
  const jobs = await bull.readRaw(
    drawn.flatMap(({ queue, ids }) => ids.map((id) => ({ queue, id }))),
    fields,
  )
  let next = 0
  return drawn.map(({ queue, ids, delayed }) => ({
    queue,
    jobs: jobs.slice(next, (next += ids.length)).filter((job) => job !== undefined),
    drawn: ids.length,
    delayed,
  }))
}

interface Ids {
  queue: string
  ids: string[]
  delayed: number
}

const draw = async (kernel: Kernel, bull: Bull, queues: readonly string[]): Promise<Ids[]> => {
  if (queues.length === 0) return []
  const share = Math.max(LOOK_LEAST, Math.floor(LOOK / queues.length))
  const pipeline = kernel.redis.pipeline()
  for (const { delayed } of queues.map((queue) => bull.keys(queue))) pipeline.zcard(delayed).zrandmember(delayed, share)
  const replies = (await pipeline.exec()) ?? []
  return queues.map((queue, index) => {
    const [[sizeError, delayed] = [], [idsError, ids] = []] = replies.slice(2 * index, 2 * index + 2)
    const error = sizeError ?? idsError
    if (error && !error.message.startsWith('WRONGTYPE')) throw error
    return { queue, ids: error ? [] : (ids as string[]), delayed: error ? 0 : Number(delayed) }
  })
}
