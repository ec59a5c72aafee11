// A breaker's whole state as one value: what Redis holds, what the policy decides over, what a process falls back to.
import type { BreakerConfig, BreakerState, ChangeReason } from './words.ts'

/** Time windows are counted in so many slots. */
export const SLOTS = 10

/** Number of the slot, calls, failures, slow calls. */
export type Slot = [number: number, calls: number, failures: number, slow: number]

export interface Circuit {
  state: BreakerState
  /** Grows with every change of any breaker and never goes back; 0 before the first. Results of another one do not count. */
  gen: number
  /** Times are epoch ms of Redis. When this state began; 0 for a breaker that never changed. */
  since: number
  /** `open`: may be probed from then on. Forced: ends then. 0: never. */
  ends: number
  /** When it last stopped letting calls through; 0 while it does. */
  opened: number
  /** Open periods since it was last closed. */
  opens: number
  reason: ChangeReason | ''
  /** Who set this state by hand and why. */
  actor: string
  note: string
  /** What was seen when this state began. */
  seen: [calls: number, failures: number, slow: number]
  /** The window's kind: ms of a slot, or minus the number of calls that are kept. */
  slot: number
  slots: Slot[]
  /** The last calls, oldest first, a digit each: 1 failed, 2 slow, 3 both. Empty for time windows. */
  ring: string
  /** Failures in a row. */
  run: number
  /** Probes that are out, with the end of their leases. */
  probes: Record<string, number>
  passed: number
  failed: number
  /** Calls that were refused, and times it opened by itself, since the breaker exists. */
  refused: number
  trips: number
}

/** Reads what the script wrote, this version's or an older one's. */
export const parseCircuit = (text: string): Circuit => ({ ...newCircuit(), ...(JSON.parse(text) as Circuit) })

export const emptySlots = (): Slot[] => Array.from({ length: SLOTS }, (): Slot => [0, 0, 0, 0])

/** What a window is counted in; see `Circuit.slot`. */
export const slotOf = ({ window: { type, size } }: BreakerConfig): number =>
  type === 'time' ? (size * 1_000) / SLOTS : -size

/** A breaker nothing has happened to. */
export const newCircuit = (): Circuit => ({
  state: 'closed',
  gen: 0,
  since: 0,
  ends: 0,
  opened: 0,
  opens: 0,
  reason: '',
  actor: '',
  note: '',
  seen: [0, 0, 0],
  slot: 0,
  slots: emptySlots(),
  ring: '',
  run: 0,
  probes: {},
  passed: 0,
  failed: 0,
  refused: 0,
  trips: 0,
})
