// Slots that no job was made for, found among the newest runs of a time without reading what became of the others.
import type { Principal } from '../auth/contract.ts'
import type { Carrying } from './carry.ts'
import { scheduleKeys } from './keys.ts'
import { LOOK, placesOf, runFrom, seeing } from './read-runs.ts'
import type { Place } from './read-runs.ts'
import type { PassedOver } from './runs-contract.ts'

/** Runs looked through in one call for those who may see some of them only. */
const LOOK_FOR_SOME = 5_000
/** What the entry of such a slot has, and that of a run has not: it is written by `JSON.stringify`. */
const MARK = '"skipped":'

/** Slots from one time to another, in epoch ms, that were passed over for whatever reason. */
export const passedOver = async (
  room: Carrying,
  principal: Principal,
  { from, to }: { from: number; to: number },
): Promise<PassedOver> => {
  const { redis } = room.kernel
  const keys = scheduleKeys(room.kernel)
  const look = principal.queues.includes('*') ? LOOK : LOOK_FOR_SOME
  const [maySee, flat] = await Promise.all([
    seeing(room, principal),
    redis.zrevrangebyscore(keys.history, to, from, 'WITHSCORES', 'LIMIT', 0, look + 1),
  ])
  const places = placesOf(flat)
  const newest = places.slice(0, look)
  const complete = places.length <= look
  const seen = newest.map(({ member }) => member.split(' ') as [id: string, run: string]).filter(([id]) => maySee(id))
  const texts = await textsOf(room, seen)
  const runs = seen.flatMap(([id, run], n) => {
    const text = texts[n]
    return text?.includes(MARK) === true ? [runFrom(id, run, text, null, null)] : []
  })
  const skipped = runs.filter(({ status }) => status === 'skipped')
  return { runs: skipped, complete, from: complete ? from : Math.min(to, wholeFrom(places, look)) }
}

/** The first time of which all runs are among the newest so many: others may share that of the last. */
const wholeFrom = (places: readonly Place[], look: number): number => {
  const [oldest, next] = places.slice(look - 1)
  return (oldest?.at ?? 0) + (next?.at === oldest?.at ? 1 : 0)
}

/** The entries of runs, in their order: one command for a schedule. */
const textsOf = async (
  { kernel }: Carrying,
  runs: readonly [id: string, run: string][],
): Promise<(string | null)[]> => {
  const keys = scheduleKeys(kernel)
  const texts: (string | null)[] = []
  const pipeline = kernel.redis.pipeline()
  const bySchedule = [...Map.groupBy(runs.entries(), ([, [id]]) => id)]
  for (const [id, of] of bySchedule) pipeline.hmget(keys.runs(id), ...of.map(([, [, run]]) => run))
  const replies = (await pipeline.exec()) ?? []
  // Nothing found is told as nothing missed.
  for (const [error] of replies) if (error !== null) throw error
  for (const [n, [, of]] of bySchedule.entries()) {
    const told = (replies[n]?.[1] ?? []) as (string | null)[]
    for (const [m, [at]] of of.entries()) texts[at] = told[m] ?? null
  }
  return texts
}
