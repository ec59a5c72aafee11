// A lease in Redis: of a whole fleet one holds it, and another takes over when that one ends or is cut off.
import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Kernel } from './kernel.ts'

/** One process's hold on a key, for those that keep their own watch on time. */
export interface Hold {
  /** What the key says while it is ours. */
  readonly token: string
  /** Takes it, or keeps it for `leaseMs` more when it is ours. False while another holds it. */
  acquire(): Promise<boolean>
  release(): Promise<void>
}

export interface Lease {
  /** Takes it, or keeps it when it is ours. False while another holds it. */
  acquire(): Promise<boolean>
  /** Whether it is surely ours still: not for the last third of its time, so that clocks and answers may be late. */
  holds(): boolean
  release(): Promise<void>
}

const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`

export const createHold = (redis: Redis, key: string, leaseMs: number): Hold => {
  const token = randomUUID()
  let wasOurs = false
  /** One command. Where another has taken it meanwhile that one's time is made whole once, and then we know. */
  const keep = async (): Promise<boolean> => (await redis.getex(key, 'PX', leaseMs)) === token
  const take = async (): Promise<boolean> => {
    if ((await redis.set(key, token, 'PX', leaseMs, 'NX')) === 'OK') return true
    // An answer that was lost may have given it to us.
    return (await redis.get(key)) === token && (await redis.pexpire(key, leaseMs)) === 1
  }
  return {
    token,
    async acquire() {
      const isKept = wasOurs && (await keep())
      return (wasOurs = isKept || (await take()))
    },
    async release() {
      wasOurs = false
      await redis.eval(RELEASE, 1, key, token)
    },
  }
}

export const createLease = ({ redis, clock }: Kernel, key: string, leaseMs: number): Lease => {
  const hold = createHold(redis, key, leaseMs)
  let until = 0
  return {
    async acquire() {
      const begun = clock.now()
      const isOurs = await hold.acquire()
      until = isOurs ? begun + (leaseMs * 2) / 3 : 0
      return isOurs
    },
    holds: () => clock.now() < until,
    async release() {
      until = 0
      await hold.release()
    },
  }
}
