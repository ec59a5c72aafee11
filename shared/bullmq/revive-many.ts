// Another life for many dead letters of one queue: slices of them by one script call each.
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import type { BullKeys } from './keys.ts'
import { inSlices } from './slices.ts'

/** A member of a failed set, and the moment it died at: a later death of the same job is another one. */
export interface Death {
  readonly id: string
  readonly diedAt: number
}

export interface ManyRevival {
  /** Whoever asks again under the same mark is told `again`: nothing is revived twice by one who crashed in between. */
  mark: string
  resetAttempts: boolean
  delayMs: number
  /** Where they lie; `failed` unless given. */
  from?: 'failed' | 'completed'
}

/** `again`: it was revived under this mark before. `changed`: it died at another time. */
export type RevivedOne = 'revived' | 'again' | 'missing' | 'not_in_state' | 'changed'

const answers: Record<number, RevivedOne> = {
  1: 'revived',
  2: 'again',
  [-1]: 'missing',
  [-3]: 'not_in_state',
  [-4]: 'changed',
}
const reviveScript = script(new URL('./revive-many.lua', import.meta.url))

/** Puts dead letters back to their queue, each as `revive` would; answers in the order asked. `data` is a new payload as
 *  JSON text; the old one stays when absent. */
export const reviveMany = (
  kernel: Kernel,
  keys: BullKeys,
  deaths: readonly (Death & { data?: string | undefined })[],
  { mark, resetAttempts, delayMs, from = 'failed' }: ManyRevival,
): Promise<RevivedOne[]> =>
  inSlices(deaths, async (slice) => {
    const head = [mark, resetAttempts ? 1 : 0, kernel.clock.now(), delayMs]
    const codes = (await reviveScript(kernel.redis, keysOf(keys, from), [...head, ...listsOf(slice), from])) as number[]
    return codes.map((code) => answers[code] ?? 'missing')
  })

/** Ids, moments and payloads, each as one text: hundreds of arguments cost both sides more than JSON does. */
const listsOf = (deaths: readonly (Death & { data?: string | undefined })[]): string[] => {
  const isPatched = deaths.some(({ data }) => data !== undefined)
  return [
    JSON.stringify(deaths.map(({ id }) => id)),
    JSON.stringify(deaths.map(({ diedAt }) => diedAt)),
    isPatched ? JSON.stringify(deaths.map(({ data = '' }) => data)) : '',
  ]
}

const keysOf = (keys: BullKeys, from: 'failed' | 'completed'): string[] => [
  keys.prefix,
  keys[from],
  keys.wait,
  keys.meta,
  keys.active,
  keys.marker,
  keys.prioritized,
  keys.priorityCounter,
  keys.events,
  keys.delayed,
]
