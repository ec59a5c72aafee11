// Stretches of time that are counted as a whole: five seconds, minutes, half hours, quarters of a day. Any span is read as
// few of them.

export const FINE_MS = 5_000
export const MINUTE_MS = 60_000
export const HALF_HOUR_MS = 1_800_000
/** A quarter of a day. */
export const QUARTER_MS = 21_600_000
export type WidthMs = typeof FINE_MS | typeof MINUTE_MS | typeof HALF_HOUR_MS | typeof QUARTER_MS

/** The widest first; each is a whole number of the next. */
export const WIDTHS_MS: readonly WidthMs[] = [QUARTER_MS, HALF_HOUR_MS, MINUTE_MS, FINE_MS]

/** The stretch that begins `no` times its width after the beginning of 1970. */
export interface Slot {
  no: number
  widthMs: WidthMs
}

export const slotNo = (ms: number, widthMs: number): number => Math.floor(ms / widthMs)

/** Stretches in words of keys: minutes by their number, the others after their width. */
export const slotWords = (no: number, widthMs: number): (string | number)[] =>
  widthMs === MINUTE_MS ? [no] : [widthMs < MINUTE_MS ? `${widthMs / 1_000}s` : `${widthMs / MINUTE_MS}m`, no]

/** What is counted from one moment until another, both whole fives of seconds, in as few slots as there are. Nothing is counted
 *  ahead, so a span that ends now may end with a slot that still fills. */
export const slotsOf = (fromMs: number, toMs: number, nowMs: number): Slot[] => {
  const slots: Slot[] = []
  const end = toMs > nowMs ? Infinity : toMs
  for (let at = slotNo(fromMs, FINE_MS) * FINE_MS; at < Math.min(toMs, nowMs + 1);) {
    const widthMs = WIDTHS_MS.find((width) => at % width === 0 && at + width <= end) ?? FINE_MS
    slots.push({ no: at / widthMs, widthMs })
    at += widthMs
  }
  return slots
}
