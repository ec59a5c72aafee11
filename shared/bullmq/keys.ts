// Where BullMQ keeps a queue: the names of its Redis keys.

export interface BullKeys {
  /** What all keys of the queue start with, the last colon included. */
  readonly prefix: string
  readonly wait: string
  /** Where BullMQ 5 and older put the waiting jobs of a paused queue. */
  readonly legacyPaused: string
  readonly active: string
  readonly delayed: string
  readonly prioritized: string
  readonly completed: string
  readonly failed: string
  readonly waitingChildren: string
  readonly meta: string
  /** Counter of all jobs ever added. */
  readonly id: string
  readonly events: string
  readonly stalledCheck: string
  /** Jobs that ran when their workers were last looked for and whose locks were not renewed since. */
  readonly stalled: string
  /** Jobs started in the running window of a rate limit; ends with the window. */
  readonly limiter: string
  readonly marker: string
  readonly priorityCounter: string
  /** Jobs of ours that must have started by a moment, scored by it. */
  readonly expiries: string
  /** Its members are the ids of job schedulers, scored by their next run. */
  readonly schedulers: string
  job(id: string): string
  /** Names the job that others with this deduplication id are made one with. */
  twin(dedupId: string): string
  /** The trace of a job that is made once. */
  made(id: string): string
  logs(id: string): string
  lock(id: string): string
  dependencies(id: string): string
}

export const bullKeys = (bullPrefix: string, queue: string): BullKeys => {
  const prefix = `${bullPrefix}:${queue}:`
  return {
    prefix,
    wait: `${prefix}wait`,
    legacyPaused: `${prefix}paused`,
    active: `${prefix}active`,
    delayed: `${prefix}delayed`,
    prioritized: `${prefix}prioritized`,
    completed: `${prefix}completed`,
    failed: `${prefix}failed`,
    waitingChildren: `${prefix}waiting-children`,
    meta: `${prefix}meta`,
    id: `${prefix}id`,
    events: `${prefix}events`,
    stalledCheck: `${prefix}stalled-check`,
    stalled: `${prefix}stalled`,
    limiter: `${prefix}limiter`,
    marker: `${prefix}marker`,
    priorityCounter: `${prefix}pc`,
    expiries: `${prefix}k1n-ttl`,
    schedulers: `${prefix}repeat`,
    job: (id) => prefix + id,
    twin: (dedupId) => `${prefix}de:${dedupId}`,
    made: (id) => `${prefix}k1n-made:${id}`,
    logs: (id) => `${prefix}${id}:logs`,
    lock: (id) => `${prefix}${id}:lock`,
    dependencies: (id) => `${prefix}${id}:dependencies`,
  }
}
