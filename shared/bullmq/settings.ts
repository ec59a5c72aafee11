// The settings k1n gives BullMQ, each chosen for a fault that BullMQ's default does not survive.

/** How many events a queue's stream keeps. BullMQ's own default of 10,000 is trimmed away in seconds under load. */
export const EVENTS_MAX_LENGTH = 200_000

/** How many stack traces a job keeps; BullMQ's default keeps one for every attempt for ever. */
export const STACK_TRACES_KEPT = 3

export interface BullWorkerSettings {
  /** ms a job stays its worker's without renewal; longer than the worst fail-over, so that nothing runs twice in it. */
  lockDuration: number
  /** ms between looks for jobs whose worker is gone; with the lock it bounds recovery at 40 s. */
  stalledInterval: number
  /** BullMQ would fail the neighbours of a job that kills its process; who is to blame is decided by us instead. */
  maxStalledCount: number
  /** Seconds a fetch waits; below the socket's time-out of 12 s, so that a flow dropped without a word is noticed. */
  drainDelay: number
  /** An option of jobs in BullMQ, for those that workers add themselves. */
  stackTraceLimit: number
}

/** What every worker of ours is made with. All workers of one queue must agree on them. */
export const workerOptions = (): BullWorkerSettings => ({
  lockDuration: 30_000,
  stalledInterval: 5_000,
  maxStalledCount: 1_000_000,
  drainDelay: 5,
  stackTraceLimit: STACK_TRACES_KEPT,
})
