// Jobs made by a job: added once under ids that follow from their parent, and asked about when the parent runs again.
import { Job } from 'bullmq'
import type { JobsOptions, Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import type { z } from 'zod'
import type { Bull } from '../bullmq/bullmq.ts'
import type { Child, Children } from '../catalog/handler.ts'
import type { AnyKind, Catalog } from '../catalog/kind.ts'
import type { Assignment } from './attempt.ts'
import { sayIssues } from './begin.ts'
import { childId } from './child-id.ts'
import { Unworkable } from './ending.ts'
import { originOf } from './terms.ts'

const sliceMax = 500

/** What is wrong with children a handler asked for; undefined when nothing is. */
export const mistakeIn = (children: readonly Child[], catalog: Catalog): Unworkable | undefined => {
  for (const { name, key, payload } of children) {
    const kind = catalog[name]
    if (kind === undefined) return new Unworkable('ChildInvalid', `no kind is called ${JSON.stringify(name)}`)
    const parsed = (kind.payload as z.ZodType).safeParse(payload)
    if (!parsed.success) return new Unworkable('ChildInvalid', `child ${key} of ${name}: ${sayIssues(parsed.error)}`)
  }
  return children.length > 0 ? undefined : new Unworkable('ChildInvalid', 'fanOut was given no children')
}

/** Adds children. Those that exist stay as they are, but failed ones are tried again: their parent waits for them. */
export const addChildren = async (
  redis: Redis,
  bull: Bull,
  catalog: Catalog,
  parent: Assignment,
  children: readonly Child[],
): Promise<void> => {
  for (let from = 0; from < children.length; from += sliceMax) {
    const slice = children.slice(from, from + sliceMax)
    for (const [queue, own] of byQueue(slice, catalog)) {
      const ids = await addTo(bull.queue(queue), bull.queue(parent.queue).qualifiedName, parent, own)
      await retryFailed(redis, bull, queue, ids)
    }
  }
}

type Known = Child & { kind: AnyKind }

const byQueue = (children: readonly Child[], catalog: Catalog): Map<string, Known[]> => {
  const queues = new Map<string, Known[]>()
  for (const child of children) {
    const kind = catalog[child.name]
    if (kind === undefined) continue // refused before it came here
    const known = queues.get(kind.queue) ?? []
    queues.set(kind.queue, known)
    known.push({ ...child, kind })
  }
  return queues
}

const addTo = async (
  queue: Queue,
  parentQueue: string,
  parent: Assignment,
  children: readonly Known[],
): Promise<string[]> => {
  const link = { id: parent.id, queue: parentQueue }
  const jobs = children.map((child) => ({
    name: child.name,
    data: child.payload,
    opts: optionsOf(parent, child, link),
  }))
  const ids = (await queue.addBulk(jobs)).map((job) => String(job.id))
  const refused = ids.find((id) => !id.startsWith('t_'))
  if (refused !== undefined) throw new Error(`BullMQ refused a child of ${parent.queue}:${parent.id} with ${refused}`)
  return ids
}

const optionsOf = (parent: Assignment, child: Known, link: { id: string; queue: string }): JobsOptions => {
  const service = child.kind.serviceOf(child.payload)
  const priority = child.priority ?? parent.priority
  const own = { ...(service === undefined ? {} : { service }), ...originOf(parent.opts) }
  const options = {
    jobId: childId(parent, child.key),
    parent: link,
    ignoreDependencyOnFailure: true,
    attempts: child.kind.retry.attempts,
    backoff: { type: 'k1n' },
    removeOnFail: false,
    ...(priority > 0 ? { priority } : {}),
    // BullMQ keeps members it does not know.
    ...(Object.keys(own).length === 0 ? {} : { k1n: own }),
  }
  return options
}

const retryFailed = async (redis: Redis, bull: Bull, queue: string, ids: string[]): Promise<void> => {
  const scores = await redis.zmscore(bull.keys(queue).failed, ...ids)
  const failed = ids.filter((_id, index) => scores[index] !== null)
  for (const id of failed) {
    const job = new Job(bull.queue(queue), '', {}, {}, id)
    await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true })
  }
}

const idOf = (key: string): string => key.slice(key.lastIndexOf(':') + 1)

/** Field of a job's hash: the attempt (those made before it) that has called `fanOut`. Gone when that attempt has failed. */
export const FANNED_OUT = 'k1nFannedOut'

/** How the children of a running job stand. */
export const childrenOf = async (redis: Redis, hash: string, job: Job): Promise<Children> => {
  const [fannedOut, values, failures, counts] = await Promise.all([
    redis.hget(hash, FANNED_OUT),
    job.getChildrenValues<unknown>(),
    job.getIgnoredChildrenFailures(),
    job.getDependenciesCount({ unprocessed: true }),
  ])
  return {
    completed: Object.entries(values).map(([key, result]) => ({ id: idOf(key), result })),
    failed: Object.entries(failures).map(([key, reason]) => ({ id: idOf(key), reason })),
    pending: counts.unprocessed ?? 0,
    resumed: fannedOut === String(job.attemptsMade),
  }
}
