// Figures of schedules in the last minutes: what they made, what came of it, and how late they were.
import type { z } from 'zod'
import type { Principal } from '../auth/contract.ts'
import { toIso } from '../kernel/clock.ts'
import { percentile } from '../metrics/buckets.ts'
import type { Carrying } from './carry.ts'
import { minuteOf, scheduleKeys } from './keys.ts'
import type { SchedulerMetrics, scheduleRuns as rows } from './runs-contract.ts'
import { visible } from './visible.ts'
import { windowOf } from './window.ts'

export type MetricsQuery = z.output<(typeof rows.metrics)['query']>

const NEXT = 10

export const figures = async (room: Carrying, principal: Principal, query: MetricsQuery): Promise<SchedulerMetrics> => {
  const now = room.kernel.clock.now()
  const minutes = Number.parseInt(query.window, 10) * (query.window.endsWith('h') ? 60 : 1)
  const [records, next, sums] = await Promise.all([room.catalogue.look(), room.state.next(), readSums(room, minutes)])
  const seen = [...records.values()].filter((record) => visible(room, principal, record) !== undefined)
  const resting = seen.filter((record) => windowOf(record, now).rests)
  const soonest = seen.flatMap(({ id, definition }) => ({ id, name: definition.name, at: next.get(id) ?? Infinity }))
  const listed = soonest.filter(({ at }) => at < Infinity).sort((a, b) => a.at - b.at)
  return {
    ...{ window_s: minutes * 60, active: seen.length - resting.length, paused: resting.length },
    ...{ triggered: sums.count('triggered'), executed: sums.count('completed') + sums.count('failed') },
    ...{ failed: sums.count('failed'), cancelled: sums.count('cancelled') },
    ...{ skipped: sums.count('skipped'), misfired: sums.count('misfired'), lag_ms: sums.lag },
    next_runs: listed.slice(0, NEXT).map(({ id, name, at }) => ({ schedule_id: id, name, at: toIso(at) })),
  }
}

/** Of the running minute and those before it. */
const readSums = async ({ kernel }: Carrying, minutes: number) => {
  const keys = scheduleKeys(kernel)
  const last = minuteOf(kernel.clock.now())
  const pipeline = kernel.redis.pipeline()
  for (let n = 0; n < minutes; n++) pipeline.hgetall(keys.minute(last - n))
  const replies = (await pipeline.exec()) ?? []
  const counts = new Map<string, number>()
  const steps = new Map<number, number>()
  let max: number | null = null
  for (const [name, value] of replies.flatMap(([, hash]) => Object.entries((hash ?? {}) as Record<string, string>))) {
    const step = /^late:(\d+)$/.exec(name)?.[1]
    if (name === 'late_max') max = Math.max(max ?? 0, Number(value))
    else if (step === undefined) counts.set(name, (counts.get(name) ?? 0) + Number(value))
    else steps.set(Number(step), (steps.get(Number(step)) ?? 0) + Number(value))
  }
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((part) => percentile(steps, part))
  const within = (value: number | null | undefined): number | null =>
    value == null ? null : Math.round(Math.min(value, max ?? value))
  return {
    count: (name: string): number => counts.get(name) ?? 0,
    lag: { p50: within(p50), p95: within(p95), p99: within(p99), max },
  }
}
