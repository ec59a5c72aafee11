// Queues: every one in this Redis with what is in it and who works on it, and stopping and starting them.
import type { Principal } from '../auth/contract.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { toIso } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { ValidationFailed } from '../kernel/problems.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { createTracked } from '../kernel/tracked.ts'
import type { Operations } from '../operations/operations.ts'
import { queuesKey } from '../metrics/buckets.ts'
import { createMinuteHashes, readRates } from '../metrics/minutes.ts'
import type { QueueRates } from '../metrics/minutes.ts'
import type { Registry } from '../workers/registry.ts'
import { createConfigs, readConfigs, writeConfig } from './config.ts'
import type { ConfigChange } from './config.ts'
import { onlyOf } from './conditional.ts'
import { QueueMissing } from './contract.ts'
import type { Queue, QueuePauseRequest } from './contract.ts'
import { createGlance, lookAt } from './glance.ts'
import { pauseFor, resumeNow } from './pauses.ts'
import { createReading } from './reading.ts'
import type { Eye } from './reading.ts'
import { createQueueWork, refuseObserved } from './work.ts'
import type { QueueWork } from './work.ts'

/** A queue the principal may not use does not exist for it. */
export interface Queues {
  /** All queues, by name. A process that has not looked for queues yet does so first. `sparing`, for whoever asks again
   *  and again: queues at rest are told as they were up to a minute ago. */
  list(principal: Principal, how?: { sparing: boolean }): Promise<Queue[]>
  /** Problem: `queue-not-found`. */
  show(principal: Principal, queue: string): Promise<Queue>
  /** Stops handing out jobs; running ones finish. Pausing a paused queue renews reason, name and time. */
  pause(principal: Principal, queue: string, asked?: QueuePauseRequest): Promise<Queue>
  resume(principal: Principal, queue: string): Promise<Queue>
  /** Limits it, only while its limits have one of the versions where some are named. Problems: `precondition-failed`, and `queue-observed`
   *  for what only holds in queues that are k1n's to tidy. */
  change(
    principal: Principal,
    queue: string,
    asked: ConfigChange,
    only?: { versions?: readonly number[] | 'any' | undefined },
  ): Promise<Queue>
  /** Long work on all of a queue; see `work.ts`. */
  readonly work: QueueWork
}

export interface QueuesNeeds {
  bull: Bull
  registry: Registry
  operations: Operations
}

export const createQueues = (kernel: Kernel, { bull, registry, operations }: QueuesNeeds): Queues => {
  const hashes = createMinuteHashes(kernel, queuesKey)
  const rates = (): Promise<Map<string, QueueRates>> => readRates(hashes, kernel.clock.now())
  // Queues are asked for again and again, and nearly all of many are as they were.
  const look = createTracked(kernel)
  const exact: Eye = {
    glance: (names) => lookAt(kernel, bull, names, look()),
    configs: (names) => readConfigs(kernel, bull, names, look()),
    rates,
  }
  // One alone is read at once: it is not worth asking first what has changed.
  const plain: Eye = {
    glance: (names) => lookAt(kernel, bull, names),
    configs: (names) => readConfigs(kernel, bull, names),
    rates,
  }
  const sparing: Eye = { glance: createGlance(kernel, bull), configs: createConfigs(kernel, bull), rates }
  const reading = createReading(kernel, { bull, registry })
  const existing = async (principal: Principal, name: string): Promise<string> => {
    if (allowsQueue(principal, name) && (await bull.exists(name))) return name
    throw QueueMissing(`There is no queue ${name}.`)
  }
  const show = async (principal: Principal, name: string): Promise<Queue> => {
    const [queue] = await reading([await existing(principal, name)], plain)
    if (!queue) throw QueueMissing(`There is no queue ${name}.`)
    return queue
  }
  const list = async (principal: Principal, eye: Eye): Promise<Queue[]> => {
    const names = (await bull.current()).filter((name) => allowsQueue(principal, name))
    return reading(names, eye)
  }
  const pause = async (principal: Principal, name: string, { reason, until }: QueuePauseRequest): Promise<Queue> => {
    await existing(principal, name)
    const record = { reason: reason ?? null, by: principal.name, until: untilOf(until, kernel.clock.now()) }
    await pauseFor({ kernel, bull }, name, record)
    return show(principal, name)
  }
  const resume = async (principal: Principal, name: string): Promise<Queue> => {
    await resumeNow({ kernel, bull }, await existing(principal, name))
    return show(principal, name)
  }
  const change: Queues['change'] = async (principal, name, asked, { versions = 'any' } = {}) => {
    await existing(principal, name)
    if (asked.retention) refuseObserved(kernel, bull, name)
    const write = (): Promise<void> => writeConfig(kernel, bull, name, asked)
    await (versions === 'any' ? write() : onlyOf(kernel, bull, { name, versions }, write))
    return show(principal, name)
  }
  return {
    list: (principal, how) => guardRedis(list(principal, how?.sparing ? sparing : exact), 'read'),
    show: (principal, name) => guardRedis(show(principal, name), 'read'),
    pause: (principal, name, asked = {}) => guardRedis(pause(principal, name, asked)),
    resume: (principal, name) => guardRedis(resume(principal, name)),
    change: (...args) => guardRedis(change(...args)),
    work: createQueueWork(kernel, { bull, operations, existing }),
  }
}

const PAUSE_MAX_MS = 366 * 86_400_000

const untilOf = (until: string | undefined, now: number): string | null => {
  if (until === undefined) return null
  const at = Date.parse(until)
  if (at > now && at <= now + PAUSE_MAX_MS) return toIso(at)
  throw ValidationFailed('The pause is not valid.', {
    errors: [{ pointer: '#/until', code: 'custom', detail: 'must be in the future, within a year from now' }],
  })
}
