// The recorder's own keys: who records, how far it has read, and the one script that moves both forward.
import { randomUUID } from 'node:crypto'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import { eventLogKey } from '../stream/log.ts'
import type { Ops } from './ops.ts'
import { pack } from './pack.ts'

const apply = script(new URL('./apply.lua', import.meta.url))
const release = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`

/** Thrown when another recorder has taken over; nothing of the page was written. */
export class LeaseLost extends Error {}

export interface RecorderStore {
  /** Takes the lease, or keeps it when it is ours. False while another recorder holds it. */
  acquire(): Promise<boolean>
  release(): Promise<void>
  /** How far each stream has been read: stream key → id. */
  cursors(): Promise<Map<string, string>>
  /** Carries out a page and moves the cursor of its stream, in one step, if the lease is still ours. */
  apply(ops: Ops, stream: string, cursor: string): Promise<void>
}

export const createRecorderStore = (kernel: Kernel, leaseMs: number): RecorderStore => {
  const token = randomUUID()
  const lease = kernel.key('recorder', 'lease')
  const cursors = kernel.key('recorder', 'cursors')
  return {
    async acquire() {
      if ((await kernel.redis.set(lease, token, 'PX', leaseMs, 'NX')) === 'OK') return true
      if ((await kernel.redis.get(lease)) !== token) return false
      return (await kernel.redis.pexpire(lease, leaseMs)) === 1
    },
    async release() {
      await kernel.redis.eval(release, 1, lease, token)
    },
    async cursors() {
      return new Map(Object.entries(await kernel.redis.hgetall(cursors)))
    },
    async apply(ops, stream, cursor) {
      ops.write('HSET', cursors, stream, cursor)
      const done = await apply(kernel.redis, [lease, eventLogKey(kernel)], [token, leaseMs, pack(ops.finish())])
      if (done !== 1) throw new LeaseLost('another recorder has taken over')
    },
  }
}
