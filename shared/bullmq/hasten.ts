// Bringing delayed jobs forward: what they waited for has come.
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import type { BullKeys } from './keys.ts'
import { inSlices } from './slices.ts'

/** `again`: it was hastened under this mark before. `not_delayed`: it waits or runs already, is about to be delayed, or has ended. */
export type Hastened = 'waits' | 'again' | 'not_delayed' | 'missing'

const hastenScript = script(new URL('./hasten.lua', import.meta.url))
const answers: Readonly<Record<number, Hastened>> = { 1: 'waits', 2: 'again', 0: 'not_delayed', [-1]: 'missing' }

/** Makes delayed jobs of a queue wait for a worker now; answers in the order asked. */
export const hasten = (kernel: Kernel, keys: BullKeys, ids: readonly string[], mark = ''): Promise<Hastened[]> =>
  inSlices(ids, async (slice) => {
    const { prefix, wait, meta, delayed, active, events, marker, prioritized, priorityCounter } = keys
    const all = [prefix, wait, meta, delayed, active, events, marker, prioritized, priorityCounter]
    const codes = (await hastenScript(kernel.redis, all, [mark, ...slice])) as number[]
    return codes.map((code) => answers[code] ?? 'missing')
  })
