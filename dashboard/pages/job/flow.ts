// The jobs a job belongs to: its parent, the parent of that, and so on up to the root.
import type { Job } from '../../../shared/jobs/contract.ts'

export interface Above {
  id: string
  /** Missing where it is gone, or may not be seen. */
  job: Job | undefined
}

const DEPTH_MAX = 10

/** Climbs from a job to its root, the root first; ends where a parent is gone or the climb goes in a circle. */
export const climb = async (job: Job, show: (id: string) => Promise<Job | undefined>): Promise<Above[]> => {
  const above: Above[] = []
  const seen = new Set([job.id])
  for (let { parent } = job; parent && above.length < DEPTH_MAX;) {
    const id = `${parent.queue}:${parent.id}`
    if (seen.has(id)) break
    seen.add(id)
    const found = await show(id)
    above.unshift({ id, job: found })
    parent = found?.parent ?? null
  }
  return above
}
