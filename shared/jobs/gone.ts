// Jobs that were cancelled before they ran: BullMQ forgets them, so we keep what they were for a week.
import { z } from 'zod'
import type { Address } from '../kernel/ids.ts'
import { formatAddress } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { Job } from './contract.ts'
import { parseJson } from '../bullmq/raw-job.ts'

const KEEP_MS = 7 * 24 * 60 * 60 * 1000
const LIST_MAX = 100_000

export interface Gone {
  /** Keeps a job under its address; a job BullMQ has under the same address always comes first. */
  keep(job: Job): Promise<void>
  forget(address: Address): Promise<void>
  read(addresses: readonly Address[]): Promise<(Job | undefined)[]>
  /** Sorted set of addresses, scored by when they were cancelled. */
  readonly listKey: string
  keyOf(address: Address): string
}

const stored = z.string().transform((text) => Job.safeParse(parseJson(text)).data)

export const createGone = (kernel: Kernel): Gone => {
  const listKey = kernel.key('jobs', 'gone')
  const keyOf = (address: Address): string => kernel.key('jobs', 'gone', formatAddress(address))
  return {
    listKey,
    keyOf,
    async keep(job) {
      const now = kernel.clock.now()
      await kernel.redis
        .multi()
        .set(kernel.key('jobs', 'gone', job.id), JSON.stringify(job), 'PX', KEEP_MS)
        .zadd(listKey, now, job.id)
        .zremrangebyscore(listKey, '-inf', now - KEEP_MS)
        .zremrangebyrank(listKey, 0, -LIST_MAX - 1)
        .exec()
    },
    async forget(address) {
      await kernel.redis.multi().del(keyOf(address)).zrem(listKey, formatAddress(address)).exec()
    },
    async read(addresses) {
      if (addresses.length === 0) return []
      const texts = await kernel.redis.mget(...addresses.map(keyOf))
      return texts.map((text) => (text === null ? undefined : stored.parse(text)))
    },
  }
}
