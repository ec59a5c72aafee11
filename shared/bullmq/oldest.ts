// Oldest first over many sorted sets, such as the failed sets of all queues: one walk that goes on, page after page.
import type { Kernel } from '../kernel/kernel.ts'
import { boundsOf, emptyWhenForeign, finite, placeOf } from './newest.ts'
import type { Found, Range, Source } from './newest.ts'

/** Entries given at once, and the most that are read of one set at once. */
const PAGE = 500
/** Entries given at once where few are wanted. */
const PAGE_LEAST = 50
/** How many pages are so short: whoever works ahead has begun two more when it is given the first. */
const SHORT = 3
/** Entries of all sets held together; where there are very many sets, the least of each. */
const HELD = 50_000
const LEAST = 8

/** Walks the sets from their oldest entries on, merged by time. Pages are full but for the last one: the first three are of as
 *  many as are wanted, those behind them longer and longer. Entries that come or go meanwhile move nothing: each other one is
 *  given once. */
export async function* oldestFirst(
  kernel: Kernel,
  sources: readonly Source[],
  range: Range = {},
  wanted = PAGE,
): AsyncGenerator<Found[], undefined> {
  let size = Math.max(PAGE_LEAST, Math.min(PAGE, wanted))
  const sizes = { first: share(1.25 * size, sources), most: share(HELD, sources) }
  const sides = sources.map((source) => createSide(pagesOf(kernel, source, range, sizes)))
  let page: Found[] = []
  for (let given = 0; ;) {
    await Promise.all(sides.map((side) => side.fill()))
    const until = sides.reduce((least, side) => Math.min(least, side.until()), Infinity)
    page = page.concat(sides.flatMap((side) => side.take(until)).sort((a, b) => a.at - b.at))
    while (page.length >= size) {
      yield page.splice(0, size)
      if (++given >= SHORT) size = Math.min(PAGE, 4 * size)
    }
    if (until === Infinity) break
  }
  if (page.length > 0) yield page
  return undefined
}

const share = (count: number, { length }: readonly Source[]): number =>
  Math.max(LEAST, Math.min(PAGE, Math.ceil(count / Math.max(1, length))))

/** One of the sets that are merged. */
interface Side {
  /** Reads on where all that was read is taken. */
  fill(): Promise<void>
  /** The time up to which all of the set is at hand; Infinity at its end. */
  until(): number
  /** Takes what is not younger than this. */
  take(until: number): Found[]
}

const createSide = (pages: AsyncIterator<Found[]>): Side => {
  let held: Found[] = []
  let at = 0
  let isEnd = false
  return {
    async fill() {
      if (at < held.length || isEnd) return
      const { value, done } = (await pages.next()) as IteratorResult<Found[], undefined>
      ;[held, at, isEnd] = [value ?? [], 0, done === true]
    },
    until: () => held.at(-1)?.at ?? Infinity,
    take(until) {
      const from = at
      while (at < held.length && (held[at] as Found).at <= until) at++
      return held.slice(from, at)
    },
  }
}

interface Row {
  readonly member: string
  readonly score: string
}

/** Rows that were read from a score on, so many of that score before the first of them. */
interface Rows {
  readonly score: string
  readonly before: number
  readonly rows: readonly Row[]
  /** Whether there are no more. */
  readonly isAll: boolean
}

type Read = (score: string, before: number) => Promise<Rows>

/** One set, page after page, in Redis's own order: by score, and within a score by the bytes of the members. */
async function* pagesOf(
  kernel: Kernel,
  source: Source,
  range: Range,
  sizes: { first: number; most: number },
): AsyncGenerator<Found[], undefined> {
  const [least, most] = boundsOf(range, source)
  let size = sizes.first
  const read: Read = async (score, before) => {
    const reply = await kernel.redis
      .zrangebyscore(source.key, score, most, 'WITHSCORES', 'LIMIT', before, size)
      .catch(emptyWhenForeign)
    return { score, before, rows: toRows(reply), isAll: reply.length < 2 * size }
  }
  for (let page = await read(least, 0); page.rows.length > 0; page = await readOn(read, page)) {
    yield page.rows.map(({ member, score }) => placeOf(source, member, finite(score)))
    if (page.isAll) return undefined
    size = Math.min(sizes.most, size * 4)
  }
  return undefined
}

const toRows = (reply: readonly string[]): Row[] =>
  Array.from({ length: reply.length / 2 }, (_, n) => ({ member: reply[2 * n] ?? '', score: reply[2 * n + 1] ?? '' }))

/** What comes behind the last of these rows. It is read again first: while it stands where it stood, nothing of its score came
 *  or went before it. Where it does not, its score is gone through once more. */
const readOn = async (read: Read, { score, before, rows }: Rows): Promise<Rows> => {
  const last = rows.at(-1) as Row
  const own = rows.filter((row) => row.score === last.score).length + (last.score === score ? before : 0)
  let page = await read(last.score, own - 1)
  if (page.rows[0]?.member !== last.member) page = await read(last.score, 0)
  for (;;) {
    const passed = page.rows.findIndex((row) => row.score !== last.score || isAfter(row.member, last.member))
    if (passed >= 0) return { ...page, before: page.before + passed, rows: page.rows.slice(passed) }
    if (page.isAll) return { ...page, rows: [] }
    page = await read(last.score, page.before + page.rows.length)
  }
}

const isAfter = (a: string, b: string): boolean => Buffer.compare(Buffer.from(a), Buffer.from(b)) > 0
