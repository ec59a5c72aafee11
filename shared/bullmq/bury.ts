// Dead letters that are put away: out of the failed set, back into it, or removed for good.
import type { Queue } from 'bullmq'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import type { BullKeys } from './keys.ts'
import type { Death } from './revive-many.ts'
import { inSlices } from './slices.ts'

/** `again`: it was buried under this mark before. */
export type Buried = 'buried' | 'again' | 'missing' | 'not_in_state' | 'changed'
export type Unburied = 'unburied' | 'missing' | 'not_in_state' | 'changed'
/** `cancelled`: erased, and it had been cancelled, so it was no dead letter. */
export type Erased = 'erased' | 'cancelled' | 'missing' | 'not_in_state' | 'changed'

const refusals = { [-1]: 'missing', [-3]: 'not_in_state', [-4]: 'changed' } as const
const buried: Record<number, Buried> = { ...refusals, 1: 'buried', 2: 'again' }
const unburied: Record<number, Unburied> = { ...refusals, 1: 'unburied' }
const erased: Record<number, Erased> = { ...refusals, 1: 'erased', 3: 'cancelled' }
const HAS_PARENT = -5

const buryScript = script(new URL('./bury.lua', import.meta.url))
const unburyScript = script(new URL('./unbury.lua', import.meta.url))
const eraseScript = script(new URL('./erase.lua', import.meta.url))

const argsOf = (deaths: readonly Death[]) => deaths.flatMap(({ id, diedAt }) => [id, diedAt])

/** Takes dead letters out of the failed set and marks their hashes, which stay. `mark` says who did it. */
export const bury = (kernel: Kernel, keys: BullKeys, deaths: readonly Death[], mark: string): Promise<Buried[]> =>
  inSlices(deaths, async (slice) => {
    const codes = await buryScript(kernel.redis, [keys.prefix, keys.failed], [mark, ...argsOf(slice)])
    return (codes as number[]).map((code) => buried[code] ?? 'missing')
  })

/** Puts buried ones back as they were. With a mark only those that were buried under it. */
export const unbury = (kernel: Kernel, keys: BullKeys, deaths: readonly Death[], mark = ''): Promise<Unburied[]> =>
  inSlices(deaths, async (slice) => {
    const codes = await unburyScript(kernel.redis, [keys.prefix, keys.failed], [mark, ...argsOf(slice)])
    return (codes as number[]).map((code) => unburied[code] ?? 'missing')
  })

/** Removes for good what was buried, or what lies in the failed set. */
export const erase = (
  kernel: Kernel,
  keys: BullKeys,
  queue: Queue,
  deaths: readonly Death[],
  from: 'buried' | 'failed',
): Promise<Erased[]> =>
  inSlices(deaths, async (slice) => {
    const places = [keys.prefix, keys.failed, keys.meta, keys.events]
    const codes = (await eraseScript(kernel.redis, places, [from, ...argsOf(slice)])) as number[]
    const answerOf = async (code: number, at: number): Promise<Erased> =>
      code === HAS_PARENT ? removeChild(queue, slice[at]) : (erased[code] ?? 'missing')
    return Promise.all(codes.map(answerOf))
  })

/** A parent that waits for this child goes on without it; only BullMQ's own script does all of that. */
const removeChild = async (queue: Queue, death: Death | undefined): Promise<Erased> =>
  (await queue.remove(death?.id ?? '', { removeChildren: false })) === 1 ? 'erased' : 'missing'
