// Leases as k1n ships them; a fault that stops whoever holds one is told which process that is.
import { appendFileSync } from 'node:fs'
import type { Kernel } from '../../../shared/kernel/kernel.ts'
import * as real from '../../../shared/kernel/lease.ts'

export { createHold } from '../../../shared/kernel/lease.ts'
export type { Hold, Lease } from '../../../shared/kernel/lease.ts'

const holders = process.env['K1N_TEST_LEASES']

export const createLease = (kernel: Kernel, key: string, leaseMs: number): real.Lease => {
  const lease = real.createLease(kernel, key, leaseMs)
  let wasOurs = false
  return {
    ...lease,
    async acquire() {
      const isOurs = await lease.acquire()
      if (isOurs && !wasOurs && holders !== undefined) appendFileSync(holders, `${key} ${process.pid}\n`)
      wasOurs = isOurs
      return isOurs
    },
  }
}
