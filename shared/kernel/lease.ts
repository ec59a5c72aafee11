// A lease in Redis: of a whole fleet one holds it, and another takes over when that one ends or is cut off.
import { randomUUID } from 'node:crypto'
import type { Kernel } from './kernel.ts'

export interface Lease {
  /** Takes it, or keeps it when it is ours. False while another holds it. */
  acquire(): Promise<boolean>
  /** Whether it is surely ours still: not for the last third of its time, so that clocks and answers may be late. */
  holds(): boolean
  release(): Promise<void>
}

const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`

export const createLease = (kernel: Kernel, key: string, leaseMs: number): Lease => {
  const { redis, clock } = kernel
  const token = randomUUID()
  let until = 0
  const take = async (): Promise<boolean> => {
    if ((await redis.set(key, token, 'PX', leaseMs, 'NX')) === 'OK') return true
    if ((await redis.get(key)) !== token) return false
    return (await redis.pexpire(key, leaseMs)) === 1
  }
  return {
    async acquire() {
      const begun = clock.now()
      const isOurs = await take()
      until = isOurs ? begun + (leaseMs * 2) / 3 : 0
      return isOurs
    },
    holds: () => clock.now() < until,
    async release() {
      until = 0
      await redis.eval(RELEASE, 1, key, token)
    },
  }
}
