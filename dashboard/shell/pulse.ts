// The strip under the header as numbers: one bar a minute over the chosen range, with what is not known left blank.

export interface Minute {
  at: number
  ok: number
  failed: number
}
export interface PulseBar {
  /** Left edge and heights as shares of the strip, 0–1. */
  x: number
  width: number
  ok: number
  failed: number
}
export interface Pulse {
  bars: PulseBar[]
  /** Share of the strip, from the left, for which nothing was kept. */
  unknown: number
  ticks: { x: number; at: number }[]
  finished: number
  failed: number
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const BARS_MAX = 360
const TICKS_MAX = 4
/** Where labels end, so that the last does not touch "now". */
const TICK_END = 0.92
const STEPS = [5 * MINUTE, 15 * MINUTE, 2 * HOUR, 6 * HOUR]

const inRange = (minutes: readonly Minute[], from: number, to: number): Minute[] =>
  minutes.filter((minute) => minute.at + MINUTE > from && minute.at < to)

/** Joins minutes so that a day does not draw 1,440 bars. */
const joined = (minutes: readonly Minute[], each: number): Minute[] => {
  const groups = new Map<number, Minute>()
  for (const { at, ok, failed } of minutes) {
    const start = Math.floor(at / each) * each
    const group = groups.get(start) ?? { at: start, ok: 0, failed: 0 }
    groups.set(start, { at: start, ok: group.ok + ok, failed: group.failed + failed })
  }
  return [...groups.values()]
}

const ticksOf = (from: number, to: number): Pulse['ticks'] => {
  const step = STEPS.find((ms) => (to - from) / ms <= TICKS_MAX) ?? 6 * HOUR
  const first = Math.ceil(from / step) * step
  const times = Array.from({ length: TICKS_MAX + 1 }, (_, index) => first + index * step)
  return times.map((at) => ({ x: (at - from) / (to - from), at })).filter(({ x }) => x <= TICK_END)
}

/** Lays out the minutes known in `[to − range, to]`. */
export const pulseOf = (minutes: readonly Minute[], to: number, rangeMs: number): Pulse => {
  const from = to - rangeMs
  const known = inRange(minutes, from, to)
  const each = Math.max(MINUTE, Math.ceil(rangeMs / BARS_MAX / MINUTE) * MINUTE)
  const bars = joined(known, each)
  const highest = Math.max(1, ...bars.map((bar) => bar.ok + bar.failed))
  const width = each / rangeMs
  const oldest = known[0]?.at ?? to
  return {
    bars: bars.map((bar) => ({
      x: (bar.at - from) / rangeMs,
      width,
      ok: bar.ok / highest,
      failed: bar.failed / highest,
    })),
    unknown: Math.max(0, Math.min(1, (oldest - from) / rangeMs)),
    ticks: ticksOf(from, to),
    finished: known.reduce((sum, minute) => sum + minute.ok + minute.failed, 0),
    failed: known.reduce((sum, minute) => sum + minute.failed, 0),
  }
}

/** A window of time as it lies in the strip, which ends now; undefined when no part of it does. */
export const windowIn = (
  { from, to }: { from: number; to: number },
  now: number,
  rangeMs: number,
): { x: number; width: number } | undefined => {
  const [left, right] = [from, to].map((at) => Math.min(1, Math.max(0, 1 + (at - now) / rangeMs))) as [number, number]
  return right > left ? { x: left, width: right - left } : undefined
}

/** Something that happened, where it lies in the strip: a share of it from the left. */
export interface PulseMark {
  x: number
  at: number
  text: string
  severity: 'warning' | 'critical'
}

/** Marks nearer than this lie on each other: of these the critical one is shown, or else the newest. */
const MARK_GAP = 0.012

/** The marks within `[to − range, to]`. */
export const marksIn = (marks: readonly Omit<PulseMark, 'x'>[], to: number, rangeMs: number): PulseMark[] => {
  const shown: PulseMark[] = []
  for (const { at, text, severity } of marks) {
    const x = (at - (to - rangeMs)) / rangeMs
    if (x < 0 || x > 1) continue
    const last = shown.at(-1)
    if (last === undefined || x - last.x >= MARK_GAP) shown.push({ x, at, text, severity })
    else if (severity === 'critical' || last.severity !== 'critical')
      shown.splice(-1, 1, { x: last.x, at, text, severity })
  }
  return shown
}
