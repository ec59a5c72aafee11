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

interface Source {
  readonly key: string
  readonly queue: string
}

/** Members read from one set at once, and the most that are given at once. */
const PAGE = 500

/** Walks sorted sets from the oldest member on, merged by time, some hundreds at once. Members that come while it goes on may
 *  be among them where `before` lets them. */
export async function* oldestOf(
  kernel: Kernel,
  sources: readonly Source[],
  { from, before }: OldestOptions = {},
): AsyncGenerator<Member[], undefined> {
  const range = {
    lower: from === undefined ? '-inf' : String(from),
    upper: before === undefined ? '+inf' : `(${before}`,
  }
  const walks = sources.map((source) => createWalk(kernel, source, range))
  let members: Member[] = []
  for (;;) {
    const loading = walks.flatMap((walk) => walk.load() ?? [])
    if (loading.length > 0) await Promise.all(loading)
    const next = oldestAmong(walks)
    const member = next?.take()
    if (member !== undefined) members.push(member)
    if (members.length > 0 && (members.length === PAGE || member === undefined)) {
      yield members
      members = []
    }
    if (member === undefined) return undefined
  }
}

interface Walk {
  /** Reads on where the next member is not known; undefined when it is, or that there is none. */
  load(): Promise<void> | undefined
  peek(): Member | undefined
  take(): Member | undefined
}

const oldestAmong = (walks: readonly Walk[]): Walk | undefined =>
  walks.reduce<Walk | undefined>((best, walk) => (isOlder(walk.peek(), best?.peek()) ? walk : best), undefined)

const isOlder = (a: Member | undefined, b: Member | undefined): boolean =>
  a !== undefined && (b === undefined || a.at < b.at || (a.at === b.at && a.queue < b.queue))

/** One set in the order of its scores; `seen` members of the last score were given already. */
const createWalk = (
  kernel: Kernel,
  { key, queue }: Source,
  { lower, upper }: { lower: string; upper: string },
): Walk => {
  let place = lower
  let seen = 0
  let page: Member[] = []
  let at = 0
  let isEnd = false
  const load = async (): Promise<void> => {
    const rows = await kernel.redis
      .zrangebyscore(key, place, upper, 'WITHSCORES', 'LIMIT', seen, PAGE)
      .catch(emptyWhenForeign)
    ;[page, at] = [[], 0]
    for (let index = 0; index < rows.length; index += 2) {
      const score = rows[index + 1] ?? ''
      if (score === place) seen++
      else [place, seen] = [score, 1]
      page.push({ queue, id: rows[index] ?? '', at: finite(score) })
    }
    isEnd = page.length < PAGE
  }
  return {
    load: () => (at < page.length || isEnd ? undefined : load()),
    peek: () => page[at],
    take: () => page[at++],
  }
}
