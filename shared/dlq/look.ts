// Reading the dead letters along trails: those that still lie dead, and are meant.
import type { Bull, JobField, RawJob } from '../bullmq/bullmq.ts'
import { toPlace } from '../bullmq/newest.ts'
import type { Found, Place } from '../bullmq/newest.ts'
import { scoresOf } from '../bullmq/scores.ts'
import { parseAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { groupOf } from '../triage/aliases.ts'
import { deathOf } from '../triage/death.ts'
import type { Picture } from '../triage/groups.ts'
import { entriesKey } from '../triage/keys.ts'
import type { Pictures } from '../triage/picture.ts'
import { facetOf } from '../triage/place.ts'
import { diedAtOf } from './id.ts'
import { carrying, matching } from './match.ts'
import type { Trail } from './trails.ts'
import type { DlqFilter } from './words.ts'

/** A place along the trails, and the dead letter there if it is one that is meant. */
export interface Looked {
  readonly place: Place
  readonly dead: Dead | undefined
}

export interface Dead {
  readonly job: RawJob
  readonly diedAt: number
  /** Null while the recorder has not seen it. */
  readonly group: string | null
}

/** How to look: along which trails, for whom, and reading what of each job. */
export interface Looking {
  kernel: Kernel
  bull: Bull
  picture: Picture
  trails: readonly Trail[]
  filter: DlqFilter
  data?: readonly string[] | undefined
  fields: readonly JobField[]
}

/** Makes the function that reads some places of the trails. */
export const createLook = (looking: Looking): ((places: readonly Found[]) => Promise<Looked[]>) => {
  const { bull, picture, trails, filter, data, fields } = looking
  const bySource = new Map(trails.map((trail) => [trail.source, trail]))
  const [matches, carries, groups] = [matching(filter), carrying(data), createGroups(looking)]
  const isMeant = (job: RawJob, trail: Trail): boolean => (!trail.look || matches(job)) && carries(job)
  /** Where the index does not know yet, what would be its group is told by the job itself. */
  const inGroup = (job: RawJob, group: string | null): boolean => {
    if (!filter.group) return true
    const { fingerprint } = group === null ? deathOf(job) : { fingerprint: '' }
    return filter.group.includes(group ?? groupOf(picture.aliases, { fingerprint, queue: job.queue }))
  }
  return async (places) => {
    const addresses = places.map(({ address }) => parseAddress(address) ?? { queue: '', id: '' })
    const trailOf = (index: number): Trail | undefined => bySource.get((places[index] as Found).source)
    const told = addresses.map((address, index) => (trailOf(index)?.group === undefined ? address : undefined))
    const [jobs, known] = await Promise.all([bull.readRaw(addresses, fields), groups(told)])
    return places.map((found, index) => {
      const [job, trail] = [jobs[index], trailOf(index)]
      const place = toPlace(found)
      if (!job || !trail || !liesThere(job, found) || !isMeant(job, trail)) return { place, dead: undefined }
      const group = trail.group ?? known[index] ?? null
      if (trail.look && !inGroup(job, group)) return { place, dead: undefined }
      return { place, dead: { job, diedAt: diedAtOf(job.finishedOn, found.at), group } }
    })
  }
}

/** Cancelled jobs are members of the failed set and no dead letters. The index may still hold one that lives again; the
 *  failed set itself is never wrong. */
const liesThere = (job: RawJob, { source, at }: Found): boolean =>
  job.cancelled === undefined &&
  (source.base === undefined || (job.finishedOn !== undefined && diedAtOf(job.finishedOn, undefined) === at))

/** The group of one dead letter. */
export const groupFor = async (kernel: Kernel, pictures: Pictures, address: Address): Promise<string | null> => {
  const [group] = await createGroups({ kernel, picture: await pictures.read() })([address])
  return group ?? null
}

/** Makes the function that answers which groups jobs are in, as the index says: one command for each queue. */
const createGroups = ({ kernel, picture }: Pick<Looking, 'kernel' | 'picture'>) => {
  const byNumber = new Map<string, string>()
  for (const part of picture.parts)
    for (const { no } of part.facets) byNumber.set(`${no}@${part.queue}`, groupOf(picture.aliases, part))
  return async (addresses: readonly (Address | undefined)[]): Promise<(string | undefined)[]> => {
    const groups = new Array<string | undefined>(addresses.length)
    const queues = new Set(addresses.flatMap((address) => address?.queue ?? []))
    const readQueue = async (queue: string): Promise<void> => {
      const places = addresses.flatMap((address, index) => (address?.queue === queue ? index : []))
      const ids = places.map((place) => addresses[place]?.id ?? '')
      const scores = await scoresOf(kernel, entriesKey(kernel, queue), ids)
      places.forEach((place, index) => {
        const score = scores[index]
        if (score !== undefined) groups[place] = byNumber.get(`${facetOf(score)}@${queue}`)
      })
    }
    await Promise.all([...queues].map(readQueue))
    return groups
  }
}
