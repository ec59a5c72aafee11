// The flow a job belongs to: its parent, the parent of that, and so on up to the root, and what is below.
import type { Job, JobTree } from '../../../shared/jobs/contract.ts'
import { count } from '../../ui/format.ts'

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

/** The whole flow, from its root on; where that holds too much to hold this job too, or the root is gone, what is below this job, and the
 *  way up. */
export const whole = async (
  id: string,
  above: Above[],
  below: (id: string) => Promise<JobTree>,
): Promise<{ above: Above[]; tree: JobTree }> => {
  const root = above[0]
  if (root?.job) {
    const tree = await below(root.id)
    if (tree.data.some((node) => node.id === id)) return { above: [], tree }
  }
  return { above, tree: await below(id) }
}

type Node = JobTree['data'][number]

/** `, 12 children, 3 of them shown`; nothing where all are. */
export const belowWords = ({ id, children }: Node, { data }: JobTree): string => {
  const shown = data.filter(({ parent }) => parent === id).length
  if (shown === children) return ''
  const all = children === 1 ? '1 child' : `${count(children)} children`
  return `, ${all}, ${shown === 0 ? 'not shown' : `${count(shown)} of them shown`}`
}
