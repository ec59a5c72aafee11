// What the recorder remembers of jobs between two events; it saves reads and bridges jobs that are removed at once.
// Losing it (a restart) loses no fact: the job's hash tells the same, only less exactly.

export interface Remembered {
  name?: string
  /** When it could first run, or run again; epoch ms. */
  eligibleAt?: number
  /** When the running attempt began; absent between attempts. */
  activeAt?: number
  /** Attempts that ended as far as the stream told, known only of jobs whose beginning was seen. */
  ended?: number
  /** When the attempt that was cut off by a stall began. */
  cutAt?: number | undefined
  /** The error of the last attempt, as the process that ran it told. */
  error?: unknown
}

export interface JobMemory {
  /** What is remembered; a new, empty record when nothing is. */
  of(queue: string, id: string): Remembered
  forget(queue: string, id: string): void
}

/** Remembers the `limit` jobs that were last spoken of. */
export const createMemory = (limit = 50_000): JobMemory => {
  const jobs = new Map<string, Remembered>()
  return {
    of(queue, id) {
      const key = `${queue}:${id}`
      const known = jobs.get(key) ?? {}
      jobs.delete(key)
      jobs.set(key, known)
      if (jobs.size > limit) jobs.delete(jobs.keys().next().value as string)
      return known
    },
    forget: (queue, id) => void jobs.delete(`${queue}:${id}`),
  }
}
