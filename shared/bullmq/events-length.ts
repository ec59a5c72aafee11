// The length of a queue's event stream: what decides whether facts can be lost before they are read.
import type { Kernel } from '../kernel/kernel.ts'
import type { BullKeys } from './keys.ts'
import { EVENTS_MAX_LENGTH } from './settings.ts'

const FIELD = 'opts.maxLenEvents'

/** Writes the length into the queue's settings; any plain `new Queue(name)` elsewhere writes 10,000 back. */
export const raiseEventLength = async (kernel: Kernel, keys: BullKeys): Promise<void> => {
  await kernel.redis.hset(keys.meta, FIELD, EVENTS_MAX_LENGTH)
}

/** Answers the length in effect, raising it first when it is too short and the queue may be written to. */
export const assertEventLength = async (kernel: Kernel, keys: BullKeys, own: boolean): Promise<number> => {
  const stored = Number((await kernel.redis.hget(keys.meta, FIELD)) ?? 0)
  const length = Number.isFinite(stored) ? stored : 0
  if (length >= EVENTS_MAX_LENGTH || (!own && kernel.settings.K1N_ATTACH === 'observe')) return length
  await raiseEventLength(kernel, keys)
  return EVENTS_MAX_LENGTH
}
