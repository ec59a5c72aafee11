// Many runs at once, put where the recorder would put them: what a day of a busy fleet looks like, in seconds.
import { Redis } from 'ioredis'
import { SPAN_STATES } from '../../shared/timeline/contract.ts'
import { until } from '../support/stack.ts'
import type { Stack } from '../support/stack.ts'
import { furnish, openSite } from './browser.ts'
import type { Site } from './browser.ts'

/** Queues with how long their runs take, and how many of a hundred fail. */
const QUEUES = [
  { name: 'mail.send', ms: 400, failing: 3 },
  { name: 'billing.charge', ms: 900, failing: 1 },
  { name: 'media.encode', ms: 45_000, failing: 2 },
  { name: 'webhook.deliver', ms: 120, failing: 6 },
  { name: 'report.build', ms: 8_000, failing: 0 },
  { name: 'search.index', ms: 60, failing: 0 },
  { name: 'crm.sync', ms: 2_500, failing: 12 },
  { name: 'thumb.make', ms: 300, failing: 1 },
] as const
/** Queues that runs are put into. */
export const QUEUES_SEEDED = 25
const TOGETHER = 50
const GAP = '\u001f'
const END = '\u001e'

/** A number from 0 to 1 that is the same in every run of the tests. */
const chance = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

interface Span {
  at: number
  text: string
}

const spansOf = (queue: string, many: number, from: number, to: number, place: number): Span[] => {
  const kind = QUEUES[place % QUEUES.length] as (typeof QUEUES)[number]
  const random = chance(place + 1)
  return Array.from({ length: many }, (_, n) => {
    const start = Math.round(from + ((n + random()) / many) * (to - from))
    const run = Math.round(kind.ms * (0.3 + random() * 2))
    // An outage in the middle: most of what one queue does then fails.
    const isBad = place % QUEUES.length === 0 && start > from + (to - from) * 0.55 && start < from + (to - from) * 0.7
    const fails = random() * 100 < (isBad ? 70 : kind.failing)
    const state = SPAN_STATES.indexOf(!fails ? 'completed' : random() < 0.5 ? 'failed' : 'retrying')
    const words = [
      `t_${place}_${n}`,
      kind.name,
      `w_${n % 12}`,
      start,
      Math.round(random() * 900),
      run,
      state,
      Math.floor(random() * 4),
      1,
    ]
    return { at: start + run, text: [...words, SPAN_STATES[state] === 'retrying' ? 4_000 : 0].join(GAP) }
  })
}

/** Puts about so many runs of the last hour into the timeline, in 25 queues that are there too. */
export const seedSpans = async ({ redis: { url } }: Pick<Stack, 'redis'>, many: number): Promise<void> => {
  const redis = new Redis(url)
  const now = Date.now()
  try {
    for (let place = 0; place < QUEUES_SEEDED; place++) {
      const queue = `${QUEUES[place % QUEUES.length]?.name ?? ''}${place < QUEUES.length ? '' : `-${place}`}`
      await redis.hset(`bull:${queue}:meta`, 'opts.maxLenEvents', '10000', 'version', 'bullmq:6.7.0')
      const spans = spansOf(queue, Math.round(many / QUEUES_SEEDED), now - 3_600_000, now, place).filter(
        ({ at }) => at < now,
      )
      spans.sort((one, other) => one.at - other.at)
      const pipeline = redis.pipeline()
      for (let first = 0; first < spans.length; first += TOGETHER) {
        const some = spans.slice(first, first + TOGETHER)
        pipeline.xadd(
          `{k1n}:timeline:spans:${queue}`,
          `${some.at(-1)?.at ?? now}-*`,
          's',
          some.map(({ text }) => text).join(END),
        )
      }
      await pipeline.exec()
    }
  } finally {
    redis.disconnect()
  }
}

export const SPANS = 100_000
/** Nearly all that were put in: long runs still go on, and some grow too old for the window while the tests run. */
export const HOUR = SPANS * 0.9
export const QUARTER = HOUR / 4

/** A site with 100,000 runs of the last hour. */
export const openBusy = async (): Promise<Site> => {
  const site = await openSite()
  await furnish(site.stack)
  await seedSpans(site.stack, SPANS)
  // Queues that come from elsewhere are looked for every few seconds.
  await until(
    () => site.stack.client.queues.list(),
    ({ data }) => data.length >= QUEUES_SEEDED,
  )
  return site
}
