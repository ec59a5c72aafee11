// Newest or oldest first over many sorted sets, such as the failed sets of all queues: a k-way merge of bounded slices.
import { formatAddress } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'

/** One sorted set, or a range of one. Members are job ids, or whole addresses where `queue` is null. */
export interface Source {
  readonly key: string
  readonly queue: string | null
  /** What a score is divided by to be epoch ms: 4096 for BullMQ's delayed set. */
  readonly scale?: number
  /** A range whose scores count time from here, and end before `end`. */
  readonly base?: number
  readonly end?: number
}

/** A place in the merged order: time first, then address. */
export interface Place {
  readonly at: number
  readonly address: string
}

export interface Range {
  /** Inclusive, epoch ms. */
  readonly from?: number | undefined
  /** Exclusive, epoch ms. */
  readonly before?: number | undefined
}

/** The place of an entry alone, for cursors. */
export const toPlace = ({ at, address }: Place): Place => ({ at, address })

/** An entry of the merged order, and which of the sources it came from. */
export interface Found extends Place {
  readonly source: Source
}

/** The next `count` entries after a place, in one order for all sources that does not depend on the pages taken. */
export const newestOf = (
  kernel: Kernel,
  sources: readonly Source[],
  count: number,
  after?: Place,
  range: Range = {},
): Promise<Found[]> => merge({ kernel, order: 'newest', after, range }, sources, count)

/** The same the other way round: the oldest first. */
export const oldestOf = (
  kernel: Kernel,
  sources: readonly Source[],
  count: number,
  after?: Place,
  range: Range = {},
): Promise<Found[]> => merge({ kernel, order: 'oldest', after, range }, sources, count)

interface Walk {
  kernel: Kernel
  order: 'newest' | 'oldest'
  after: Place | undefined
  range: Range
}

/** Negative when `a` comes first. */
const compare = ({ order }: Pick<Walk, 'order'>, a: Place, b: Place): number => {
  const newest = b.at - a.at || (a.address < b.address ? 1 : a.address > b.address ? -1 : 0)
  return order === 'newest' ? newest : -newest
}

interface Slice {
  readonly source: Source
  readonly asked: number
  readonly found: Found[]
  /** Everything up to this time is in it; undefined when all of the source is. */
  readonly until: number | undefined
}

/** So little is read of one source when there are many. */
const LEAST = 8

/** Reads little of each source, and more of those that could still hold one of the next `count`. */
const merge = async (walk: Walk, sources: readonly Source[], count: number): Promise<Found[]> => {
  const share = Math.min(count, Math.max(LEAST, Math.ceil((1.25 * count) / Math.max(1, sources.length))))
  let slices = await Promise.all(sources.map((source) => sliceOf(walk, source, share)))
  for (;;) {
    const sorted = slices.flatMap(({ found }) => found).sort((a, b) => compare(walk, a, b))
    const last = sorted[count - 1]
    const open = slices.filter(({ until }) => until !== undefined && !(last && isBehind(walk, until, last.at)))
    if (open.length === 0) return sorted.slice(0, count)
    const more = await Promise.all(open.map(({ source, asked }) => sliceOf(walk, source, Math.min(count, asked * 4))))
    const fresh = new Map(more.map((slice) => [slice.source, slice]))
    slices = slices.map((slice) => fresh.get(slice.source) ?? slice)
  }
}

/** Whether everything after `until` comes behind `at`. */
const isBehind = ({ order }: Walk, until: number, at: number): boolean =>
  order === 'newest' ? until <= at : until >= at

/** Reads one source until it has `count` entries after the place and is past everything of the last entry's time, so that
 *  entries of one moment, which Redis orders otherwise, are all there. */
const sliceOf = async (walk: Walk, source: Source, count: number): Promise<Slice> => {
  const { kernel, order, after } = walk
  const [least, most] = boundsOf(walk, source)
  const found: Found[] = []
  for (let offset = 0; ; offset += count + 1) {
    const rows = await (
      order === 'newest'
        ? kernel.redis.zrevrangebyscore(source.key, most, least, 'WITHSCORES', 'LIMIT', offset, count + 1)
        : kernel.redis.zrangebyscore(source.key, least, most, 'WITHSCORES', 'LIMIT', offset, count + 1)
    ).catch(emptyWhenForeign)
    for (let index = 0; index < rows.length; index += 2) {
      const place = placeOf(source, rows[index] ?? '', finite(rows[index + 1]))
      if (after === undefined || compare(walk, after, place) < 0) found.push(place)
    }
    if (rows.length < 2 * (count + 1)) return { source, asked: count, found, until: undefined }
    const edge = found[count - 1]
    if (edge !== undefined && found.at(-1)?.at !== edge.at) return { source, asked: count, found, until: edge.at }
  }
}

/** The scores to read between: the source's own ends, those of the range, and where the walk stands. */
const boundsOf = ({ order, after, range: { from, before } }: Walk, source: Source): [least: string, most: string] => {
  const { base = 0, scale = 1, end } = source
  const score = (at: number): number => base + at * scale
  const least = from === undefined ? (source.base === undefined ? '-inf' : String(base)) : String(score(from))
  const most = before === undefined ? (end === undefined ? '+inf' : `(${end}`) : `(${score(before)}`
  if (after === undefined) return [least, most]
  if (order === 'newest') return [least, before === undefined || after.at < before ? String(score(after.at)) : most]
  return [from === undefined || after.at >= from ? String(score(after.at)) : least, most]
}

/** Others can write anything where BullMQ keeps its sets; what is no set holds no jobs. */
export const emptyWhenForeign = (error: unknown): string[] => {
  if (error instanceof Error && error.message.startsWith('WRONGTYPE')) return []
  throw error
}

/** A score as a number that compares and survives JSON; Redis also keeps infinite ones. */
export const finite = (score = ''): number => {
  const number = Number(score)
  if (Number.isFinite(number)) return number
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, Number(score.replace('inf', 'Infinity'))))
}

const placeOf = (source: Source, member: string, score: number): Found => ({
  at: (score - (source.base ?? 0)) / (source.scale ?? 1),
  address: source.queue === null ? member : formatAddress({ queue: source.queue, id: member }),
  source,
})
