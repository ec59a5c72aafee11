// The calls of the last hour in slots of six seconds, kept for what-ifs.
import type { Tally } from './calls.ts'

export const HISTORY_SLOT_MS = 6_000
export const HISTORY_SLOTS = 600

export interface HistorySlot {
  /** Its number since 1970. */
  readonly n: number
  readonly tally: Tally
  readonly refused: number
  /** How many calls each bucket of durations has; see `calls.ts`. */
  readonly durations: ReadonlyMap<number, number>
}

/** Reads what the script keeps of a slot: sums, `|`, and pairs of bucket and calls. */
export const parseSlot = (text: string): HistorySlot => {
  const [head = '', tail = ''] = text.split('|')
  const [n = 0, calls = 0, failures = 0, slow = 0, lead = 0, trail = 0, worst = 0, refused = 0] = head
    .split(',')
    .map(Number)
  const pairs = tail.split(';').filter((pair) => pair !== '')
  const durations = new Map(pairs.map((pair) => pair.split('=').map(Number) as [number, number]))
  return { n, tally: { calls, failures, slow, lead, trail, worst }, refused, durations }
}
