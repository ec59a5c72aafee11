// Keys of deliveries in Redis; scripts build theirs from the same prefix.
import type { Kernel } from '../kernel/kernel.ts'

export interface DeliveryKeys {
  readonly prefix: string
  /** Endpoints whose lines are looked at, by when. */
  readonly looks: string
  /** Of one delivery, or of one endpoint: `d`, `state`, `line`, `of`, `open`, `lost`, `widths`, `forgotten`. */
  readonly key: (...parts: string[]) => string
}

export const deliveryKeys = (kernel: Kernel): DeliveryKeys => {
  const prefix = kernel.key('deliveries', '')
  return { prefix, looks: `${prefix}looks`, key: (...parts) => prefix + parts.join(':') }
}

/** Deliveries in one script call: Redis is held for a millisecond or two. */
export const CALL_MAX = 100
/** Who was taken from a line stands so far behind the others until it is awake: beyond every place in time, and exact beside it. */
export const BEHIND = 4e15
export const HOUR_MS = 3_600_000
