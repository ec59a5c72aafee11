// Facts as they come, for everyone who asked for the same and may see the same: judged and written once for all of them.
import type { Principal } from '../../shared/auth/contract.ts'
import { isAfter } from '../../shared/bullmq/event-streams.ts'
import type { Tail, TailEntry } from '../../shared/stream/tail.ts'
import { interestOf, mayReadEvents } from '../../shared/stream/topics.ts'

/** What a subscription writes to. */
export interface Outlet {
  /** Sends a frame's JSON text. */
  send(text: string): void
  /** Adds to the batch that is about to leave: the JSON text of an item, or of several with commas between. */
  batch(items: string): void
  /** Adds facts of a subscription, as `batch` does; who is behind and says how far is told later, or that some were left out. */
  facts(sub: number, items: string): void
  /** Whether this subscription has still to be told of its past. */
  setCatchingUp(sub: number, isSo: boolean): void
  /** Whether facts of this subscription were left out just now, so that the past need not be told to its end. */
  hasLeftOut(sub: number): boolean
  /** Whether the other side is behind: state is then held back and conflated. */
  readonly slow: boolean
  /** Calls back once, when it is no longer. Answers how to call that off. */
  onReady(wake: () => void): () => void
}

/** Which facts are asked for, and how they are told. */
export interface FactWish {
  /** The subscription's; items of batches carry it. */
  id: number
  topics: readonly string[]
  queues?: readonly string[] | undefined
  tasks?: readonly string[] | undefined
  batch: boolean
}

export interface Feeds {
  /** Tells what comes from now on, without what lies at or before `after`. Answers how to stop. */
  join(principal: Principal, wish: FactWish, outlet: Outlet, after: string | undefined): () => void
}

/** Makes the function that tells an outlet those of some entries that are asked for and may be seen. */
export const tellerOf = (
  principal: Principal,
  { id, topics, queues, tasks, batch }: FactWish,
): ((entries: readonly TailEntry[], outlets: Iterable<Outlet>) => void) => {
  const interests = interestOf(principal, { topics, queues, tasks })
  return (entries, outlets) => {
    const told = entries.filter(interests)
    if (told.length === 0) return
    if (batch) {
      const items = told.map(({ json }) => `{"sub":${id},${json}}`).join(',')
      for (const outlet of outlets) outlet.facts(id, items)
      return
    }
    const frames = told.map(({ json }) => `{"type":"event",${json}}`)
    for (const outlet of outlets) for (const frame of frames) outlet.send(frame)
  }
}

interface Feed {
  join(outlet: Outlet, after: string | undefined): () => void
}

export const createFeeds = (tail: Tail): Feeds => {
  const open = new Map<string, Feed>()
  return {
    join(principal, wish, outlet, after) {
      const { id, topics, queues, tasks, batch } = wish
      const key = JSON.stringify([
        batch ? id : 'single',
        topics,
        queues,
        tasks,
        principal.queues,
        mayReadEvents(principal),
      ])
      const feed = open.get(key) ?? createFeed(tail, tellerOf(principal, wish), () => open.delete(key))
      open.set(key, feed)
      return feed.join(outlet, after)
    },
  }
}

/** Listens from the first one who joins to the last one who leaves. */
const createFeed = (tail: Tail, tell: ReturnType<typeof tellerOf>, close: () => void): Feed => {
  const outlets = new Set<Outlet>()
  /** Those who have heard more of the log than the tail has told. */
  const ahead = new Map<Outlet, string>()
  const take = (entries: readonly TailEntry[]): void => {
    tell(entries, outlets)
    for (const [outlet, after] of ahead) {
      const fresh = entries.filter(({ id }) => isAfter(id, after))
      tell(fresh, [outlet])
      if (fresh.length === 0) continue
      ahead.delete(outlet)
      outlets.add(outlet)
    }
  }
  const unlisten = tail.listen(take)
  return {
    join(outlet, after) {
      if (after === undefined) outlets.add(outlet)
      else ahead.set(outlet, after)
      return () => {
        outlets.delete(outlet)
        ahead.delete(outlet)
        if (outlets.size + ahead.size > 0) return
        unlisten()
        close()
      }
    },
  }
}
