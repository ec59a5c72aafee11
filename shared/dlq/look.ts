// Reading the dead letters along trails: those that still lie dead, and are meant.
import type { Bull, JobField, RawJob } from '../bullmq/bullmq.ts'
import { toPlace } from '../bullmq/newest.ts'
import type { Found, Place } from '../bullmq/newest.ts'
import { formatAddress } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { groupOf } from '../triage/aliases.ts'
import { deathOf } from '../triage/death.ts'
import type { Picture } from '../triage/groups.ts'
import { createCandidates, createGroups, scoresByQueue } from './candidates.ts'
import type { Candidate } from './candidates.ts'
import { diedAtOf } from './id.ts'
import { WHERE_FIELDS, carrying, matching } from './match.ts'
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

/** How to look: along which trails, for what, and which fields to read of those that are meant. */
export interface Looking {
  kernel: Kernel
  bull: Bull
  picture: Picture
  trails: readonly Trail[]
  filter: DlqFilter
  data?: readonly string[] | undefined
  /** Bytes of payloads that may be read; what was read is taken off. */
  budget?: { bytes: number } | undefined
  fields: readonly JobField[]
}

/** Makes the function that reads some places of the trails. */
export const createLook = (looking: Looking): ((places: readonly Found[]) => Promise<Looked[]>) => {
  const { bull, trails, fields } = looking
  const candidatesAt = createCandidates(trails)
  const [groups, judge, sift] = [createGroups(looking), createJudge(looking), createSift(looking)]
  return async (places) => {
    const left = await sift(candidatesAt(places))
    const addresses = left.map(({ address }) => address)
    const [jobs, known, there] = await Promise.all([
      bull.readRaw(addresses, fields),
      groups(left),
      createFailed(looking)(left),
    ])
    const dead = new Map(
      left
        .map((candidate, index) => [candidate.found, judge(candidate, jobs[index], known[index] ?? null)] as const)
        .filter((_, index) => there[index]),
    )
    return places.map((found) => ({ place: toPlace(found), dead: dead.get(found) }))
  }
}

/** Makes the function that says what is meant, once all of it was read. */
const createJudge = ({ picture, filter }: Looking) => {
  const matches = matching(filter)
  /** Where the index does not know yet, what would be its group is told by the job itself. */
  const inGroup = (job: RawJob, group: string | null): boolean => {
    if (!filter.group) return true
    const { fingerprint } = group === null ? deathOf(job) : { fingerprint: '' }
    return filter.group.includes(group ?? groupOf(picture.aliases, { fingerprint, queue: job.queue }))
  }
  return ({ found, trail }: Candidate, job: RawJob | undefined, known: string | null): Dead | undefined => {
    if (!job || !liesThere(job, found)) return undefined
    if (trail.look !== 'nothing' && !matches(job)) return undefined
    if (trail.look === 'all' && !inGroup(job, known)) return undefined
    return { job, diedAt: diedAtOf(job.finishedOn, found.at), group: known }
  }
}

/** Makes the function that leaves out, by little of each, those that are certainly not meant: a text or a value that is
 *  looked for is mostly in few of them, and the rest is read of those alone. */
const createSift = ({ bull, trails, filter, data, budget }: Looking) => {
  const [carries, text] = [carrying(data), filter.q?.toLowerCase()]
  if (data === undefined && (text === undefined || trails.every(({ look }) => look === 'nothing')))
    return (candidates: Candidate[]): Promise<Candidate[]> => Promise.resolve(candidates)
  const fields: readonly JobField[] = [
    ...WHERE_FIELDS,
    'failedReason',
    ...(data === undefined ? [] : ['data' as const]),
  ]
  const holds = (job: RawJob): boolean =>
    text === undefined ||
    job.failedReason === undefined ||
    `${formatAddress(job)}\n${job.failedReason}`.toLowerCase().includes(text)
  return async (candidates: Candidate[]): Promise<Candidate[]> => {
    const jobs = await bull.readRaw(
      candidates.map(({ address }) => address),
      fields,
    )
    if (budget) for (const job of jobs) budget.bytes -= job?.data?.length ?? 0
    return candidates.filter(({ found, trail }, index) => {
      const job = jobs[index]
      return job && liesThere(job, found) && (trail.look === 'nothing' || holds(job)) && carries(job)
    })
  }
}

/** Cancelled jobs are members of the failed set and no dead letters. The index may still hold one that lives again; the
 *  failed set itself is never wrong. */
const liesThere = (job: RawJob, { source, at }: Found): boolean =>
  job.cancelled === undefined &&
  (source.base === undefined || (job.finishedOn !== undefined && diedAtOf(job.finishedOn, undefined) === at))

/** Makes the function that says which of them lie in their failed sets: what the index says may be some seconds old. */
const createFailed =
  ({ kernel, bull }: Looking) =>
  async (candidates: readonly Candidate[]): Promise<boolean[]> => {
    const asked = candidates.map(({ found, address }) => (found.source.base === undefined ? undefined : address))
    const scores = await scoresByQueue(kernel, asked, (queue) => bull.keys(queue).failed)
    return candidates.map((_, index) => asked[index] === undefined || scores[index] !== undefined)
  }
