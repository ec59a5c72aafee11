// Charts of one metric of the API: what all of them ask alike, and the time before that they are compared with.
import type { z } from 'zod'
import type { Timeseries, TimeseriesQuery } from '../../shared/metrics/contract.ts'
import type { Api, Asked } from './kind.ts'
import { restLook, type Series } from './picture.ts'
import { askedSpan, earlierSpan } from './scope.ts'

type Metric = z.output<typeof TimeseriesQuery>['metric']

export interface Told {
  now: Timeseries
  /** The same span earlier, when it was asked for. */
  before: Timeseries | undefined
}

/** Asks for a metric in a scope; what knows no queues is asked for all. */
export const loadMetric = async (
  api: Api,
  metric: Metric,
  { scope, now, signal }: Asked,
  { byQueue = true } = {},
): Promise<Told> => {
  const queue = byQueue && scope.queue !== undefined ? { queue: [scope.queue] } : {}
  const ask = (span: { from: string; to?: string }): Promise<Timeseries> =>
    api.metrics.timeseries({ query: { metric, ...queue, ...span }, signal })
  const [told, before] = await Promise.all([
    ask(askedSpan(scope, now)),
    scope.earlierMs === undefined ? undefined : ask(earlierSpan(scope, scope.earlierMs, now)),
  ])
  return { now: told, before }
}

const BEFORE_DASH = [1, 2]

/** The time before as one line: some of its columns added up, bucket on bucket. */
export const beforeLine = (
  { now, before }: Told,
  keys: readonly string[],
  as: 'curve' | 'line',
): Series | undefined => {
  const columns = before?.series.filter(({ key }) => keys.includes(key)) ?? []
  const [first] = columns
  if (!first) return undefined
  const y = now.x.map((_, bucket) => {
    const values = columns.map((column) => column.y[bucket] ?? null)
    return values.every((value) => value === null) ? null : values.reduce<number>((sum, value) => sum + (value ?? 0), 0)
  })
  return { key: 'before', label: 'Before', unit: first.unit, look: restLook, as, dash: BEFORE_DASH, y }
}

/** A share as one says it of a whole: how a total is beside the one before. */
export const besideWords = (now: number, before: number | undefined, words: string): string => {
  if (before === undefined) return ''
  if (before === 0) return now === 0 ? '' : ` None ${words}.`
  const percent = Math.round((now / before - 1) * 100)
  return percent === 0
    ? ` As many ${words}.`
    : ` ${Math.abs(percent)} % ${percent > 0 ? 'more' : 'fewer'} than ${words}.`
}
