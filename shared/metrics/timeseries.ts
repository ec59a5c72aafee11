// Series over time for charts: one frame of buckets for whatever is asked, with marks of what else happened then.
import type { z } from 'zod'
import type { Principal } from '../auth/contract.ts'
import { toIso } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { queuesKey, totalsKey } from './buckets.ts'
import type { Timeseries, TimeseriesQuery } from './contract.ts'
import { bucketsOf, frameOf, knownBetween, knownBuckets } from './frame.ts'
import type { Column, Frame } from './frame.ts'
import { createSlotHashes } from './minutes.ts'
import type { MinuteHashes } from './minutes.ts'
import { deliveriesKey, deliveryColumns } from './delivery-counts.ts'
import { backlogColumns, backlogKey, readSlots, slotColumns } from './levels.ts'
import { outcomeColumns, rateColumns } from './outcomes.ts'
import { retriesKey } from './retry-counts.ts'
import { wasteColumns } from './retry-waste.ts'
import { durationColumns, latencyColumns, spreadKey, waitColumns } from './spread.ts'
import { FINE_MS, HALF_HOUR_MS, MINUTE_MS, QUARTER_MS } from './slots.ts'
import type { WidthMs } from './slots.ts'
import { createSums, joined, wantedOf } from './sums.ts'
import type { Wanted } from './sums.ts'

type Query = z.output<typeof TimeseriesQuery>

/** What a metric of another room is asked for. */
export interface SeriesAsked {
  frame: Frame
  /** Whether anything is known of each bucket. */
  known: readonly boolean[]
  wanted: Wanted
  groupBy: Query['group_by']
  /** Whether words of errors may be told. */
  isOpen: boolean
}

export interface TimeseriesParts {
  dead: { series(asked: SeriesAsked): Promise<Column[]> }
  breakers: {
    timeline(query: {
      from: string
      to: string
    }): Promise<{ services: { service: string; pieces: { from: string; state: string }[] }[] }>
  }
}

const HOUR_MS = 3_600_000
/** Counted by the minute and wider only. */
const SPREAD: ReadonlySet<Query['metric']> = new Set(['latency', 'duration_hist', 'wait'])
const EVERYTHING: Wanted = { names: 'all', fits: () => true }
const MARKS_MAX = 50

export const createTimeseries = (kernel: Kernel, { dead, breakers }: TimeseriesParts) => {
  const retries = createSums(kernel, retriesKey)
  const counts = createSums(kernel, queuesKey)
  const spread = createSums(kernel, spreadKey)
  const deliveries = createSums(kernel, deliveriesKey)
  // The recorder writes the gauges of every slot it is there.
  const looksIn = (widthMs: number) => createSlotHashes(kernel, totalsKey, { widthMs, fields: ['waiting'] })
  const looks: Readonly<Record<WidthMs, MinuteHashes>> = {
    [FINE_MS]: looksIn(FINE_MS),
    [MINUTE_MS]: looksIn(MINUTE_MS),
    [HALF_HOUR_MS]: looksIn(HALF_HOUR_MS),
    [QUARTER_MS]: looksIn(QUARTER_MS),
  }

  const columnsOf = async (metric: Query['metric'], asked: SeriesAsked): Promise<Column[]> => {
    if (metric === 'dlq') return dead.series(asked)
    const { frame, known, wanted } = asked
    const buckets = bucketsOf(frame)
    switch (metric) {
      case 'outcomes':
        return outcomeColumns(known, await counts.byName(buckets, wanted))
      case 'success_rate':
        return rateColumns(known, await counts.byName(buckets, wanted))
      case 'latency':
        return latencyColumns(known, await spread.byName(buckets, wanted))
      case 'duration_hist':
        return durationColumns(known, await spread.byName(buckets, wanted))
      case 'wait':
        return waitColumns(joined(await spread.byName(buckets, wanted)))
      case 'backlog':
        return backlogColumns(frame, known, await readSlots(kernel, backlogKey, frame), wanted)
      case 'slots':
        return slotColumns(frame, await readSlots(kernel, totalsKey, frame))
      case 'webhook_deliveries':
        return deliveryColumns(known, await deliveries.byName(buckets, EVERYTHING))
      default:
        return wasteColumns(known, await retries.byName(buckets, wanted))
    }
  }
  const read = async (principal: Principal, query: Query): Promise<Timeseries> => {
    const now = kernel.clock.now()
    const span = spanOf(query, now)
    const frame = frameOf(span, now, SPREAD.has(query.metric) ? MINUTE_MS : FINE_MS)
    const isOpen = principal.scopes.includes('recovery:read')
    const looked = (await looks[frame.slotMs](frame.slots)).map((hash) => 'waiting' in hash)
    const known = knownBuckets(frame, knownBetween(looked, frame.slotMs))
    const wanted = wantedOf(principal, query.queue)
    const [columns, marks] = await Promise.all([
      columnsOf(query.metric, { frame, known, wanted, groupBy: query.group_by, isOpen }),
      isOpen ? marksIn(breakers, frame) : [],
    ])
    return {
      from: toIso(span.from),
      to: toIso(span.to),
      step_s: (query.metric === 'wait' ? frame.stepMs * Math.max(1, frame.x.length) : frame.stepMs) / 1_000,
      partial_last: frame.isPartial,
      x: query.metric === 'wait' ? frame.x.slice(0, 1) : [...frame.x],
      series: columns,
      marks,
      totals: Object.fromEntries(columns.filter(({ kind }) => kind === 'sum').map(({ key, y }) => [key, total(y)])),
      truncated: frame.isCut,
    }
  }
  return (principal: Principal, query: Query): Promise<Timeseries> => guardRedis(read(principal, query), 'read')
}

const spanOf = ({ from, to }: Query, now: number): { from: number; to: number } => {
  const end = to === undefined ? now : Date.parse(to)
  return { from: from === undefined ? end - HOUR_MS : Date.parse(from), to: end }
}

/** Breakers that opened within the frame, the newest where there are too many. */
const marksIn = async (
  breakers: TimeseriesParts['breakers'],
  { x, stepMs, now }: Frame,
): Promise<Timeseries['marks']> => {
  const [from] = x
  const last = x.at(-1)
  if (from === undefined || last === undefined) return []
  const { services } = await breakers.timeline({ from: toIso(from), to: toIso(Math.min(now, last + stepMs)) })
  return services
    .flatMap(({ service, pieces }) =>
      pieces
        .filter((piece) => (piece.state === 'open' || piece.state === 'forced_open') && Date.parse(piece.from) > from)
        .map((piece) => ({ at: Date.parse(piece.from), kind: 'breaker_opened' as const, text: service })),
    )
    .sort((a, b) => a.at - b.at)
    .slice(-MARKS_MAX)
}

const total = (y: readonly (number | null)[]): number =>
  Math.round(y.reduce<number>((sum, value) => sum + (value ?? 0), 0) * 1_000) / 1_000
