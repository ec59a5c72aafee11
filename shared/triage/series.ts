// Dead letters over time: what came, by cause where that is asked, what left, and how many lay there.
import type { Bull } from '../bullmq/bullmq.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { queuesKey } from '../metrics/buckets.ts'
import { bucketOf, bucketsOf, endOf, told } from '../metrics/frame.ts'
import type { Column, Frame } from '../metrics/frame.ts'
import { slotsOf } from '../metrics/slots.ts'
import { createSums, joined } from '../metrics/sums.ts'
import type { SlotSums, Sums, Wanted } from '../metrics/sums.ts'
import type { SeriesAsked } from '../metrics/timeseries.ts'
import type { Group } from './groups.ts'
import { entriesKey } from './keys.ts'
import { createCauses, deathsOf } from './deaths.ts'
import { partField } from './part.ts'
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
  /** Deaths by part in about the time of a frame. */
  causes: (frame: Frame) => Promise<Sums>
}

export const createDeadSeries = (rooms: Omit<Parts, 'causes'>): ((asked: SeriesAsked) => Promise<Column[]>) => {
  const sums = createSums(rooms.kernel, queuesKey)
  const parts = { ...rooms, causes: createCauses(rooms.kernel) }
  return async (asked) => {
    const { frame, known, wanted } = asked
    const [{ within, since }, depth] = await Promise.all([readFlow(sums, frame, wanted), depthOf(parts, wanted.fits)])
    const added = within.map((bucket) => bucket.added)
    const came =
      asked.groupBy === 'fingerprint'
        ? await byGroup(parts, asked, added)
        : [column('added', 'Came in', told(known, added))]
    const left = within.map((bucket) => bucket.left)
    const open = openAt(known, within, depth - since.added + since.left)
    return [
      ...came,
      column('left', 'Resubmitted or discarded', told(known, left)),
      { ...column('open', 'Open', open), kind: 'level' },
    ]
  }
}

const column = (key: string, label: string, y: Column['y']): Column => ({ key, label, unit: 'jobs', kind: 'sum', y })

interface Flow {
  added: number
  left: number
}

/** What came and went in each bucket, and from the end of the frame until now. */
const readFlow = async (sums: SlotSums, frame: Frame, wanted: Wanted): Promise<{ within: Flow[]; since: Flow }> => {
  const later = slotsOf(endOf(frame), frame.now + 1, frame.now)
  const [within, since] = await Promise.all([
    sums.byName(bucketsOf(frame), wanted),
    sums.byName(later.map((slot) => [slot]), wanted), // prettier-ignore
  ])
  return { within: within.map(flowOf), since: flowOf(joined(since)) }
}

const flowOf = (sums: Sums): Flow => ({
  added: sums.get('failed') ?? 0,
  left: (sums.get('resubmitted') ?? 0) + (sums.get('discarded') ?? 0),
})

const total = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((sum, item) => sum + of(item), 0)

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

/** How many lay there at the end of each bucket: what lies there in the end, less what came since, and what left. */
const openAt = (known: readonly boolean[], flow: readonly Flow[], end: number): Column['y'] => {
  let level = end
  return flow
    .toReversed()
    .map(({ added, left }, index) => {
      const here = Math.max(0, level)
      level += left - added
      return known[flow.length - 1 - index] === true ? here : null
    })
    .toReversed()
}

/** The groups of which most came, each with its own series, and what came of all others. */
const byGroup = async (parts: Parts, asked: SeriesAsked, added: readonly number[]): Promise<Column[]> => {
  const { frame, known, wanted, isOpen } = asked
  const groups = await likely(parts, frame, wanted.fits)
  const deaths = await deathsOf(
    parts.kernel,
    groups.flatMap((group) => group.parts),
    frame,
  )
  const counted = groups
    .map(({ group, parts: read }, index) => {
      const before = total(groups.slice(0, index), (one) => one.parts.length)
      return { group, counts: intoBuckets(frame, deaths.slice(before, before + read.length)) }
    })
    .map((one) => ({ ...one, all: total(one.counts, (count) => count) }))
    .filter(({ all }) => all > 0)
    .sort((a, b) => b.all - a.all)
    .slice(0, TOLD)
  const others = added.map((count, bucket) => Math.max(0, count - sumAt(counted.map(({ counts }) => counts), bucket))) // prettier-ignore
  return [
    ...counted.map(({ group, counts }) => column(group.id, isOpen ? group.shown.title : group.id, told(known, counts))),
    ...(others.some((count) => count > 0) ? [column('others', 'All others', told(known, others))] : []),
  ]
}

/** Deaths of some parts by slot, as deaths of all of them by bucket. */
const intoBuckets = (frame: Frame, deaths: readonly (readonly number[])[]): number[] => {
  const counts = frame.x.map(() => 0)
  for (const [index, no] of frame.slots.entries()) {
    const bucket = bucketOf(frame, no)
    counts[bucket] = (counts[bucket] ?? 0) + sumAt(deaths, index)
  }
  return counts
}

const sumAt = (rows: readonly (readonly number[])[], at: number): number =>
  rows.reduce((sum, row) => sum + (row[at] ?? 0), 0)

interface Likely {
  group: Group
  /** Those of its parts that are read. */
  parts: Part[]
}

/** Groups that died most in the frame, with as many of their parts as may be read. */
const likely = async (
  { pictures, causes }: Parts,
  frame: Frame,
  wants: (queue: string) => boolean,
): Promise<Likely[]> => {
  const [groups, counted] = await Promise.all([pictures.groups(wants), causes(frame)])
  const deaths = (part: Part): number => counted.get(partField(part)) ?? 0
  const ranked = groups
    .map((group) => ({ group, deaths: total(group.parts, deaths) }))
    .filter((one) => one.deaths > 0)
    .sort((a, b) => b.deaths - a.deaths)
    .slice(0, LOOKED_AT)
  const each = Math.floor(PARTS_READ / Math.max(1, ranked.length))
  return ranked.map(({ group }) => ({
    group,
    parts: [...group.parts].sort((a, b) => deaths(b) - deaths(a)).slice(0, each),
  }))
}
