// The flags of Node that the workers' supervisor starts its processes with.
import { totalmem } from 'node:os'
import { nodeFlags } from '../shared/kernel/flags.ts'

/** MiB of each half of the space for young objects, where there is room: what is in flight when it is full is copied, and with
 *  16 of them that cost every job one or two µs more. Node 24 by itself takes up to 64. */
const YOUNG_MB = 32
/** V8 begins with halves of a MiB and lets them grow after what is young has been copied a few times: half of the most to begin with
 *  spares the recorder a tenth of its work. */
const YOUNG_FIRST = 0.5
/** V8 may hold so many such halves. */
const HALVES = 3
/** Below this a process does not start; also where all of them are more than there is. */
const OLD_LEAST_MB = 192

/** MiB of old space and of each half of the young one for each process: all together take three quarters of what there is,
 *  none more than a GiB of old space. A process that needs more ends with `out of memory` and is replaced, instead of taking
 *  the machine with it. */
const spacesMb = (processes: number, bytes: number): { old: number; young: number } => {
  const share = Math.floor((bytes * 0.75) / processes / 2 ** 20)
  const young = Math.max(4, Math.min(YOUNG_MB, Math.floor(share / 16)))
  return { young, old: Math.max(OLD_LEAST_MB, Math.min(1_024, share - HALVES * young)) }
}

/** For each of so many processes on a machine that has `bytes` of memory; this one unless given. */
export const workerFlags = (
  processes: number,
  bytes = Math.min(totalmem(), process.constrainedMemory() || Infinity),
): string[] => {
  const { old, young } = spacesMb(processes, bytes)
  const first = Math.floor(young * YOUNG_FIRST)
  const youngFlags = [`--max-semi-space-size=${young}`, `--min-semi-space-size=${first}`]
  return [...nodeFlags, `--max-old-space-size=${old}`, ...youngFlags]
}
