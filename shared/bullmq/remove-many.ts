// Many jobs of one queue that nobody runs, removed by one script call for some of them.
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import type { BullKeys } from './keys.ts'
import type { BullState } from './read.ts'
import { SLICE, inSlices, sliceInLine } from './slices.ts'

/** A job where it was found. */
export interface Standing {
  readonly id: string
  readonly state: Exclude<BullState, 'active' | 'missing'>
  /** When it ended, for one that must not have lived since then; whenever it did where it is undefined. */
  readonly endedAt?: number | undefined
}

/** `locked`: a worker holds it. `changed`: it ended at another time. `scheduled`: it is the next job of a scheduler. */
export type Removed = 'removed' | 'locked' | 'missing' | 'not_in_state' | 'changed' | 'scheduled'

const answers: Readonly<Record<number, Removed>> = {
  1: 'removed',
  0: 'locked',
  [-1]: 'missing',
  [-3]: 'not_in_state',
  [-4]: 'changed',
  [-8]: 'scheduled',
}
const removeScript = script(new URL('./remove-many.lua', import.meta.url))

/** Removes jobs from where they were found, and from nowhere else; children stay, and a parent no longer waits for them.
 *  Answers in the order asked. */
export const removeMany = async (kernel: Kernel, keys: BullKeys, jobs: readonly Standing[]): Promise<Removed[]> => {
  const isSoughtInLine = ({ state }: Standing): boolean => state === 'waiting' || state === 'unknown'
  const most = jobs.some(isSoughtInLine) ? await sliceInLine(kernel, keys) : SLICE
  // `bull:mail:` begins with what all queues' keys begin with.
  const all = keys.prefix.slice(0, keys.prefix.lastIndexOf(':', keys.prefix.length - 2) + 1)
  const remove = async (slice: readonly Standing[]): Promise<Removed[]> => {
    const args = slice.flatMap(({ id, state, endedAt }) => [id, state, endedAt ?? ''])
    const codes = (await removeScript(kernel.redis, keysOf(keys), [all, ...args])) as number[]
    return codes.map((code) => answers[code] ?? 'missing')
  }
  return inSlices(jobs, remove, most)
}

const keysOf = (keys: BullKeys): string[] => [
  keys.prefix,
  keys.schedulers,
  keys.meta,
  keys.events,
  keys.completed,
  keys.failed,
  keys.delayed,
  keys.prioritized,
  keys.waitingChildren,
  keys.wait,
  keys.legacyPaused,
  keys.active,
]
