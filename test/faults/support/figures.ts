// Arithmetic of figures.

/** The value below which this share of all lies; NaN of none. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

export const largest = (values: readonly number[]): number => (values.length === 0 ? Number.NaN : Math.max(...values))

export const inSeconds = (ms: number): number => Math.round(ms / 10) / 100

export const round = (ms: number): number => Math.round(ms * 10) / 10
