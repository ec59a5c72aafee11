// Emptying and tidying whole queues, as kinds of operation: slice by slice, read off how the queue stands, so that it goes on
// after a crash where it was, and holds up Redis for milliseconds at a time.
import type { z } from 'zod'
import type { Bull, Place, Sweep } from '../bullmq/bullmq.ts'
import { PLACES } from '../bullmq/sweep.ts'
import { QueueName } from '../jobs/words.ts'
import { fact } from '../kernel/event.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Step, SteppingKind } from '../operations/kind.ts'
import { QueueCleaned, QueueDrained } from './contract.ts'
import { CleanRequest, DrainRequest } from './work-contract.ts'

export interface Sweeping {
  kernel: Kernel
  bull: Bull
}

export const DrainParams = DrainRequest.omit({ rate_per_s: true }).extend({ queue: QueueName })
export const CleanParams = CleanRequest.omit({ rate_per_s: true }).extend({ queue: QueueName })

/** Jobs that were made after it was asked for stay, so it ends although producers go on. */
export const queueDrain = ({ kernel, bull }: Sweeping): SteppingKind<'queue.drain', typeof DrainParams> => ({
  name: 'queue.drain',
  params: DrainParams,
  async *steps({ id, params, asker, createdAt }, most) {
    const { queue, include_delayed } = params
    const places: Place[] = ['wait', 'paused', 'prioritized', ...(include_delayed ? (['delayed'] as const) : [])]
    const terms = { mark: id, until: { is: 'made', at: createdAt } } as const
    const last = yield* sweepAll({ kernel, bull }, queue, places, terms, most)
    const task = { queue, actor: asker.name }
    yield { ...last, facts: [fact(QueueDrained, kernel.clock.now(), task)] }
  },
})

const PLACES_OF: Readonly<Record<z.output<typeof CleanParams>['state'], readonly Place[]>> = {
  completed: ['completed'],
  failed: ['failed'],
  waiting: ['wait', 'paused'],
  prioritized: ['prioritized'],
  delayed: ['delayed'],
}

/** The oldest go first. */
export const queueClean = ({ kernel, bull }: Sweeping): SteppingKind<'queue.clean', typeof CleanParams> => ({
  name: 'queue.clean',
  params: CleanParams,
  async *steps({ id, params, asker, createdAt }, most) {
    const { queue, state, older_than_ms, limit } = params
    const is = state === 'completed' || state === 'failed' ? 'ended' : 'made'
    const terms = { mark: id, limit, until: { is, at: createdAt - older_than_ms } } as const
    const last = yield* sweepAll({ kernel, bull }, queue, PLACES_OF[state], terms, most)
    const told = { queue, actor: asker.name, count: last.done }
    yield { ...last, facts: last.done > 0 ? [fact(QueueCleaned, kernel.clock.now(), told)] : [] }
  },
})

type Terms = Pick<Sweep, 'mark' | 'limit' | 'until' | 'hard'>

/** Goes through places until nothing there is to go any more; answers how it ended. */
export async function* sweepAll(
  room: Sweeping,
  queue: string,
  places: readonly Place[],
  terms: Terms,
  most: () => number,
): AsyncGenerator<Step, Step> {
  const { bull } = room
  const limit = terms.limit ?? Infinity
  const before = await bull.sweptBy(queue, terms.mark)
  const total = Math.min(limit, before + (await countAll(room, queue, places, terms)))
  let done = before
  yield { total, done }
  for (let again = true; again && done < limit;) {
    again = false
    for (const place of places) {
      // Places shift while workers take from them: where some were passed over, others may have been missed.
      const round = yield* sweepPlace(bull, queue, place, { ...terms, total }, most)
      again ||= round.removed > 0 && round.passed > 0
      done = round.done ?? done
      if (done >= limit) break
    }
  }
  return { total: done, done }
}

/** Jobs that one script looks at: Redis is held up for a few milliseconds. */
const SLICE = 125

interface Round {
  done: number | undefined
  removed: number
  passed: number
}

/** Once from the front of a place to its end. */
async function* sweepPlace(
  bull: Bull,
  queue: string,
  place: Place,
  { total, ...terms }: Terms & { total: number },
  most: () => number,
): AsyncGenerator<Step, Round> {
  const round: Round = { done: undefined, removed: 0, passed: 0 }
  for (;;) {
    const asked = Math.min(most(), SLICE)
    const swept = await bull.sweep(queue, { ...terms, place, most: asked, passed: round.passed })
    round.done = swept.total
    round.removed += swept.removed
    round.passed += swept.kept
    if (swept.looked === 0) return round
    yield { total, done: swept.total }
  }
}

/** How many there are; of those that ended, that ended in time. */
const countAll = async (
  { kernel, bull }: Sweeping,
  queue: string,
  places: readonly Place[],
  { until }: Terms,
): Promise<number> => {
  const { prefix } = bull.keys(queue)
  const counts = await Promise.all(
    places.map((place) => {
      const key = prefix + place
      if (PLACES[place] === 'list') return kernel.redis.llen(key)
      return until?.is === 'ended' ? kernel.redis.zcount(key, '-inf', until.at) : kernel.redis.zcard(key)
    }),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}
