// The calls of the last hour in slots of six seconds, kept for what-ifs.
import { z } from 'zod'

export const HISTORY_SLOT_MS = 6_000
export const HISTORY_SLOTS = 600

/** Number of the slot, calls, failures, slow calls, refused ones, failures before the first success, after the last, most in
 *  a row, and how many calls each bucket of durations has (see `calls.ts`). */
const times = z.preprocess((value: unknown) => (Array.isArray(value) ? (value as unknown[]) : []), z.array(z.number()))
export const HistorySlot = z.tuple([
  z.number(),
  z.number(),
  z.number(),
  z.number(),
  z.number(),
  z.number(),
  z.number(),
  z.number(),
  times,
])
export type HistorySlot = z.output<typeof HistorySlot>
