// F27: Redis has room for one more megabyte, and nobody who makes room.
import { Redis } from 'ioredis'
import { broken, fault } from '../fault.ts'
import type { Evidence } from '../support/evidence.ts'
import { inSeconds, largest } from '../support/figures.ts'
import type { Violation } from '../support/oracle.ts'
import { createStage } from '../support/stage.ts'
import type { Stage } from '../support/stage.ts'
import { rest, until } from '../support/until.ts'
import { steady, workFor } from './load.ts'
import { firstAckAfter, refusals, refusalsAreHonest, secondRuns, staysAlive, wronglyFailed } from './measure.ts'

/** What lies in Redis beforehand, so that the last megabyte is less than a fifth of it. */
const BALLAST = 16 * 2 ** 20
const ROOM = 2 ** 20
const FULL_MS = 20_000
/** Requests are refused as soon as a process has seen it, which looks once a second. */
const SEEN_MS = 1_500
/** Jobs that wait when it happens. */
const BACKLOG = 100

const ask = async <Answer>(stage: Stage, what: (redis: Redis) => Promise<Answer>): Promise<Answer> => {
  const redis = new Redis(stage.redis.url)
  try {
    return await what(redis)
  } finally {
    redis.disconnect()
  }
}

const limitTo = (stage: Stage, most: (used: number) => number): Promise<unknown> =>
  ask(stage, async (redis) => {
    const used = Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1])
    return redis.config('SET', 'maxmemory', String(most(used)))
  })

const acceptedBefore = (evidence: Evidence, moment: number): string[] =>
  evidence.acks.flatMap((ack) => (ack.told === 'accepted' && ack.at < moment ? ack.id : []))

/** What was accepted before is done while nothing more fits. */
const notDrained = (stage: Stage, evidence: Evidence): Violation[] => {
  const ended = new Set(
    evidence.executions
      .filter(({ how, endedAt }) => how === 'done' && (endedAt ?? Infinity) < stage.at('room'))
      .map(({ id }) => id),
  )
  const left = acceptedBefore(evidence, stage.at('full')).filter((id) => !ended.has(id))
  return left.length > 0 ? [broken(`${left.length} jobs were not done in ${FULL_MS / 1_000} s without room`)] : []
}

/** Redis itself never had to refuse: k1n did before. */
const refusedByRedis = (stage: Stage): Violation[] => {
  const tried = stage.producers?.tried ?? []
  const late = tried.filter(({ status, code }) => status === 503 && code !== 'overloaded')
  return late.length > 0
    ? [broken(`${late.length} writes were refused as ${late[0]?.code ?? ''} by a Redis that was full`)]
    : []
}

/** The longest time between two ends of jobs while there was work to do. */
const longestPause = (stage: Stage, evidence: Evidence): number => {
  const [from, to] = [stage.at('full'), stage.at('room')]
  const waiting = new Set(acceptedBefore(evidence, from))
  const ends = evidence.executions
    .filter(({ id, how, endedAt = 0 }) => how === 'done' && waiting.has(id) && endedAt >= from && endedAt <= to)
    .map(({ endedAt = 0 }) => endedAt)
    .toSorted((a, b) => a - b)
  return inSeconds(largest(ends.map((at, n) => at - (ends[n - 1] ?? from))))
}

export const f27 = fault({
  id: 'F27',
  title: 'Redis is full but for 1 MB',
  lane: 'long',
  setup: (ground) => createStage(ground),
  async load(stage) {
    await ask(stage, (redis) => redis.setrange('ballast', BALLAST, 'k1n'))
    await stage.startLoad({ job: workFor(500, 1_500), perSecond: 60 })
    await steady(stage)
    stage.probes.watch('/livez', 50)
    const waiting = () => ask(stage, (redis) => redis.llen('bull:faults:wait'))
    await until('jobs wait', async () => (await waiting()) >= BACKLOG, 20_000, 200)
  },
  async inject(stage) {
    await limitTo(stage, (used) => used + ROOM)
    stage.mark('full')
    await rest(FULL_MS)
  },
  async heal(stage) {
    await limitTo(stage, () => 0)
    stage.mark('room')
    await rest(5_000)
  },
  oracle: (stage, evidence) => [
    ...staysAlive(stage),
    ...refusalsAreHonest(stage, stage.at('full') + SEEN_MS, stage.at('room')),
    ...refusedByRedis(stage),
    ...notDrained(stage, evidence),
    ...wronglyFailed(evidence),
  ],
  figures: (stage, evidence) => [
    ...refusals(stage, stage.at('full') + SEEN_MS, stage.at('room'), 50),
    { name: 'workers stood still for', value: longestPause(stage, evidence), unit: 's', most: 5 },
    { name: 'first acceptance after', value: firstAckAfter(stage, stage.at('room')), unit: 's', most: 2 },
    { name: 'jobs run twice', value: secondRuns(evidence).length, unit: '', most: 0 },
  ],
})
