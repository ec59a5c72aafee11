// The same picture as rows: for the table behind it and for the file one can take along.
import { valueWords } from './words.ts'
import type { Picture } from './picture.ts'

export interface Row {
  bucket: number
  label: string
  /** One for each series. */
  cells: string[]
}

/** The newest first where buckets are times: that is what one looks for. Buckets of which nothing is known are left out. */
export const rowsOf = ({ axis, series }: Picture): Row[] => {
  const rows = axis.starts.flatMap((_, bucket): Row[] =>
    series.every(({ y }) => y[bucket] === null || y[bucket] === undefined)
      ? []
      : [{ bucket, label: axis.label(bucket), cells: series.map(({ y, unit }) => valueWords(y[bucket], unit)) }],
  )
  return axis.isTime ? rows.toReversed() : rows
}

/** The picture as CSV, RFC 4180: plain numbers, times in ISO, empty where nothing is known. */
export const csvOf = ({ axis, series }: Picture): string => {
  const head = [
    axis.isTime ? 'from' : axis.name,
    ...series.map(({ label, unit }) => (unit === 's' ? `${label} (s)` : label)),
  ]
  const rows = axis.starts.map((at, bucket) => [
    axis.isTime ? new Date(at).toISOString() : axis.label(bucket),
    ...series.map(({ y }) => y[bucket] ?? ''),
  ])
  return csvText([head, ...rows])
}

export const csvText = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')

/** Programs for tables take what begins so for a formula; titles of errors come from strangers. */
const FORMULA = /^[=+\-@\t\r]/

const cell = (value: string | number): string => {
  if (typeof value === 'number') return String(value)
  const safe = FORMULA.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
