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
  /** Whether the end of the attempt that runs can be told without another look at the job. */
  knowsRun(queue: string, id: string): boolean
  forget(queue: string, id: string): void
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

/** Remembers the jobs that were last spoken of: `limit` of them, half as many at least. */
export const createMemory = (limit = 50_000): JobMemory => {
  // Two generations: what was spoken of since the younger one began is in it, and the older one is dropped as a whole.
  let young = new Map<string, Remembered>()
  let old = new Map<string, Remembered>()
  const remember = (key: string, job: Remembered): Remembered => {
    if (young.size >= limit / 2) {
      old = young
      young = new Map<string, Remembered>()
    }
    young.set(key, job)
    return job
  }
  return {
    of(queue, id) {
      const key = `${queue}:${id}`
      return young.get(key) ?? remember(key, old.get(key) ?? nothing())
    },
    knowsRun(queue, id) {
      const key = `${queue}:${id}`
      return (young.get(key) ?? old.get(key))?.run !== undefined
    },
    forget(queue, id) {
      const key = `${queue}:${id}`
      young.delete(key)
      old.delete(key)
    },
  }
}
