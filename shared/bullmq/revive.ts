// Another life for a job that ended, or another time for one that is delayed: one script on BullMQ's keys, so that it is
// never in two places or in none.
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import type { BullKeys } from './keys.ts'

export interface Revival {
  from: 'failed' | 'completed' | 'delayed'
  /** Only when it ended at this moment, in epoch ms; whenever it ended when absent. */
  finishedOn?: number | undefined
  /** A new payload as JSON text; the old one stays when absent. */
  data?: string | undefined
  /** Attempts, starts and stalls count from zero again; k1n keeps the sum of all lives in the hash. */
  resetAttempts: boolean
  delayMs: number
  /** Its next attempt is let through an open breaker (see `retries/force.ts`) and, unless delayed, runs before all others. */
  forced?: boolean | undefined
  /** Whoever asks again under the same mark is told `again`. */
  mark?: string | undefined
}

/** `again`: it was done under this mark before. `not_in_state`: it is not, or no longer, where it was said to be. `changed`: it ended at another time than asked for, so it was revived since. */
export type Revived = 'revived' | 'again' | 'missing' | 'not_in_state' | 'changed'

const answers: Record<number, Revived> = {
  1: 'revived',
  2: 'again',
  [-1]: 'missing',
  [-3]: 'not_in_state',
  [-4]: 'changed',
}
const outcomeOf = { failed: 'failedReason', completed: 'returnvalue', delayed: '' } as const
const reviveScript = script(new URL('./revive.lua', import.meta.url))

/** Puts a job back to its queue, at its priority and end of the line unless forced, respecting pause and limits. */
export const revive = async (
  kernel: Kernel,
  keys: BullKeys,
  { id }: Address,
  { from, finishedOn, data, resetAttempts, delayMs, forced = false, mark = '' }: Revival,
): Promise<Revived> => {
  const flags = { reset: resetAttempts ? 1 : 0, forced: forced ? 1 : 0 }
  const ended = [outcomeOf[from], finishedOn ?? '', data ?? '']
  const args = [id, from, ...ended, flags.reset, kernel.clock.now(), delayMs, flags.forced, mark]
  const answer = (await reviveScript(kernel.redis, reviveKeys(keys, id, from), args)) as number
  return answers[answer] ?? 'missing'
}

const exhumeScript = script(new URL('./exhume.lua', import.meta.url))

/** Takes a job out of the failed set, if it lies there since `finishedOn` (whenever when undefined), for one who removes
 *  it next: of all who want to give it another life, here or elsewhere, one is answered `true`. */
export const exhume = async (
  kernel: Kernel,
  keys: BullKeys,
  { id }: Address,
  finishedOn: number | undefined,
): Promise<boolean> => (await exhumeScript(kernel.redis, [keys.job(id), keys.failed], [id, finishedOn ?? ''])) === 1

const reviveKeys = (keys: BullKeys, id: string, from: Revival['from']): string[] => [
  keys.job(id),
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
