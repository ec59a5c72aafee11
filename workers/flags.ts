// The flags of Node that the workers' supervisor starts its processes with.
import { totalmem } from 'node:os'
import { nodeFlags } from '../shared/kernel/flags.ts'

/** MiB of each half of the space for young objects: what is in flight when it is full is copied, and with 16 of them that cost
 *  every job one or two µs more. Node 24 by itself takes up to 64. V8 may hold three such halves. */
const YOUNG_MB = 32
const HALVES = 3

/** MiB of old space for each process: all together, with their young, take three quarters of what there is, none more than a
 *  GiB. A process that needs more ends with `out of memory` and is replaced, instead of taking the machine with it. */
const heapMb = (processes: number, bytes: number): number => {
  const share = Math.floor((bytes * 0.75) / processes / 2 ** 20)
  return Math.max(192, Math.min(1_024, share - HALVES * YOUNG_MB))
}

/** For each of so many processes on a machine that has `bytes` of memory; this one unless given. */
export const workerFlags = (
  processes: number,
  bytes = Math.min(totalmem(), process.constrainedMemory() || Infinity),
): string[] => [...nodeFlags, `--max-old-space-size=${heapMb(processes, bytes)}`, `--max-semi-space-size=${YOUNG_MB}`]
