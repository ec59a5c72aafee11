// One page of one queue's events becomes one application: read what the events name, project each, apply all.
import type { Bull, JobField, RawJob } from '../bullmq/bullmq.ts'
import type { QueueEvent, StreamPage } from '../bullmq/event-streams.ts'
import { dlqId } from '../dlq/id.ts'
import { movedKey } from '../dlq/moved.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { DeadIndex } from '../triage/dead-index.ts'
import type { JobMemory, Remembered } from './memory.ts'
import { createOps } from './ops.ts'
import type { Ops } from './ops.ts'
import { mayLeave, needsFailure, needsJob, projectEvent } from './project-event.ts'
import type { Dead, Known } from './projection.ts'
import { setAside } from './set-aside.ts'
import type { Writes } from './writes.ts'

/** What is read of every job that begins. */
export const BRIEF: JobField[] = ['name', 'timestamp', 'delay', 'priority', 'processedOn', 'atm', 'ats', 'pb']
const WITH_FAILURE: JobField[] = [
  ...BRIEF,
  'finishedOn',
  'failedReason',
  'stacktrace',
  'opts',
  'k1nCancelled',
  'k1nReason',
  'k1nError',
  'k1nBase',
]

const idsOf = (events: readonly QueueEvent[], wanted: (event: QueueEvent) => boolean): string[] => [
  ...new Set(events.filter(wanted).map((event) => event.jobId)),
]

/** Reads the jobs a page names and does not bring, each once, the long members only of those that failed, and none of those
 *  of whom memory says all that is told. */
const know = async ({ kernel, bull, memory }: PageMaker, queue: string, page: StreamPage): Promise<Known> => {
  const { events } = page
  const failing = idsOf(events, needsFailure)
  const known = new Map<string, RawJob>(page.begun)
  const read = async (ids: string[], fields: JobField[]): Promise<void> => {
    if (ids.length === 0) return
    const jobs = await bull.readRaw(
      ids.map((id) => ({ queue, id })),
      fields,
    )
    for (const job of jobs) if (job) known.set(job.id, job)
  }
  const isKnown = (event: QueueEvent): boolean =>
    known.has(event.jobId) || (page.complete !== false && isRemembered(event, memory.look(queue, event.jobId)))
  const long = new Set(failing)
  const others = idsOf(events, (event) => needsJob(event) && !isKnown(event)).filter((id) => !long.has(id))
  const pause = events.some(({ event }) => event === 'paused')
    ? kernel.redis.hget(kernel.key('queues', 'pause'), queue)
    : null
  const [said] = await Promise.all([pause, read(others, BRIEF), read(failing, WITH_FAILURE)])
  return { job: (id) => known.get(id), pausedBy: actorOf(said) }
}

/** An end says nothing that its beginning did not, and what is told of progress and removal is only whose it is. */
const isRemembered = ({ event }: QueueEvent, job: Remembered | undefined): boolean =>
  event === 'completed'
    ? job?.run !== undefined
    : (event === 'progress' || event === 'removed') && job?.name !== undefined

/** What the index says of the jobs that die in this page or may leave the failed set, and which of those that are removed
 *  live on in another queue. */
const knowDead = async ({ kernel, index }: PageMaker, queue: string, { events }: StreamPage): Promise<Dead> => {
  const page = await index.open(
    queue,
    idsOf(events, (event) => event.event === 'failed' || mayLeave(event)),
  )
  const moving = idsOf(events, ({ event }) => event === 'removed').flatMap((id) => {
    const entry = page.has(id)
    return entry ? { id, key: movedKey(kernel, dlqId({ queue, id }, entry.at)) } : []
  })
  const notes = moving.length === 0 ? [] : await kernel.redis.mget(moving.map(({ key }) => key))
  const moved = new Set(moving.flatMap(({ id }, place) => (notes[place] === null ? [] : id)))
  return { page, livesElsewhere: (id) => moved.has(id) }
}

const actorOf = (said: string | null): string | null => {
  try {
    return (JSON.parse(said ?? 'null') as { by?: string } | null)?.by ?? null
  } catch {
    return null
  }
}

export interface PageMaker {
  kernel: Kernel
  bull: Bull
  memory: JobMemory
  writer: (ops: Ops) => Writes
  index: DeadIndex
}

/** Projects a page. An event that cannot be projected is set aside with its fields and why, and the rest goes on. */
export const projectPage = async (maker: PageMaker, queue: string, page: StreamPage): Promise<Ops> => {
  const { kernel, memory, writer } = maker
  const [known, dead] = await Promise.all([know(maker, queue, page), knowDead(maker, queue, page)])
  const ops = createOps()
  const writes = writer(ops)
  for (const event of page.events) {
    try {
      projectEvent({ queue, kernel, memory, known, writes, dead }, event)
    } catch (error) {
      setAside(kernel, ops, page.key, event.id, { ...event, error: String(error) })
    }
  }
  for (const { id, fields } of page.broken) setAside(kernel, ops, page.key, id, fields)
  if (page.events.some(({ event }) => event === 'cleaned')) maker.index.doubts.add(queue)
  await dead.page.finish(ops)
  return ops
}
