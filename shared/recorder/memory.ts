// What the recorder remembers of jobs between two events; it saves reads and bridges jobs that are removed at once.
// Losing it (a restart) loses no fact: the job's hash tells the same, only less exactly.

export interface Remembered {
  name: string | undefined
  /** When it could first run, or run again; epoch ms. */
  eligibleAt: number | undefined
  /** When the running attempt began; undefined between attempts. */
  activeAt: number | undefined
  /** The attempt that runs, as its job's hash told when it began; undefined between attempts. */
  run: Run | undefined
  /** Attempts that ended as far as the stream told, known only of jobs whose beginning was seen. */
  ended: number | undefined
  /** When the attempt that was cut off by a stall began. */
  cutAt: number | undefined
  /** The error of the last attempt, as the process that ran it told. */
  error: unknown
}

/** What stays the same from an attempt's beginning to its end. */
export interface Run {
  attempt: number
  priority: number
  worker_id: string | null
}

export interface JobMemory {
  /** What is remembered; a new, empty record when nothing is. */
  of(queue: string, id: string): Remembered
  /** What is remembered, if anything. */
  look(queue: string, id: string): Remembered | undefined
  forget(queue: string, id: string): void
  /** Remembers whose end a queue told last. */
  ended(queue: string, id: string): void
  /** Whose that was; undefined where none was seen. */
  lastEnded(queue: string): string | undefined
}

/** What is known of a job that was not spoken of yet. Always of one shape, as there are many. */
export const nothing = (): Remembered => ({
  name: undefined,
  eligibleAt: undefined,
  activeAt: undefined,
  run: undefined,
  ended: undefined,
  cutAt: undefined,
  error: undefined,
})

/** Two generations: what was spoken of since the younger one began is in it, and the older one is dropped as a whole. */
interface Generations {
  young: Map<string, Remembered>
  old: Map<string, Remembered>
}

/** Remembers the jobs that were last spoken of: `limit` of them, half as many at least. */
export const createMemory = (limit = 50_000): JobMemory => {
  const queues = new Map<string, Generations>()
  const ended = new Map<string, string>()
  let young = 0
  const jobsOf = (queue: string): Generations => {
    const known = queues.get(queue)
    if (known) return known
    const fresh = { young: new Map<string, Remembered>(), old: new Map<string, Remembered>() }
    queues.set(queue, fresh)
    return fresh
  }
  const grow = (): void => {
    young = 0
    ended.clear()
    for (const [queue, jobs] of queues) {
      if (jobs.young.size === 0) queues.delete(queue)
      jobs.old = jobs.young
      jobs.young = new Map<string, Remembered>()
    }
  }
  const remember = (queue: string, id: string, job: Remembered): Remembered => {
    if (young >= limit / 2) grow()
    young++
    jobsOf(queue).young.set(id, job)
    return job
  }
  return {
    of(queue, id) {
      const jobs = jobsOf(queue)
      return jobs.young.get(id) ?? remember(queue, id, jobs.old.get(id) ?? nothing())
    },
    look(queue, id) {
      const jobs = queues.get(queue)
      return jobs?.young.get(id) ?? jobs?.old.get(id)
    },
    forget(queue, id) {
      const jobs = queues.get(queue)
      if (jobs?.young.delete(id)) young--
      jobs?.old.delete(id)
    },
    ended: (queue, id) => void ended.set(queue, id),
    lastEnded: (queue) => ended.get(queue),
  }
}
