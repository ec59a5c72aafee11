// The flags of Node that the workers' supervisor starts its processes with.
import { totalmem } from 'node:os'
import { nodeFlags } from '../shared/kernel/flags.ts'

/** MiB of heap for each process: all together three quarters of what there is, none more than 1 GiB. A process that needs
 *  more ends with `out of memory` and is replaced, instead of taking the machine with it. */
const heapMb = (processes: number): number => {
  const bytes = Math.min(totalmem(), process.constrainedMemory() || Infinity)
  return Math.max(192, Math.min(1_024, Math.floor((bytes * 0.75) / processes / 2 ** 20)))
}

/** MiB of each half of the space for young objects: with half of it more of what attempts are made of outlives a collection,
 *  which costs a worker a tenth of its CPU. Where Node decides, importing a large file took 90 MB more memory and no less time. */
const YOUNG_MB = 16

/** For each of so many processes on this machine. */
export const workerFlags = (processes: number): string[] => [
  ...nodeFlags,
  `--max-old-space-size=${heapMb(processes)}`,
  `--max-semi-space-size=${YOUNG_MB}`,
]
