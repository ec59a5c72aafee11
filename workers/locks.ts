// Has a worker keep the lock of a job that begins again before its last run is cleared away.
import type { Job, Worker } from 'bullmq'
import type { Processor } from './bull.ts'

/** What of a worker is meant: the jobs whose locks it renews. */
interface Locking {
  readonly lockManager: { untrackJob(id: string): void }
}

export interface Locks {
  /** The same processor; what it runs is known. */
  watched(processor: Processor): Processor
  /** Has a worker that was just made renew the locks of all that its watched processor runs. */
  kept<W extends Worker>(worker: W): W
}

/** BullMQ notes one lock for an id, and strikes it off twice for each run: before it tells what came of it, and once that is told. A
 *  run that gave its job back, or lost it, would strike off the lock of the next run that way, if the same process has begun it by
 *  then; half a minute later that would count as stalled, although it goes on. `again` is called with the id of a job that begins
 *  while an earlier run of it goes on here: its lock is that of the new run, and BullMQ tells of that one only. */
export const createLocks = (again: (id: string) => void = () => undefined): Locks => {
  const runs = new Map<string, Job>()
  return {
    watched: (processor) => async (job, token) => {
      const id = job.id ?? ''
      if (runs.has(id)) again(id)
      runs.set(id, job)
      try {
        return await processor(job, token)
      } finally {
        if (runs.get(id) === job) runs.delete(id)
      }
    },
    kept(worker) {
      const { lockManager } = worker as unknown as Locking
      const untrack = lockManager.untrackJob.bind(lockManager)
      lockManager.untrackJob = (id) => {
        if (!runs.has(id)) untrack(id)
      }
      return worker
    },
  }
}
