// What several faults measure in the same way.
import type { Figure } from '../fault.ts'
import type { Violation } from '../support/oracle.ts'
import { broken } from '../fault.ts'
import { inSeconds, largest, percentile, round } from '../support/figures.ts'
import type { Evidence, Execution } from '../support/evidence.ts'
import type { Stage } from '../support/stage.ts'
import type { Tried } from '../support/producers.ts'

/** Seconds from a moment to the first acceptance that was asked for after it. */
export const firstAckAfter = (stage: Stage, moment: number): number => {
  const first = stage.producers?.tried.find(({ at, ms, status }) => status === 201 && at - ms >= moment)
  return inSeconds((first?.at ?? Infinity) - moment)
}

/** Seconds from a moment to the first run of a handler after it. */
export const firstRunAfter = ({ executions }: Evidence, moment: number): number =>
  inSeconds(Math.min(...executions.map(({ startedAt }) => startedAt).filter((at) => at >= moment)) - moment)

/** Seconds from a moment until a handler ran in each of the processes. */
export const everyoneRunsAfter = ({ executions }: Evidence, pids: readonly number[], moment: number): number =>
  largest(
    pids.map((pid) => {
      const starts = executions.filter((run) => run.pid === pid && run.startedAt >= moment).map((run) => run.startedAt)
      return inSeconds(Math.min(...starts) - moment)
    }),
  )

/** Seconds from a moment until the listener was told of something that was recorded well after it. */
export const firstFactAfter = ({ listener }: Stage, moment: number): number => {
  const index = listener?.ids.findIndex((id) => Number(id.split('-')[0]) > moment + 500) ?? -1
  return inSeconds((listener?.arrivals[index] ?? Infinity) - moment)
}

const askedBetween = (stage: Stage, from: number, to: number): Tried[] =>
  (stage.producers?.tried ?? []).filter(({ at, ms }) => at - ms >= from && at <= to)

/** The 95th percentile in each second, and of those the middle one: a machine that stands still for a moment, which all
 *  that wait at that moment suffer from, is one slow second and not a slow API. */
const typicalP95 = (tried: readonly Tried[]): number => {
  const seconds = Map.groupBy(tried, ({ at }) => Math.floor(at / 1_000))
  const times = [...seconds.values()].map((second) => second.map(({ ms }) => ms))
  return percentile(
    times.map((ms) => percentile(ms, 0.95)),
    0.5,
  )
}

/** How the API refused writes that were asked for and answered between two moments, the slowest within the second a request
 *  may wait for Redis. A machine that is busy with other things answers everything later: what `/livez`, which asks nobody,
 *  took meanwhile is allowed on top. */
export const refusals = (stage: Stage, from: number, to: number, mostMs: number): Figure[] => {
  const idle = percentile(
    stage.probes.of('/livez', { from, to }).map(({ ms }) => ms),
    0.95,
  )
  const most = round(mostMs + idle)
  const tried = askedBetween(stage, from, to)
  const times = tried.map(({ ms }) => ms)
  return [
    { name: 'writes refused', value: times.length, unit: '', least: 5 },
    { name: 'refused within, p50', value: round(percentile(times, 0.5)), unit: 'ms' },
    { name: 'refused within, p95 of a typical second', value: round(typicalP95(tried)), unit: 'ms', most },
    { name: 'refused within, slowest', value: round(largest(times)), unit: 'ms', most: round(1_100 + idle) },
  ]
}

/** While Redis is away writes are answered 503 with a time to come back, and nothing else. */
export const refusalsAreHonest = (stage: Stage, from: number, to: number): Violation[] => {
  const odd = askedBetween(stage, from, to).filter(({ status, retryAfter }) => {
    const seconds = Number(retryAfter)
    return status !== 503 || retryAfter === null || seconds < 1 || seconds > 5
  })
  const [first] = odd
  return first
    ? [
        broken(
          `${odd.length} writes were not refused properly, the first with ${first.status} ${first.code ?? ''}, Retry-After ${first.retryAfter ?? 'absent'}`,
        ),
      ]
    : []
}

/** `/livez` is 200 whatever happens to Redis. */
export const staysAlive = (stage: Stage): Violation[] => {
  const probes = stage.probes.of('/livez')
  const dead = probes.filter(({ status }) => status !== 200)
  if (probes.length === 0) return [broken('/livez was never asked')]
  return dead.length > 0 ? [broken(`/livez answered ${dead[0]?.status ?? 0} ${dead.length} times`)] : []
}

/** `/readyz` follows Redis down and up. */
export const readiness = (stage: Stage, down: number, up: number): Figure[] => {
  const first = (status: number, from: number): number => {
    const probe = stage.probes.of('/readyz', { from }).find((one) => one.status === status)
    return inSeconds(probe === undefined ? Infinity : probe.at + probe.ms - from)
  }
  return [
    { name: '/readyz says 503 after', value: first(503, down), unit: 's', most: 2 },
    { name: '/readyz says 200 again after', value: first(200, up), unit: 's', most: 2 },
  ]
}

/** Times a job was started beyond its first time and its retries. */
export const secondRuns = ({ executions }: Evidence): Execution[] => {
  const byJob = Map.groupBy(executions, ({ id }) => id)
  return [...byJob.values()].flatMap((runs) =>
    runs
      .toSorted((one, other) => one.startedAt - other.startedAt)
      .slice(0, -1)
      .filter(({ how }) => how !== 'thrown'),
  )
}

/** Jobs in the failed set although nothing they did brought them there. */
export const wronglyFailed = ({ jobs }: Evidence, culprits: readonly string[] = []): Violation[] => {
  const failed = jobs.filter(({ id, places }) => places.includes('failed') && !culprits.includes(id))
  return failed
    .slice(0, 3)
    .map(({ id, failedReason }) => broken(`${id} is a dead letter without fault: ${failedReason ?? ''}`))
}
