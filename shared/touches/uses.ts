// Which jobs call a service, queue by queue and name by name: as is declared, parked, seen lately, or there now.
import type { Bull, RawJob } from '../bullmq/bullmq.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import { asRecord } from '../bullmq/raw-job.ts'
import { findKind, queuesOf } from '../catalog/catalog.ts'
import type { Catalog } from '../catalog/kind.ts'
import { drawDelayed } from '../jobs/parked-count.ts'
import type { Drawn } from '../jobs/parked-count.ts'
import { parkOf } from '../jobs/state.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { readHeld } from '../services/held.ts'
import type { Held } from '../services/held.ts'
import type { TouchedQueue } from './contract.ts'
import { readLines } from './lines.ts'
import type { Met } from './lines.ts'
import type { Lately } from './sample.ts'

export interface ServiceNeeds {
  kernel: Kernel
  bull: Bull
  catalog: Catalog
}

export type Use = TouchedQueue['uses'][number]
/** Uses by name. */
export type Uses = ReadonlyMap<string, Use>

/** What calls a service. */
export interface Calling {
  readonly byQueue: ReadonlyMap<string, Uses>
  /** Queues whose workers stopped fetching for it. */
  readonly held: ReadonlySet<string>
  /** Of each queue the delayed jobs that were drawn, those that are parked for it. */
  readonly parked: ReadonlyMap<string, Drawn>
  /** Whether all delayed jobs of all queues were looked at. */
  readonly exact: boolean
  /** Jobs that are there now and call it. */
  readonly through: readonly (Met & { readonly parked: boolean })[]
  /** How many jobs were read in those queues that it is called from. */
  readonly lookedAt: number
}

/** Queues whose lines are looked into. */
const LOOKED_INTO = 20

/** What is put away and held in all queues that somebody may see, for whatever service. */
export interface PutAway {
  readonly drawn: readonly Drawn[]
  readonly words: ReadonlyMap<string, Held>
}

export const readPutAway = async (
  { kernel, bull, catalog }: ServiceNeeds,
  principal: { queues: readonly string[] },
): Promise<PutAway> => {
  const own = queuesOf(catalog).filter((queue) => allowsQueue(principal, queue))
  const [drawn, words] = await Promise.all([drawDelayed(kernel, bull, own), readHeld(kernel, own)])
  return { drawn, words }
}

export const callingOf = async (
  { kernel, bull, catalog }: ServiceNeeds,
  principal: { queues: readonly string[] },
  service: string,
  { lately, putAway: { drawn, words } }: { lately: Lately; putAway: PutAway },
): Promise<Calling> => {
  const kinds = Object.values(catalog).filter(({ queue }) => allowsQueue(principal, queue))
  const held = new Set([...words].filter(([, word]) => word.service === service).map(([queue]) => queue))
  const parked = new Map(drawn.map((one) => [one.queue, { ...one, jobs: one.jobs.filter(isParkedFor(service)) }]))
  const { byQueue, usesOf, use } = createUses()
  for (const queue of held) usesOf(queue)
  for (const { queue, jobs } of parked.values())
    for (const { name } of jobs) use(queue, name, (one) => (one.parked += 1))
  for (const kind of kinds) if (kind.service === service) use(kind.queue, kind.name, (one) => (one.declared = true))
  for (const job of lately.jobs) if (job.service === service) use(job.queue, job.name, (one) => (one.seen += 1))
  // A kind that takes it from the payload may have such jobs that nothing else tells of.
  const choosing = kinds.filter(({ choosesService }) => choosesService).map(({ queue }) => queue)
  const met = await readLines(kernel, bull, [...new Set([...byQueue.keys(), ...choosing])].slice(0, LOOKED_INTO))
  const through = met.flatMap((one) => {
    const isMarked = one.line === 'delayed' && isParkedFor(service)(one.job)
    if (!isMarked && serviceTold(one.job, catalog) !== service) return []
    return [{ ...one, parked: isMarked || (one.line === 'waiting' && held.has(one.job.queue)) }]
  })
  for (const { job } of through) use(job.queue, job.name, (one) => (one.now += 1))
  return {
    ...{ byQueue, held, parked, through },
    exact: drawn.every((one) => one.drawn >= one.delayed),
    lookedAt: met.filter(({ job }) => byQueue.has(job.queue)).length,
  }
}

const createUses = () => {
  const byQueue = new Map<string, Map<string, Use>>()
  const usesOf = (queue: string): Map<string, Use> => {
    const known = byQueue.get(queue) ?? new Map<string, Use>()
    byQueue.set(queue, known)
    return known
  }
  const use = (queue: string, name: string, how: (use: Use) => void): void => {
    const uses = usesOf(queue)
    const known = uses.get(name) ?? { name, declared: false, seen: 0, parked: 0, now: 0 }
    how(known)
    uses.set(name, known)
  }
  return { byQueue, usesOf, use }
}

const isParkedFor =
  (service: string) =>
  (job: RawJob): boolean =>
    parkOf(job)?.service === service

/** As the job tells it, else as its kind says of all of them; payloads are not read. */
const serviceTold = ({ opts, name }: RawJob, catalog: Catalog): string | undefined => {
  const { service } = asRecord(opts['k1n'])
  return typeof service === 'string' ? service : findKind(name, catalog)?.service
}
