// F35: what wakes schedules is damaged: BullMQ's job schedulers and their next jobs, and what k1n keeps beside the records.
import type { Redis } from 'ioredis'
import { fault } from '../fault.ts'
import { largest } from '../support/figures.ts'
import { makeSchedule } from '../support/schedules.ts'
import type { Schedule } from '../support/schedules.ts'
import { createStage } from '../support/stage.ts'
import { rest, until } from '../support/until.ts'
import { steady, workFor } from './load.ts'
import { wronglyFailed } from './measure.ts'
import { closeBooks, extentOfSlots, firesAgain, slotsAreKept } from './slots.ts'
import type { Book } from './slots.ts'

const HOUR_MS = 3_600_000
const TICKS = 'bull:k1n-schedules'

/** What is done to a schedule, by its name; each is done to one of its own. */
type Harm = (redis: Redis, id: string) => Promise<unknown>

const own = (part: string, id = ''): string => `{k1n}:schedules:${part}${id === '' ? '' : `:${id}`}`

/** The time of the job that BullMQ's scheduler has made last. */
const tickOf = async (redis: Redis, id: string): Promise<string> =>
  `repeat:${id}:${(await redis.zscore(`${TICKS}:repeat`, id)) ?? ''}`

const loseTick: Harm = async (redis, id) => {
  const tick = await tickOf(redis, id)
  await redis.multi().del(`${TICKS}:${tick}`).zrem(`${TICKS}:delayed`, tick).exec()
}
const loseScheduler: Harm = (redis, id) => redis.multi().del(`${TICKS}:repeat:${id}`).zrem(`${TICKS}:repeat`, id).exec()
const loseNext: Harm = (redis, id) => redis.multi().zrem(own('next'), id).zrem(own('due'), id).exec()
const mistakeNext: Harm = (redis, id) => {
  const later = Date.now() + HOUR_MS
  return redis
    .multi()
    .zadd(own('next'), later, id)
    .zadd(own('due'), later, id)
    .hset(own('state', id), 'next', later)
    .exec()
}

const harms: Record<string, Harm> = {
  nothing: () => Promise.resolve(),
  'tick-lost': loseTick,
  'tick-without-hash': async (redis, id) => redis.del(`${TICKS}:${await tickOf(redis, id)}`),
  'scheduler-lost': loseScheduler,
  'scheduler-and-tick-lost': async (redis, id) => [await loseTick(redis, id), await loseScheduler(redis, id)],
  'scheduler-without-hash': (redis, id) => redis.del(`${TICKS}:repeat:${id}`),
  'scheduler-an-hour-late': (redis, id) => redis.zadd(`${TICKS}:repeat`, Date.now() + HOUR_MS, id),
  'scheduler-with-other-times': (redis, id) =>
    redis.hset(`${TICKS}:repeat:${id}`, { every: HOUR_MS, pattern: '0 0 1 1 *' }),
  'next-lost': loseNext,
  'next-an-hour-late': mistakeNext,
  'next-an-hour-late-and-tick-lost': async (redis, id) => [await mistakeNext(redis, id), await loseTick(redis, id)],
  'state-lost': (redis, id) => redis.del(own('state', id)),
  'version-lost': (redis, id) => redis.hdel(own('heard'), id),
  'all-but-record-lost': async (redis, id) => [
    await loseTick(redis, id),
    await loseScheduler(redis, id),
    await loseNext(redis, id),
    await redis.multi().del(own('state', id), own('open', id), own('running', id)).hdel(own('heard'), id).exec(),
  ],
  'claim-torn': (redis, id) => redis.hset(own('open', id), '1', '{"torn'),
}

/** Longer than the reconciler rests between two looks, so that it meets what is damaged before the next slot does. */
const EVERY_MS = 20_000
/** They are judged for so long after the damage. */
const AFTER_MS = 2 * EVERY_MS + 10_000

export const f35 = fault({
  id: 'F35',
  title: 'what wakes schedules is lost or wrong, at every place where it is kept',
  lane: 'long',
  setup: async (ground) =>
    Object.assign(await createStage(ground, { workers: 2 }), { schedules: [] as Schedule[], books: [] as Book[] }),
  async load(stage) {
    await stage.startLoad({ job: workFor(20, 100), perSecond: 10 })
    for (const [n, id] of Object.keys(harms).entries())
      stage.schedules.push(
        await makeSchedule(stage, {
          id,
          everyMs: EVERY_MS,
          offsetMs: n * 1_000,
          as: n % 2 === 0 ? 'interval' : 'cron',
          // Nothing but the schedule's own word keeps their slots from coming twice.
          more: { job_options: { remove_on_complete: true } },
        }),
      )
    await steady(stage)
    const { redis } = stage.census
    const haveFired = async (): Promise<boolean> => {
      const last = await Promise.all(stage.schedules.map(({ id }) => redis.hget(own('state', id), 'last_run')))
      return last.every((run) => run !== null)
    }
    await until('every schedule has fired', haveFired, EVERY_MS + 10_000, 200)
  },
  async inject(stage) {
    stage.mark('damaged')
    for (const [id, harm] of Object.entries(harms)) await harm(stage.census.redis, id)
    await rest(AFTER_MS)
  },
  async heal(stage) {
    stage.books = await closeBooks(stage, stage.schedules)
  },
  oracle: (stage, evidence) => [...slotsAreKept(evidence, stage.books), ...wronglyFailed(evidence)],
  figures(stage, evidence) {
    const again = stage.books.map((book) => firesAgain(evidence, book, stage.at('damaged')))
    return [
      ...extentOfSlots(evidence, stage.books, { least: 30, passedMost: 0 }),
      { name: 'longest until a damaged one fires again', value: largest(again), unit: 's', most: 30 },
    ]
  },
})
