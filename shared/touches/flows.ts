// Jobs that wait for children among some jobs: each parent once, with how many of these it awaits and what is on top of it.
import type { Bull, RawJob } from '../bullmq/bullmq.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import { BRIEF_FIELDS } from '../bullmq/raw-job.ts'
import { parentOf } from '../jobs/present.ts'
import { stateOf } from '../jobs/state.ts'
import { formatAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { TouchedFlows } from './contract.ts'

/** A job that somebody may wait for. */
export interface Child {
  readonly job: Pick<RawJob, 'parentKey'>
  readonly parked: boolean
}

const SHOWN = 20
/** Levels climbed to find the top of a flow. */
const LEVELS = 10

export interface FlowNeeds {
  kernel: Kernel
  bull: Bull
}

/** Parents in queues that the principal may not see are left out. */
export const flowsOf = async (
  { kernel, bull }: FlowNeeds,
  principal: { queues: readonly string[] },
  children: readonly Child[],
): Promise<Pick<TouchedFlows, 'data' | 'total'>> => {
  const above = (job: Pick<RawJob, 'parentKey'>): Address | undefined => {
    const parent = parentOf(job, kernel.bullPrefix)
    return parent && allowsQueue(principal, parent.queue) ? parent : undefined
  }
  const awaiting = new Map<string, { parent: Address; awaits: number; parked: number }>()
  for (const { job, parked } of children) {
    const parent = above(job)
    if (parent === undefined) continue
    const id = formatAddress(parent)
    const known = awaiting.get(id) ?? { parent, awaits: 0, parked: 0 }
    awaiting.set(id, { parent, awaits: known.awaits + 1, parked: known.parked + (parked ? 1 : 0) })
  }
  const most = [...awaiting.values()].sort((a, b) => b.parked - a.parked || b.awaits - a.awaits).slice(0, SHOWN)
  const parents = await bull.readStated(
    most.map(({ parent }) => parent),
    BRIEF_FIELDS,
  )
  const tops = await topsOf(
    bull,
    parents.map((stated) => stated && above(stated.job)),
    above,
  )
  return {
    total: awaiting.size,
    data: most.flatMap(({ parent, awaits, parked }, at) => {
      const stated = parents[at]
      const top = tops[at]
      if (stated === undefined) return []
      const shown = { id: formatAddress(parent), name: stated.job.name, state: stateOf(stated) }
      return [{ ...shown, above: top === undefined ? null : formatAddress(top), awaits, parked }]
    }),
  }
}

/** Climbs from each of these to what nothing waits for, all of them level by level. */
const topsOf = async (
  bull: Bull,
  from: readonly (Address | undefined)[],
  above: (job: RawJob) => Address | undefined,
): Promise<(Address | undefined)[]> => {
  let tops = [...from]
  for (let level = 0; level < LEVELS; level++) {
    const asked = tops.flatMap((top) => top ?? [])
    if (asked.length === 0) return tops
    const jobs = await bull.readRaw(asked, ['name', 'timestamp', 'parentKey'])
    const next = new Map(asked.map((address, at) => [address, jobs[at] && above(jobs[at])]))
    if ([...next.values()].every((one) => one === undefined)) return tops
    tops = tops.map((top) => top && (next.get(top) ?? top))
  }
  return tops
}
