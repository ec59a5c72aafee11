// Putting waiting jobs off: what they wait for is known not to come soon, so nobody need fetch them to find out.
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import type { BullKeys } from './keys.ts'
import { inSlices } from './slices.ts'

export interface PutOff {
  /** Epoch ms at which they come by themselves. */
  readonly until: number
  /** What they wait for: kept as the mark of one that a worker parked is, with how often each had started. */
  readonly mark: Readonly<Record<string, unknown>>
  /** Only those among so many that are fetched next. */
  readonly within: number
}

const putOffScript = script(new URL('./put-off.lua', import.meta.url))

/** Ids of those jobs that wait without a priority and are fetched next, the very next one last. */
export const readNext = (kernel: Kernel, { wait }: BullKeys, most: number): Promise<string[]> =>
  kernel.redis.lrange(wait, -most, -1)

/** Delays jobs that wait without a priority. Answers for each, in the order asked, whether it waited so near the front. */
export const putOff = (
  kernel: Kernel,
  { prefix, wait, delayed, events, marker }: BullKeys,
  ids: readonly string[],
  { until, mark, within }: PutOff,
): Promise<boolean[]> =>
  inSlices(ids, async (slice) => {
    const args = [kernel.clock.now(), Math.ceil(until), JSON.stringify(mark).slice(0, -1), within, ...slice]
    const codes = (await putOffScript(kernel.redis, [prefix, wait, delayed, events, marker], args)) as number[]
    return codes.map((code) => code === 1)
  })
