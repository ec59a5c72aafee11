// The span of time every page looks at, as it stands in the link: `t=15m`, `1h`, `6h`, `24h`.

export const ranges = [
  { value: '15m', label: '15 m', ms: 900_000 },
  { value: '1h', label: '1 h', ms: 3_600_000 },
  { value: '6h', label: '6 h', ms: 21_600_000 },
  { value: '24h', label: '24 h', ms: 86_400_000 },
] as const
export type Range = (typeof ranges)[number]
export type RangeName = Range['value']

const [SHORT, USUAL, , LONGEST] = ranges

/** The range a link names; one nobody knows is the one that counts without a link. */
export const rangeOf = (text: string | undefined, fallback: Range = USUAL): Range =>
  ranges.find((range) => range.value === text) ?? fallback

/** Two moments, in ms. */
export interface Moments {
  from: number
  to: number
}

const momentOf = (text: string | undefined): number => (text === undefined ? Number.NaN : Date.parse(text))

/** The moments a link is frozen to; undefined for one that stays live. */
export const frozenOf = (param: (name: string) => string | undefined): Moments | undefined => {
  const [from, to] = [momentOf(param('from')), momentOf(param('to'))]
  return from < to ? { from, to } : undefined
}

/** The shortest range, no shorter than `least`, that reaches from now back to a moment; the longest when none does. */
export const rangeSince = (at: number, now: number, least: Range): Range =>
  ranges.find(({ ms }) => ms >= least.ms && now - ms <= at) ?? LONGEST

/** How long ago the first job finished that is still counted, in ms; undefined when none did. */
export const ageOf = (
  minutes: readonly { at: number; ok: number; failed: number }[],
  now: number,
): number | undefined => {
  const first = minutes.find(({ ok, failed }) => ok + failed > 0)
  return first && now - first.at
}

/** The range without a link: an hour, but a quarter of one where there is little room or nothing older to see. */
export const usualRange = (ageMs: number | undefined, isNarrow: boolean): Range =>
  isNarrow || ageMs === undefined || ageMs < SHORT.ms ? SHORT : USUAL
