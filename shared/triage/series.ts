// Dead letters over time: what came, by cause where that is asked, what left, and how many lay there.
import type { Bull } from '../bullmq/bullmq.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { minuteOf } from '../metrics/buckets.ts'
import { sumsIn } from '../metrics/fields.ts'
import { bucketOf, bucketSums } from '../metrics/frame.ts'
import type { Column, Frame } from '../metrics/frame.ts'
import type { MinuteHashes } from '../metrics/minutes.ts'
import type { SeriesAsked } from '../metrics/timeseries.ts'
import type { Group } from './groups.ts'
import { entriesKey } from './keys.ts'
import { deathsOf } from './minutes.ts'
import { HOUR_MS, TREND_HOURS, trendOf } from './part.ts'
import type { Part } from './part.ts'
import type { Pictures } from './picture.ts'
import { NO_DEATH, rangeOf } from './place.ts'

/** Groups that are told apart, those that are looked at to find them, and the parts of these that are read. */
const TOLD = 5
const LOOKED_AT = 10
const PARTS_READ = 40

interface Parts {
  kernel: Kernel
  bull: Bull
  pictures: Pictures
  /** Figures of minutes by queue. */
  hashes: MinuteHashes
}

export const deadSeries =
  (parts: Parts) =>
  async (asked: SeriesAsked): Promise<Column[]> => {
    const { frame, known, wants } = asked
    const [flow, depth] = await Promise.all([readFlow(parts.hashes, frame, wants), depthOf(parts, wants)])
    const within = flow.slice(0, frame.minutes.length)
    const added = within.map((minute) => minute.added)
    const sums = (counts: readonly number[]): Column['y'] => bucketSums(frame, known, counts)
    const came =
      asked.groupBy === 'fingerprint' ? await byGroup(parts, asked, added) : [column('added', 'Came in', sums(added))]
    return [
      ...came,
      column('left', 'Resubmitted or discarded', sums(within.map((minute) => minute.left))),
      { ...column('open', 'Open', openAt(frame, known, flow, depth)), kind: 'level' },
    ]
  }

const column = (key: string, label: string, y: Column['y']): Column => ({ key, label, unit: 'jobs', kind: 'sum', y })

interface Flow {
  added: number
  left: number
}

/** What came and went in each minute, from the first of the frame until now. */
const readFlow = async (
  hashes: MinuteHashes,
  { minutes, now }: Frame,
  wants: (queue: string) => boolean,
): Promise<Flow[]> => {
  const [first] = minutes
  if (first === undefined) return []
  const read = await hashes(Array.from({ length: minuteOf(now) - first + 1 }, (_, index) => first + index))
  return read.map((hash) => {
    const sums = sumsIn(hash, wants)
    return { added: sums.get('failed') ?? 0, left: (sums.get('resubmitted') ?? 0) + (sums.get('discarded') ?? 0) }
  })
}

/** Dead letters that lie there now; cancelled jobs in the failed sets are none. */
const depthOf = async ({ kernel, bull }: Parts, wants: (queue: string) => boolean): Promise<number> => {
  const pipeline = kernel.redis.pipeline()
  for (const queue of (await bull.current()).filter(wants)) {
    pipeline.zcard(bull.keys(queue).failed)
    pipeline.zcount(entriesKey(kernel, queue), ...rangeOf(NO_DEATH))
  }
  const counts = ((await pipeline.exec()) ?? []).map(([error, count]) => (error ? 0 : Number(count)))
  return counts.reduce((sum, count, index) => sum + (index % 2 === 0 ? count : -count), 0)
}

/** How many lay there at the end of each bucket: what lies there now, less what came since, and what left. */
const openAt = (frame: Frame, known: readonly boolean[], flow: readonly Flow[], depth: number): Column['y'] => {
  const open = frame.x.map((): number | null => null)
  let level = depth
  for (let index = flow.length - 1; index >= 0; index--) {
    const minute = frame.minutes[index]
    const bucket = minute === undefined ? -1 : bucketOf(frame, minute)
    if (bucket >= 0 && known[index]) open[bucket] ??= Math.max(0, level)
    level += (flow[index]?.left ?? 0) - (flow[index]?.added ?? 0)
  }
  return open
}

/** The groups of which most came, each with its own series, and what came of all others. */
const byGroup = async (parts: Parts, asked: SeriesAsked, added: readonly number[]): Promise<Column[]> => {
  const { frame, known, wants, isOpen } = asked
  const groups = await likely(parts, frame, wants)
  const deaths = await deathsOf(parts.kernel, groups.flatMap((group) => group.parts), frame.minutes) // prettier-ignore
  const counted = groups
    .map(({ group, parts: read }, index) => {
      const before = groups.slice(0, index).reduce((sum, one) => sum + one.parts.length, 0)
      return { group, counts: added.map((_, minute) => sumAt(deaths.slice(before, before + read.length), minute)) }
    })
    .map((one) => ({ ...one, total: one.counts.reduce((sum, count) => sum + count, 0) }))
    .filter(({ total }) => total > 0)
    .sort((a, b) => b.total - a.total)
    .slice(0, TOLD)
  const others = added.map((count, minute) => Math.max(0, count - sumAt(counted.map(({ counts }) => counts), minute))) // prettier-ignore
  const sums = (counts: readonly number[]): Column['y'] => bucketSums(frame, known, counts)
  return [
    ...counted.map(({ group, counts }) => column(group.id, isOpen ? group.shown.title : group.id, sums(counts))),
    ...(others.some((count) => count > 0) ? [column('others', 'All others', sums(others))] : []),
  ]
}

const sumAt = (rows: readonly (readonly number[])[], at: number): number =>
  rows.reduce((sum, row) => sum + (row[at] ?? 0), 0)

interface Likely {
  group: Group
  /** Those of its parts that are read. */
  parts: Part[]
}

/** Groups that died most in the hours of the frame, with as many of their parts as may be read. */
const likely = async ({ pictures }: Parts, frame: Frame, wants: (queue: string) => boolean): Promise<Likely[]> => {
  const deaths = (part: Part): number => deathsIn(part, frame)
  const ranked = (await pictures.groups(wants))
    .map((group) => ({ group, deaths: group.parts.reduce((sum, part) => sum + deaths(part), 0) }))
    .filter((one) => one.deaths > 0)
    .sort((a, b) => b.deaths - a.deaths)
    .slice(0, LOOKED_AT)
  const each = Math.floor(PARTS_READ / Math.max(1, ranked.length))
  return ranked.map(({ group }) => ({
    group,
    parts: [...group.parts].sort((a, b) => deaths(b) - deaths(a)).slice(0, each),
  }))
}

/** How often a part died in the hours that a frame touches. */
const deathsIn = (part: Part, { minutes, now }: Frame): number => {
  const hourOf = (minute = 0): number => Math.floor((minute * 60_000) / HOUR_MS)
  const back = (hour: number): number => TREND_HOURS - 1 - (Math.floor(now / HOUR_MS) - hour)
  const from = Math.max(0, back(hourOf(minutes[0])))
  return trendOf(part, now)
    .slice(from, back(hourOf(minutes.at(-1))) + 1)
    .reduce((sum, count) => sum + count, 0)
}
