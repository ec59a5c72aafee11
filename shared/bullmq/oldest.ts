// Oldest first over many queues: a k-way merge of their failed sets, read in bounded pages.
import type { Kernel } from '../kernel/kernel.ts'
import { emptyWhenForeign, finite } from './newest.ts'

export interface Member {
  readonly queue: string
  readonly id: string
  /** Epoch ms. */
  readonly at: number
}

export interface OldestOptions {
  /** Inclusive, epoch ms. */
  from?: number | undefined
  /** Exclusive, epoch ms. */
  before?: number | undefined
}

/** Members read from one set at once. */
const PAGE = 500

/** Walks sorted sets from the oldest member on, merged by time. Members that come while it goes on may be among them where
 *  `before` lets them. */
export async function* oldestOf(
  kernel: Kernel,
  sources: readonly { key: string; queue: string }[],
  { from, before }: OldestOptions = {},
): AsyncGenerator<Member> {
  const range = {
    lower: from === undefined ? '-inf' : String(from),
    upper: before === undefined ? '+inf' : `(${before}`,
  }
  const walks = sources.map((source) => walkOf(kernel, source, range))
  let heads = await Promise.all(walks.map(headOf))
  for (;;) {
    const next = heads.reduce<Head | undefined>((best, head) => (best && !isOlder(head, best) ? best : head), undefined)
    if (next?.member === undefined) return
    yield next.member
    const following = await headOf(next.walk)
    heads = heads.flatMap((head) => (head !== next ? [head] : following.member ? [following] : []))
  }
}

type Walk = AsyncGenerator<Member, undefined>
interface Head {
  walk: Walk
  member: Member | undefined
}

const headOf = async (walk: Walk): Promise<Head> => {
  const next = await walk.next()
  return { walk, member: next.done === true ? undefined : next.value }
}

const isOlder = ({ member: a }: Head, { member: b }: Head): boolean =>
  a !== undefined && (b === undefined || a.at < b.at || (a.at === b.at && a.queue < b.queue))

/** One set in the order of its scores; `seen` members of the last score were given already. */
async function* walkOf(
  kernel: Kernel,
  { key, queue }: { key: string; queue: string },
  { lower, upper }: { lower: string; upper: string },
): Walk {
  let place = lower
  let seen = 0
  for (;;) {
    const rows = await kernel.redis
      .zrangebyscore(key, place, upper, 'WITHSCORES', 'LIMIT', seen, PAGE)
      .catch(emptyWhenForeign)
    for (let index = 0; index < rows.length; index += 2) {
      const score = rows[index + 1] ?? ''
      if (score === place) seen++
      else [place, seen] = [score, 1]
      yield { queue, id: rows[index] ?? '', at: finite(score) }
    }
    if (rows.length < 2 * PAGE) return undefined
  }
}
