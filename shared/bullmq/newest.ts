// Newest first over many sorted sets, such as the failed sets of all queues: a k-way merge of bounded slices.
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
): Promise<Found[]> => merge({ kernel, after, range }, sources, count)

interface Walk {
  kernel: Kernel
  after: Place | undefined
  range: Range
}

/** Negative when `a` comes first. */
const compare = (a: Place, b: Place): number =>
  b.at - a.at || (a.address < b.address ? 1 : a.address > b.address ? -1 : 0)

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
    const sorted = slices.flatMap(({ found }) => found).sort(compare)
    const last = sorted[count - 1]
    const open = slices.filter(({ until }) => until !== undefined && !(last && until <= last.at))
    if (open.length === 0) return sorted.slice(0, count)
    const more = await Promise.all(open.map(({ source, asked }) => sliceOf(walk, source, Math.min(count, asked * 4))))
    const fresh = new Map(more.map((slice) => [slice.source, slice]))
    slices = slices.map((slice) => fresh.get(slice.source) ?? slice)
  }
}

/** Reads one source until it has `count` entries after the place and is past everything of the last entry's time, so that
 *  entries of one moment, which Redis orders otherwise, are all there. */
const sliceOf = async (walk: Walk, source: Source, count: number): Promise<Slice> => {
  const { kernel, after } = walk
  const [least, most] = boundsAfter(walk, source)
  const found: Found[] = []
  for (let offset = 0; ; offset += count + 1) {
    const rows = await kernel.redis
      .zrevrangebyscore(source.key, most, least, 'WITHSCORES', 'LIMIT', offset, count + 1)
      .catch(emptyWhenForeign)
    for (let index = 0; index < rows.length; index += 2) {
      const place = placeOf(source, rows[index] ?? '', finite(rows[index + 1]))
      if (after === undefined || compare(after, place) < 0) found.push(place)
    }
    if (rows.length < 2 * (count + 1)) return { source, asked: count, found, until: undefined }
    const edge = found[count - 1]
    if (edge !== undefined && found.at(-1)?.at !== edge.at) return { source, asked: count, found, until: edge.at }
  }
}

/** The scores to read between: the source's own ends, or those of the range where they lie within. Beyond its ends lie the
 *  entries of others. */
export const boundsOf = ({ from, before }: Range, source: Source): [least: string, most: string] => {
  const { base = -Infinity, end = Infinity } = source
  const least = Math.max(base, from === undefined ? -Infinity : scoreOf(source, from))
  const most = Math.min(end, before === undefined ? Infinity : scoreOf(source, before))
  return [least === -Infinity ? '-inf' : String(least), most === Infinity ? '+inf' : `(${most}`]
}

const scoreOf = ({ base = 0, scale = 1 }: Source, at: number): number => base + at * scale

/** The same from where the walk stands. */
const boundsAfter = ({ after, range }: Walk, source: Source): [least: string, most: string] => {
  const [least, most] = boundsOf(range, source)
  const isWithin = after !== undefined && (range.before === undefined || after.at < range.before)
  // A place of another source may lie beyond the end of this one.
  const at = isWithin ? scoreOf(source, after.at) : Infinity
  return [least, at < (source.end ?? Infinity) ? String(at) : most]
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

/** The place of a member that has this score. */
export const placeOf = (source: Source, member: string, score: number): Found => ({
  at: (score - (source.base ?? 0)) / (source.scale ?? 1),
  address: source.queue === null ? member : formatAddress({ queue: source.queue, id: member }),
  source,
})
