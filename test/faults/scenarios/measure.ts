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

/** A probe this close to a request, in ms, counts as asked beside it. */
const BESIDE_MS = 100

/** What each request took longer than `/livez`, which asks nobody, beside it. A machine that stands still for a moment holds up both. */
const beyondIdle = (stage: Stage, tried: readonly Tried[]): number[] => {
  const idle = stage.probes.of('/livez')
  return tried.map((request) => {
    const from = request.at - request.ms - BESIDE_MS
    const beside = idle.filter(({ at, ms }) => at <= request.at + BESIDE_MS && at + ms >= from)
    return request.ms - Math.max(0, ...beside.map(({ ms }) => ms))
  })
}

/** How the API refused writes that were asked for and answered between two moments, judged by what each took longer than
 *  the same API, asked beside it for something that needs no Redis: so a busy machine is no slow refusal. */
export const refusals = (stage: Stage, from: number, to: number, mostMs: number): Figure[] => {
  const tried = askedBetween(stage, from, to)
  const times = tried.map(({ ms }) => ms)
  return [
    { name: 'writes refused', value: times.length, unit: '', least: 5 },
    { name: 'refused within, p50', value: round(percentile(times, 0.5)), unit: 'ms' },
    { name: 'refused within, p95', value: round(percentile(times, 0.95)), unit: 'ms' },
    {
      name: 'p95 beyond /livez beside it',
      value: round(percentile(beyondIdle(stage, tried), 0.95)),
      unit: 'ms',
      most: mostMs,
    },
    { name: 'refused within, slowest', value: round(largest(times)), unit: 'ms' },
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
