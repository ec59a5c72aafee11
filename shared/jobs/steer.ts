// Changing the course of one job: cancel it, run it now, try it again.
import type { Principal } from '../auth/contract.ts'
import type { RawJob, StatedJob } from '../bullmq/bullmq.ts'
import { fact } from '../kernel/event.ts'
import { formatAddress, makeId } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import { toIso } from '../kernel/clock.ts'
import { isProblem } from '../kernel/problem.ts'
import type { Problem } from '../kernel/problem.ts'
import { OutcomeUnknown, RedisUnavailable } from '../kernel/problems.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import type { EventLog } from '../stream/log.ts'
import { giveOrder } from '../workers/orders.ts'
import { JobCancelled } from './events.ts'
import type { Job } from './contract.ts'
import { HasPendingChildren, JobLocked, JobMissing, JobNotInState, SchedulerOwned } from './problems.ts'
import { readShown, showJob, showRecord } from './read.ts'
import type { Reading, Shown } from './read.ts'
import { currentState, stateOf } from './state.ts'

export interface Steering extends Reading {
  log: EventLog
}

export interface RetryTerms {
  resetAttempts?: boolean
  delayMs?: number
  /** Its next attempt is made although the breaker of its service is open; see `retries/force.ts`. */
  forced?: boolean
}

/** When asking again makes sense. */
const AGAIN_MS = 2_000

/** What BullMQ's codes mean here; everything else is passed on. */
const codes: Record<number, (detail: string) => Error> = {
  [-1]: JobMissing,
  [-2]: JobLocked,
  [-3]: JobNotInState,
  [-4]: HasPendingChildren,
  [-6]: JobLocked,
  [-8]: SchedulerOwned,
  [-9]: HasPendingChildren,
}

/** Names BullMQ's refusals. */
export const guardBull = async <Result>(work: Promise<Result>): Promise<Result> => {
  try {
    return await guardRedis(work)
  } catch (error) {
    const code = error instanceof Error ? (error as { code?: unknown }).code : undefined
    const known = typeof code === 'number' ? codes[code] : undefined
    // BullMQ ends its sentences with the name of its command.
    throw known && error instanceof Error ? known(error.message.replace(/\. [A-Za-z]+(-\w+)?$/, '.')) : error
  }
}

const read = async (steering: Steering, address: Address): Promise<StatedJob> => {
  const [stated] = await guardRedis(steering.bull.readStated([address]), 'read')
  return stated ?? refuseGone(steering, address)
}

const refuseGone = async ({ gone }: Steering, address: Address): Promise<never> => {
  const [record] = await guardRedis(gone.read([address]), 'read')
  if (record) throw endedBefore(record)
  throw JobMissing(`There is no job ${formatAddress(address)}, or it was removed.`)
}

/** Of a job that was taken out of its queue only the record is left: nothing can be done with it. */
export const endedBefore = ({ id, state }: Job): Problem =>
  JobNotInState(`The job ${id} was ${state} before it ran; nothing is left that could run.`)

/** Refuses what cannot be done with a job as it is now. */
const notInState = async ({ kernel }: Steering, stated: StatedJob, only: string): Promise<Error> => {
  const state = await guardRedis(currentState(kernel, stated), 'read')
  return JobNotInState(`The job ${formatAddress(stated.job)} is ${state}; ${only}.`)
}

/** The job after it was changed. When it cannot be read now, the change has been made all the same, and that is said. */
export const showChanged = async (steering: Steering, principal: Principal, address: Address): Promise<Job> => {
  try {
    return await showJob(steering, principal, address)
  } catch (error) {
    if (!isProblem(error) || error.code !== RedisUnavailable.code) throw error
    throw OutcomeUnknown(`It was done, but ${formatAddress(address)} cannot be read right now.`, {
      retryAfterMs: AGAIN_MS,
      cause: error,
    })
  }
}

/** Cancels a job. One that has not started is over at once (`settled`); one that runs is told through its signal. */
export const cancelJob = async (
  steering: Steering,
  principal: Principal,
  address: Address,
  reason?: string,
  forceAfterMs?: number,
): Promise<{ job: Job; settled: boolean }> => {
  const found = (await readShown(steering, address)) ?? (await refuseGone(steering, address))
  const { stated } = found
  const state = stateOf(stated)
  if (state === 'active') return tell(steering, principal, stated, reason, forceAfterMs)
  if (state === 'completed' || state === 'failed' || state === 'cancelled' || state === 'expired')
    throw JobNotInState(
      `The job ${formatAddress(address)} is ${state} already; only a job that has not ended can be cancelled.`,
    )
  if (state === 'waiting_children')
    throw HasPendingChildren(`The job ${formatAddress(address)} waits for its child jobs; cancel those first.`)
  return remove(steering, principal, found, reason, forceAfterMs)
}

/** Our workers hear of it and abort the job's signal; workers of other services cannot be told. */
const tell = async (
  steering: Steering,
  principal: Principal,
  { job }: StatedJob,
  reason?: string,
  forceAfterMs?: number,
) => {
  await tellToStop(steering, job, reason, forceAfterMs)
  return { job: await showChanged(steering, principal, job), settled: false }
}

/** Problem: `job-locked` where nobody of ours runs it. With `graceMs` an attempt that does not stop is given up after so long. */
export const tellToStop = async (
  { kernel }: Pick<Steering, 'kernel'>,
  job: RawJob,
  reason = 'cancelled by request',
  graceMs?: number,
): Promise<void> => {
  if (job.processedBy?.startsWith('w_') !== true)
    throw JobLocked(`A worker of another service runs ${formatAddress(job)}, and it cannot be told to stop.`)
  await guardRedis(giveOrder(kernel, { op: 'cancel', queue: job.queue, id: job.id, reason, grace_ms: graceMs }))
}

/** The record comes first: look-ups prefer BullMQ's job, so nobody sees two, and a crash between loses nothing. */
const remove = async (
  steering: Steering,
  principal: Principal,
  { stated: { job }, shown }: Shown,
  reason?: string,
  forceAfterMs?: number,
): Promise<{ job: Job; settled: boolean }> => {
  const { kernel, bull, gone, log } = steering
  const now = kernel.clock.now()
  const record: Job = {
    ...shown,
    state: 'cancelled',
    run_at: null,
    parked: null,
    finished_at: toIso(now),
    why: reason ? `Was cancelled by ${principal.name}: ${reason}` : `Was cancelled by ${principal.name}.`,
    version: shown.version + 1,
  }
  await guardRedis(gone.keep(record))
  const removed = await guardBull(bull.queue(job.queue).remove(job.id, { removeChildren: false })).catch(
    async (error: unknown) => {
      // Where nobody knows whether the job is gone, the record stays: it may be all that is left of it.
      if (!isProblem(error) || error.code !== OutcomeUnknown.code) await gone.forget(job).catch(() => undefined)
      throw error
    },
  )
  if (removed !== 1) {
    // A worker took it in between.
    await guardRedis(gone.forget(job))
    return tell(steering, principal, await read(steering, job), reason, forceAfterMs)
  }
  const data = {
    task_id: shown.id,
    queue: job.queue,
    name: job.name,
    state: 'cancelled',
    reason: reason ?? null,
  } as const
  await guardRedis(log.append([fact(JobCancelled, now, data)]))
  return { job: showRecord(principal, record), settled: true }
}

/** Lets a delayed job run now. */
export const promoteJob = async (steering: Steering, principal: Principal, address: Address): Promise<Job> => {
  const stated = await read(steering, address)
  if (stated.state !== 'delayed') throw await notInState(steering, stated, 'only a delayed job can be promoted')
  const { bull } = steering
  await guardBull(bull.queue(address.queue).getBackend().promote(address.id))
  return showChanged(steering, principal, address)
}

/** Tries a job again, now or after a delay: one that ended goes back to its queue, a delayed one gets another time. Counters
 *  go on unless reset. */
export const retryJob = async (
  steering: Steering,
  principal: Principal,
  address: Address,
  { resetAttempts = false, delayMs = 0, forced = false }: RetryTerms = {},
): Promise<Job> => {
  const stated = await read(steering, address)
  const name = formatAddress(address)
  if (stated.state === 'active')
    throw JobLocked(`A worker runs ${name} right now; it can be tried again when it has ended.`)
  if (stated.state !== 'failed' && stated.state !== 'completed' && stated.state !== 'delayed')
    throw await notInState(steering, stated, 'only one that ended or is delayed can be tried again')
  const revival = { from: stated.state, resetAttempts, delayMs, forced } as const
  const revived = await guardRedis(steering.bull.revive(address, revival))
  if (revived === 'missing') throw JobMissing(`The job ${name} was removed just now.`)
  if (revived !== 'revived')
    throw JobNotInState(`The job ${name} was tried again by somebody else just now, or is no longer ${stated.state}.`)
  if (forced && delayMs === 0) await callWorker(steering, address)
  return showChanged(steering, principal, address)
}

/** Workers that hold the queue, because the breaker is open, fetch nothing by themselves. A call that is not heard costs no
 *  more than that the job waits, as the first in line, until they fetch again. */
const callWorker = async ({ kernel }: Steering, { queue }: Address): Promise<void> => {
  const ticket = makeId('ord', kernel.clock.now())
  await giveOrder(kernel, { op: 'fetch', queue, ticket }).catch(() => undefined)
}
