// The flags of Node that the workers' supervisor starts its processes with.
import { totalmem } from 'node:os'
import { nodeFlags } from '../shared/kernel/flags.ts'

/** MiB of heap for each process: all together three quarters of what there is, none more than 1 GiB. A process that needs
 *  more ends with `out of memory` and is replaced, instead of taking the machine with it. */
const heapMb = (processes: number): number => {
  const bytes = Math.min(totalmem(), process.constrainedMemory() || Infinity)
  return Math.max(192, Math.min(1_024, Math.floor((bytes * 0.75) / processes / 2 ** 20)))
}

/** MiB of each half of the space for young objects: what is in flight when it is full is copied, so half of it costs half as
 *  much again, two µs for a job. Where Node decides it can be 64. */
const YOUNG_MB = 32

/** For each of so many processes on this machine. */
export const workerFlags = (processes: number): string[] => [
  ...nodeFlags,
  `--max-old-space-size=${heapMb(processes)}`,
  `--max-semi-space-size=${YOUNG_MB}`,
]
