// Newest first over many queues: a k-way merge of BullMQ's sorted sets, read in bounded slices.
import { formatAddress } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'

/** One sorted set. Members are job ids, or whole addresses where `queue` is null. */
export interface Source {
  readonly key: string
  readonly queue: string | null
  /** What a score is divided by to be epoch ms: 4096 for BullMQ's delayed set. */
  readonly scale?: number
}

/** A place in the merged order: time first, then address, both falling. */
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

/** The next `count` entries after a place, in one order for all sources that does not depend on the pages taken. */
export const newestOf = async (
  kernel: Kernel,
  sources: readonly Source[],
  count: number,
  after?: Place,
  range: Range = {},
): Promise<Place[]> => {
  const slices = await Promise.all(sources.map((source) => sliceOf(kernel, source, count, after, range)))
  return slices.flat().sort(byPlace).slice(0, count)
}

const byPlace = (a: Place, b: Place): number =>
  b.at - a.at || (a.address < b.address ? 1 : a.address > b.address ? -1 : 0)
const isAfter = (place: Place, after: Place | undefined): boolean => after === undefined || byPlace(after, place) < 0

/** Reads one set until it has `count` entries after the place and is past everything of the last entry's time, so that
 *  entries of one moment, which Redis orders otherwise, are all there. */
const sliceOf = async (
  kernel: Kernel,
  source: Source,
  count: number,
  after: Place | undefined,
  { from, before }: Range,
): Promise<Place[]> => {
  const scale = source.scale ?? 1
  const upper =
    after && (before === undefined || after.at < before)
      ? String(after.at * scale)
      : before === undefined
        ? '+inf'
        : `(${before * scale}`
  const lower = from === undefined ? '-inf' : String(from * scale)
  const places: Place[] = []
  for (let offset = 0; ; offset += count + 1) {
    const rows = await kernel.redis
      .zrevrangebyscore(source.key, upper, lower, 'WITHSCORES', 'LIMIT', offset, count + 1)
      .catch(emptyWhenForeign)
    for (let index = 0; index < rows.length; index += 2) {
      const place = placeOf(source, rows[index] ?? '', finite(rows[index + 1]) / scale)
      if (isAfter(place, after)) places.push(place)
    }
    if (rows.length < 2 * (count + 1)) return places
    const edge = places[count - 1]
    if (edge !== undefined && places.at(-1)?.at !== edge.at) return places
  }
}

/** Others can write anything where BullMQ keeps its sets; what is no set holds no jobs. */
export const emptyWhenForeign = (error: unknown): string[] => {
  if (error instanceof Error && error.message.startsWith('WRONGTYPE')) return []
  throw error
}

/** A score as a number that compares and survives JSON; Redis also keeps infinite ones. */
export const finite = (score = ''): number =>
  Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, Number(score.replace('inf', 'Infinity'))))

const placeOf = ({ queue }: Source, member: string, at: number): Place => ({
  at,
  address: queue === null ? member : formatAddress({ queue, id: member }),
})
