// Whether a job of an earlier slot has not ended, and telling it to end: asked only where the schedule minds.
import type { Bull } from '../bullmq/bullmq.ts'
import type { BullState } from '../bullmq/bullmq.ts'
import { formatAddress, parseAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import { EARLY_MS } from './carry-times.ts'
import type { ScheduleRecord } from './definition.ts'
import type { Standing } from './standing.ts'
import type { ScheduleState } from './state.ts'

/** Tells a job to end; what cannot be told, or has ended, is left alone. */
export type Cancel = (address: Address, reason: string) => Promise<void>

export interface Others {
  readonly isBusy: boolean
  readonly isAwaited: boolean
  /** What waited may be made now, as nothing runs any more. */
  readonly isFree: boolean
  cancel(): Promise<void>
}

interface Room {
  readonly bull: Bull
  readonly state: ScheduleState
  readonly cancel: Cancel
}

const over: ReadonlySet<BullState> = new Set(['completed', 'failed', 'missing', 'unknown'])

const nobody: Others = { isBusy: false, isAwaited: false, isFree: true, cancel: () => Promise.resolve() }

/** Who is beside the slots that are due. */
export const beside = async (
  room: Room,
  { id, definition: { overlap } }: ScheduleRecord,
  { open, now }: Standing,
  isDue: boolean,
): Promise<Others> => {
  const waits = open.some((claim) => claim.waits)
  if (!waits && (!isDue || overlap === 'allow')) return nobody
  const alive = await runningOf(room, id, now)
  const isFree = alive.length === 0 && open.every((claim) => claim.waits)
  return {
    isFree,
    // What waited starts in this step, and is in the way of what comes now.
    isBusy: !isFree || waits,
    isAwaited: waits && !isFree,
    async cancel() {
      for (const address of alive) await room.cancel(address, `The schedule ${id} starts its next job.`)
    },
  }
}

/** Jobs that may have begun when the slot comes and have not ended; those that have are not looked at again. */
const runningOf = async ({ bull, state }: Room, id: string, now: number): Promise<Address[]> => {
  const addresses = (await state.running(id, now + EARLY_MS)).flatMap((text) => parseAddress(text) ?? [])
  if (addresses.length === 0) return []
  const states = await bull.stateOf(addresses)
  const hasEnded = (_address: Address, index: number): boolean => over.has(states[index] ?? 'missing')
  await state.ended(id, addresses.filter(hasEnded).map(formatAddress))
  return addresses.filter((address, index) => !hasEnded(address, index))
}
