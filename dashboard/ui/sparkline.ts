// The shape of a small line: points scaled into a box, gaps where nothing was measured.

export type Point = number | null

const finite = (values: readonly Point[]): number[] =>
  values.filter((value) => value !== null && Number.isFinite(value)) as number[]

/** An SVG path through the points in a box, the lowest at the bottom; flat series sit in the middle; null breaks the line. */
export const sparkPath = (values: readonly Point[], width: number, height: number): string => {
  const measured = finite(values)
  if (measured.length === 0) return ''
  const low = Math.min(...measured)
  const range = Math.max(...measured) - low
  const step = width / Math.max(1, values.length - 1)
  const y = (value: number): number => (range === 0 ? height / 2 : height - ((value - low) / range) * height)
  return values
    .map((value, index) => {
      if (value === null || !Number.isFinite(value)) return ''
      const previous = values[index - 1]
      const move = previous === undefined || previous === null ? 'M' : 'L'
      return `${move}${round(index * step)} ${round(y(value))}`
    })
    .join('')
}

const round = (value: number): number => Math.round(value * 10) / 10

/** Where the newest measured point is, or undefined when nothing was measured. */
export const sparkEnd = (
  values: readonly Point[],
  width: number,
  height: number,
): { x: number; y: number } | undefined => {
  const last = /([\d.]+) ([\d.]+)$/.exec(sparkPath(values, width, height))
  return last ? { x: Number(last[1]), y: Number(last[2]) } : undefined
}
