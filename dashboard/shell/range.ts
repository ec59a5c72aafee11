// The span of time every page looks at, as it stands in the link: `t=15m`, `1h` (the default), `6h`, `24h`.

export const ranges = [
  { value: '15m', label: '15 m', ms: 900_000 },
  { value: '1h', label: '1 h', ms: 3_600_000 },
  { value: '6h', label: '6 h', ms: 21_600_000 },
  { value: '24h', label: '24 h', ms: 86_400_000 },
] as const
export type RangeName = (typeof ranges)[number]['value']

export const DEFAULT_RANGE: RangeName = '1h'

/** The range a link names; one nobody knows is the default. */
export const rangeOf = (text: string | undefined): (typeof ranges)[number] =>
  ranges.find((range) => range.value === text) ?? ranges[1]
