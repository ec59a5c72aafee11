// From the columns the API tells to the parts of a picture.
import type { Timeseries } from '../../shared/metrics/contract.ts'
import { timeAxis, type Axis } from './axis.ts'
import type { Look, Mark, Series } from './picture.ts'
import type { Scope } from './scope.ts'

export const axisOf = ({ x, step_s, partial_last }: Timeseries, { zone }: Scope): Axis =>
  timeAxis({ x, stepMs: step_s * 1_000, isPartial: partial_last }, zone)

export const marksOf = ({ marks }: Timeseries): Mark[] => marks.map(({ at, text }) => ({ at, text: `breaker of ${text} opened` })) // prettier-ignore

/** A column as a series; undefined when the answer has none of that key. */
export const seriesOf = (
  { series }: Timeseries,
  key: string,
  look: Look,
  as: Series['as'],
  label?: string,
): Series | undefined => {
  const found = series.find((one) => one.key === key)
  return found && { key, label: label ?? found.label, unit: found.unit, look, as, y: found.y }
}

/** Whether a series was asked for and told. */
export const isTold = (series: Series | undefined): series is Series => series !== undefined

/** What a link says of a bucket: from its beginning to its end. */
export const spanOf = ({ starts, step }: Axis, bucket: number): { from: string; to: string } => {
  const from = starts[bucket] ?? 0
  return { from: new Date(from).toISOString(), to: new Date(from + step).toISOString() }
}
