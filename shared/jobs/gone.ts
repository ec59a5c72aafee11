// Jobs that were cancelled before they ran, or skipped: BullMQ forgets them, so we keep what they were for a week.
import { z } from 'zod'
import type { Address } from '../kernel/ids.ts'
import { formatAddress } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { Job } from './contract.ts'
import { asRecord, parseJson } from '../bullmq/raw-job.ts'

const KEEP_MS = 7 * 24 * 60 * 60 * 1000
const LIST_MAX = 100_000
/** The member of a record that says under what it was made. */
const MARK = 'k1n_mark'

export interface Gone {
  /** Keeps a job under its address; a job BullMQ has under the same address always comes first. */
  keep(job: Job): Promise<void>
  forget(address: Address): Promise<void>
  /** The same for many. The mark says who ended them, for whoever asks again under the same one. */
  keepMany(jobs: readonly Job[], mark: string): Promise<void>
  forgetMany(addresses: readonly Address[]): Promise<void>
  /** The marks of records, undefined where there is no record or it has none. */
  marks(addresses: readonly Address[]): Promise<(string | undefined)[]>
  read(addresses: readonly Address[]): Promise<(Job | undefined)[]>
  /** Sorted set of addresses, scored by when they ended. */
  readonly listKey: string
  keyOf(address: Address): string
}

const marked = z.string().transform((text) => asRecord(parseJson(text))[MARK])
const stored = z.string().transform((text) => Job.safeParse(parseJson(text)).data)

export const createGone = (kernel: Kernel): Gone => {
  const listKey = kernel.key('jobs', 'gone')
  const keyOf = (address: Address): string => kernel.key('jobs', 'gone', formatAddress(address))
  const keepMany = async (jobs: readonly Job[], mark?: string): Promise<void> => {
    const now = kernel.clock.now()
    const writes = kernel.redis.multi()
    for (const job of jobs)
      writes.set(kernel.key('jobs', 'gone', job.id), JSON.stringify({ ...job, [MARK]: mark }), 'PX', KEEP_MS)
    writes.zadd(listKey, ...jobs.flatMap(({ id }) => [now, id]))
    await writes
      .zremrangebyscore(listKey, '-inf', now - KEEP_MS)
      .zremrangebyrank(listKey, 0, -LIST_MAX - 1)
      .exec()
  }
  const forgetMany = async (addresses: readonly Address[]): Promise<void> => {
    await kernel.redis
      .multi()
      .del(...addresses.map(keyOf))
      .zrem(listKey, ...addresses.map(formatAddress))
      .exec()
  }
  return {
    listKey,
    keyOf,
    keep: (job) => keepMany([job]),
    forget: (address) => forgetMany([address]),
    keepMany,
    forgetMany,
    async marks(addresses) {
      if (addresses.length === 0) return []
      const texts = await kernel.redis.mget(...addresses.map(keyOf))
      return texts.map((text) => {
        const mark = text === null ? undefined : marked.parse(text)
        return typeof mark === 'string' ? mark : undefined
      })
    },
    async read(addresses) {
      if (addresses.length === 0) return []
      const texts = await kernel.redis.mget(...addresses.map(keyOf))
      return texts.map((text) => (text === null ? undefined : stored.parse(text)))
    },
  }
}
