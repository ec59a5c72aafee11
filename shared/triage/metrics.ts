// Figures of the inbox: how deep it is, how old, and what came and went within a window.
import type { z } from 'zod'
import type { Principal } from '../auth/contract.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import { finite } from '../bullmq/newest.ts'
import { scoresOf } from '../bullmq/scores.ts'
import { toIso } from '../kernel/clock.ts'
import { existing } from '../kernel/existing.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { queuesKey } from '../metrics/buckets.ts'
import { createSums, wantedOf } from '../metrics/sums.ts'
import { agesByState } from './ages.ts'
import type { AgesByState } from './ages.ts'
import { readAllBuilt } from './built.ts'
import type { Built } from './built.ts'
import type { DlqMetrics, triage as rows } from './contract.ts'
import { readFlows, still } from './flow.ts'
import type { Flows } from './flow.ts'
import type { Group } from './groups.ts'
import { entriesKey } from './keys.ts'
import { NO_DEATH, facetOf, rangeOf } from './place.ts'
import type { Pictures } from './picture.ts'

export type MetricsQuery = z.output<typeof rows.metrics.query>

const HOUR_S = 3_600
/** Ends of the buckets of ages, in seconds. */
const AGES = [HOUR_S, 6 * HOUR_S, 24 * HOUR_S, 7 * 24 * HOUR_S]

export interface Figures {
  metrics(principal: Principal, query: MetricsQuery): Promise<DlqMetrics>
}

export const createFigures = (kernel: Kernel, bull: Bull, pictures: Pictures): Figures => {
  const sums = createSums(kernel, queuesKey)
  return {
    async metrics(principal, query) {
      const queues = await queuesOf(bull, principal, query)
      const wanted = new Set(queues)
      const minutes = windowMinutes(query.window)
      const [flow, inbox, causes, built] = await Promise.all([
        readFlows(sums, wantedOf(principal, query.queue), kernel.clock.now(), minutes),
        lookIntoAll(kernel, bull, queues),
        causesOf(kernel, pictures, wanted),
        readAllBuilt(kernel),
      ])
      return join(minutes, flow, inbox, causes, built)
    },
  }
}

const queuesOf = async (bull: Bull, principal: Principal, { queue }: MetricsQuery): Promise<string[]> =>
  (await bull.current()).filter((name) => allowsQueue(principal, name) && (queue?.includes(name) ?? true))

const windowMinutes = (text: string): number => Number.parseInt(text, 10) * (text.endsWith('h') ? 60 : 1)

/** What lies in one queue now. */
interface Inbox {
  queue: string
  depth: number
  oldestAgeS: number | null
  /** How many are as old as each bucket says, the youngest first. */
  ages: number[]
}

/** Most queues have no failed set at all. */
const lookIntoAll = async (kernel: Kernel, bull: Bull, queues: readonly string[]): Promise<Inbox[]> => {
  const failed = (queue: string): string => bull.keys(queue).failed
  const there = await existing(kernel.redis, queues.map(failed))
  const look = async (queue: string): Promise<Inbox> =>
    there.has(failed(queue)) ? lookInto(kernel, bull, queue) : nothingIn(queue)
  return Promise.all(queues.map(look))
}

const nothingIn = (queue: string): Inbox => ({
  queue,
  depth: 0,
  oldestAgeS: null,
  ages: Array.from({ length: AGES.length + 1 }, () => 0),
})

const lookInto = async (kernel: Kernel, bull: Bull, queue: string): Promise<Inbox> => {
  const now = kernel.clock.now()
  const { failed } = bull.keys(queue)
  const ends = [Infinity, ...AGES.map((age) => now - age * 1_000), 0]
  const pipeline = kernel.redis.pipeline()
  for (let bucket = 0; bucket <= AGES.length; bucket++) {
    const [before = 0, from = 0] = [ends[bucket], ends[bucket + 1]]
    const [most, least] = [before === Infinity ? '+inf' : `(${before}`, from === 0 ? '-inf' : String(from)]
    pipeline.zcount(failed, least, most)
    pipeline.zcount(entriesKey(kernel, queue), ...rangeOf(NO_DEATH, from, before))
  }
  const counts = ((await pipeline.exec()) ?? []).map(([error, count]) => (error ? 0 : Number(count)))
  const ages = Array.from({ length: AGES.length + 1 }, (_, bucket) =>
    Math.max(0, (counts[2 * bucket] ?? 0) - (counts[2 * bucket + 1] ?? 0)),
  )
  const depth = ages.reduce((sum, count) => sum + count, 0)
  const oldest = depth === 0 ? undefined : await oldestOf(kernel, failed, queue)
  return { queue, depth, ages, oldestAgeS: oldest === undefined ? null : Math.max(0, (now - oldest) / 1_000) }
}

/** Cancelled jobs that are looked past. */
const PAST = 100
const oldestOf = async (kernel: Kernel, failed: string, queue: string): Promise<number | undefined> => {
  const rows = await kernel.redis.zrange(failed, 0, PAST - 1, 'WITHSCORES')
  const ids = rows.filter((_, place) => place % 2 === 0)
  const places = await scoresOf(kernel, entriesKey(kernel, queue), ids)
  const found = ids.findIndex((_, index) => {
    const score = places[index]
    return score === undefined || facetOf(score) !== NO_DEATH
  })
  const score = rows[2 * found + 1]
  return score === undefined ? undefined : finite(score)
}

/** What the index tells of the causes of what lies there. */
interface Causes {
  reasons: DlqMetrics['by_reason']
  ages: AgesByState
}

const causesOf = async (kernel: Kernel, pictures: Pictures, queues: ReadonlySet<string>): Promise<Causes> => {
  const groups = await pictures.groups((queue) => queues.has(queue))
  const now = kernel.clock.now()
  const ends = AGES.map((age) => now - age * 1_000)
  return { reasons: reasonsOf(groups), ages: await agesByState(kernel, groups, ends) }
}

const reasonsOf = (groups: readonly Group[]): DlqMetrics['by_reason'] => {
  const depths = new Map<DlqMetrics['by_reason'][number]['reason'], number>()
  for (const { facets } of groups.flatMap(({ parts }) => parts))
    for (const { reason, open } of facets) depths.set(reason, (depths.get(reason) ?? 0) + open)
  return [...depths].map(([reason, depth]) => ({ reason, depth })).sort((a, b) => b.depth - a.depth)
}

const total = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((sum, item) => sum + of(item), 0)

const join = (
  minutes: number,
  { steps, queues }: Flows,
  inbox: readonly Inbox[],
  causes: Causes,
  built: ReadonlyMap<string, Built>,
): DlqMetrics => {
  const oldest = inbox.flatMap(({ oldestAgeS }) => oldestAgeS ?? [])
  const indexes = inbox.filter(({ depth }) => depth > 0).map(({ queue, depth }) => ({ depth, built: built.get(queue) }))
  return {
    window_s: minutes * 60,
    depth: total(inbox, ({ depth }) => depth),
    added: total(steps, ({ added }) => added),
    resubmitted: total(steps, ({ resubmitted }) => resubmitted),
    discarded: total(steps, ({ discarded }) => discarded),
    oldest_age_s: oldest.length === 0 ? null : Math.max(...oldest),
    by_queue: inbox
      .filter(({ queue, depth }) => depth > 0 || queues.has(queue))
      .map(({ queue, depth, oldestAgeS }) => {
        return { queue, depth, ...(queues.get(queue) ?? still), oldest_age_s: oldestAgeS }
      }),
    by_reason: causes.reasons,
    age: [...AGES, null].map((to_s, bucket) => ({
      from_s: AGES[bucket - 1] ?? 0,
      to_s,
      count: total(inbox, ({ ages }) => ages[bucket] ?? 0),
      by_state: inAge(causes.ages, bucket),
    })),
    trend: steps.map(({ at, added, resubmitted, discarded }) => ({
      at: toIso(at),
      added,
      left: resubmitted + discarded,
    })),
    index: {
      usable: indexes.every((index) => index.built?.usable === true),
      done: total(indexes, (index) => (index.built?.usable ? index.depth : (index.built?.done ?? 0))),
      total: total(indexes, ({ depth }) => depth),
    },
  }
}

const inAge = (ages: AgesByState, bucket: number): DlqMetrics['age'][number]['by_state'] => ({
  new: ages.new[bucket] ?? 0,
  ongoing: ages.ongoing[bucket] ?? 0,
  ignored: ages.ignored[bucket] ?? 0,
  resolved: ages.resolved[bucket] ?? 0,
  regressed: ages.regressed[bucket] ?? 0,
})
