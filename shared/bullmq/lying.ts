// Which members of a failed set are dead letters, told by so little of each that a hundred thousand can be chosen.
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import type { BullKeys } from './keys.ts'
import { inSlices } from './slices.ts'

export interface Lying {
  /** Names of jobs that count; undefined for all. */
  names?: readonly string[] | undefined
  /** True when the ids do not come from the failed set itself, so may be no members of it. */
  isUnsure: boolean
}

const lyingScript = script(new URL('./lying.lua', import.meta.url))

/** The moment each died at, `unknown` where its hash does not tell; undefined for what lies there no more, was cancelled, or
 *  has another name. In the order asked. */
export const readLying = (
  kernel: Kernel,
  keys: BullKeys,
  ids: readonly string[],
  { names, isUnsure }: Lying,
): Promise<(number | 'unknown' | undefined)[]> =>
  inSlices(ids, async (slice) => {
    const args = [isUnsure ? 1 : 0, names === undefined ? '' : JSON.stringify(names), JSON.stringify(slice)]
    const moments = (await lyingScript(kernel.redis, [keys.prefix, keys.failed], args)) as number[]
    return moments.map((moment) => (moment > 0 ? moment : moment < 0 ? 'unknown' : undefined))
  })
