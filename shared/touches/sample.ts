// Jobs that were accepted in the last day, some of them read evenly over that time: who added them, and which service they tell.
import type { Bull } from '../bullmq/bullmq.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import { asRecord } from '../bullmq/raw-job.ts'
import { findKind } from '../catalog/catalog.ts'
import type { Catalog } from '../catalog/kind.ts'
import { recentJobsKey } from '../jobs/recent.ts'
import { toIso } from '../kernel/clock.ts'
import { parseAddress } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { ServiceTouches } from './contract.ts'

/** What a job of the sample tells. */
export interface SampleJob {
  readonly queue: string
  readonly name: string
  readonly service: string | undefined
  /** Its kind takes the service from the payload, which is not read, and the job does not tell it. */
  readonly untold: boolean
  /** Who added it: the id of a key, or what else adds jobs. */
  readonly by: string | undefined
}

interface Sample {
  readonly since: number
  readonly accepted: number
  /** Undefined for one that was removed meanwhile. */
  readonly jobs: readonly (readonly [queue: string, job: SampleJob | undefined])[]
}

export const DAY_MS = 86_400_000
/** Jobs that are read, in stretches that lie evenly over the day where there were more. */
const LOOK = 1_000
const STRETCHES = 20
/** A sample is believed for so long: it takes a thousand jobs to make, and a minute more or less of a day says the same. Who asks
 *  within so much more is told by it too, and the next who asks by the new one that is made meanwhile. */
const BELIEVED_MS = 60_000
const RENEWED_MS = 240_000

/** Jobs that somebody may see, and what is said of how they were looked at. */
export interface Lately {
  readonly jobs: readonly SampleJob[]
  readonly told: ServiceTouches['lately']
}

export type ReadLately = (principal: { queues: readonly string[] }) => Promise<Lately>

export const createSample = (kernel: Kernel, bull: Bull, catalog: Catalog): ReadLately => {
  let known: { at: number; sample: Sample } | undefined
  let reading: Promise<Sample> | undefined
  const renew = async (): Promise<Sample> => {
    const at = kernel.clock.now()
    const sample = await read(kernel, bull, catalog)
    known = { at, sample }
    return sample
  }
  /** One reading at a time, for all who wait for it. */
  const renewed = (): Promise<Sample> => (reading ??= renew().finally(() => (reading = undefined)))
  const sampleNow = async (): Promise<Sample> => {
    const age = known === undefined ? Infinity : kernel.clock.now() - known.at
    if (known === undefined || age >= BELIEVED_MS + RENEWED_MS) return renewed()
    // What fails here is said to whoever asks when there is nothing else to tell.
    if (age >= BELIEVED_MS) renewed().catch(() => undefined)
    return known.sample
  }
  return async (principal) => {
    const { since, accepted, jobs } = await sampleNow()
    const seen = jobs.filter(([queue]) => allowsQueue(principal, queue))
    const there = seen.flatMap(([, job]) => job ?? [])
    return {
      jobs: there,
      told: {
        since: toIso(since),
        accepted: principal.queues.includes('*') ? accepted : null,
        looked_at: seen.length,
        gone: seen.length - there.length,
        untold: there.filter(({ untold }) => untold).length,
      },
    }
  }
}

const read = async (kernel: Kernel, bull: Bull, catalog: Catalog): Promise<Sample> => {
  const since = kernel.clock.now() - DAY_MS
  const key = recentJobsKey(kernel)
  const accepted = await kernel.redis.zcount(key, since, '+inf')
  const pipeline = kernel.redis.pipeline()
  for (const [from, to] of stretchesOf(accepted)) pipeline.zrange(key, from, to, 'REV')
  const replies = accepted === 0 ? [] : ((await pipeline.exec()) ?? [])
  const members = replies.flatMap(([error, found]) => {
    if (error) throw error
    return found as string[]
  })
  const addresses = [...new Set(members)].flatMap((member) => parseAddress(member) ?? [])
  const jobs = await bull.readRaw(addresses, ['name', 'opts', 'timestamp'])
  return {
    since,
    accepted,
    jobs: addresses.map(({ queue }, at) => {
      const job = jobs[at]
      return [queue, job && tellOf(job, catalog)] as const
    }),
  }
}

/** Places in the list of the newest that are read, the newest first. */
export const stretchesOf = (accepted: number): [from: number, to: number][] => {
  if (accepted <= LOOK) return accepted === 0 ? [] : [[0, accepted - 1]]
  const size = LOOK / STRETCHES
  return Array.from({ length: STRETCHES }, (_, n) => {
    const from = Math.round((n * (accepted - size)) / (STRETCHES - 1))
    return [from, from + size - 1]
  })
}

const tellOf = (job: { queue: string; name: string; opts: object }, catalog: Catalog): SampleJob => {
  const { service, by } = asRecord(asRecord(job.opts)['k1n'])
  const kind = findKind(job.name, catalog)
  const told = typeof service === 'string' ? service : kind?.service
  return {
    queue: job.queue,
    name: job.name,
    service: told,
    untold: told === undefined && kind?.choosesService === true,
    by: typeof by === 'string' ? by : undefined,
  }
}
