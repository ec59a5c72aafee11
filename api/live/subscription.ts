// One subscription of one connection: what it missed first, then what comes, in batches that are cheap to share.
import type { Principal } from '../../shared/auth/contract.ts'
import { isAfter } from '../../shared/bullmq/event-streams.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { readMissed, resumeAt } from '../../shared/stream/read.ts'
import type { Tail, TailEntry } from '../../shared/stream/tail.ts'
import { interestOf, isStateTopic } from '../../shared/stream/topics.ts'
import { epoch } from './state.ts'
import type { Change, Topic, Topics } from './state.ts'

/** What a subscription writes to: texts of whole frames. */
export interface Outlet {
  /** Sends a frame's JSON text. */
  send(text: string): void
  /** Adds an item to the batch that is about to leave; `slow` ones are asked to wait. */
  batch(item: string): void
  /** Whether the other side is behind: state is then held back and conflated, facts still go. */
  readonly slow: boolean
}

export interface Wish {
  id: number
  topics: readonly string[]
  queues?: readonly string[] | undefined
  after?: string | undefined
  batch: boolean
}

export interface Live {
  kernel: Kernel
  tail: Tail
  topics: Topics
}

const single = (json: string): string => `{"type":"event",${json}}`

/** Follows the log for a wish: a gap is told, the past is sent in order, and then every new entry once. */
const followLog = (live: Live, principal: Principal, wish: Wish, outlet: Outlet): (() => void) => {
  const topics = wish.topics.filter((topic) => !isStateTopic(topic))
  if (topics.length === 0) return () => undefined
  const interests = interestOf(principal, { topics, queues: wish.queues })
  let stopped = false
  let cursor = wish.after
  const tell = (entries: readonly TailEntry[]): void => {
    for (const entry of entries) {
      if (cursor !== undefined && !isAfter(entry.id, cursor)) continue
      cursor = entry.id
      if (interests(entry))
        outlet[wish.batch ? 'batch' : 'send'](wish.batch ? `{"sub":${wish.id},${entry.json}}` : single(entry.json))
    }
  }
  let unlisten = (): void => undefined
  const join = (): void => {
    if (!stopped) unlisten = live.tail.listen(tell)
  }
  const catchUp = async (after: string): Promise<void> => {
    const { from, gap: oldest } = await resumeAt(live.kernel, after)
    cursor = from
    if (oldest !== undefined) outlet.send(JSON.stringify({ type: 'gap', sub: wish.id, id: wish.id, oldest }))
    for (;;) {
      const missed = await readMissed(live.kernel, live.tail, cursor)
      if (stopped) return
      tell(missed.entries)
      cursor = missed.cursor
      // Nothing runs between this look and joining, so no entry can slip through.
      if (missed.complete) {
        join()
        return
      }
    }
  }
  if (cursor === undefined) join()
  else
    catchUp(cursor).catch(() => outlet.send(JSON.stringify({ type: 'error', id: wish.id, code: 'redis-unavailable' })))
  return () => {
    stopped = true
    unlisten()
  }
}

/** Follows one state topic: a snapshot, then changes counted from it; while the other side is slow they are merged. */
const followState = (live: Live, topic: Topic, name: string, wish: Wish, outlet: Outlet): (() => void) => {
  let seq = 0
  let held: Change | undefined
  let stopped = false
  const tell = (change: Change): void => {
    seq++
    const item = { sub: wish.id, topic: name, seq, set: Object.fromEntries(change.set), del: [...change.del] }
    outlet.batch(JSON.stringify(item))
  }
  const take = (change: Change): void => {
    const merged = held ? merge(held, change) : change
    held = outlet.slow ? merged : undefined
    if (!held) tell(merged)
  }
  let unwatch = (): void => undefined
  const begin = (): void => {
    if (stopped) return
    unwatch = topic.watch(take)
    const rows = Object.fromEntries(topic.rows)
    outlet.send(
      JSON.stringify({
        type: 'snapshot',
        sub: wish.id,
        topic: name,
        epoch,
        seq,
        rows,
        cursor: live.tail.last ?? '0-0',
      }),
    )
  }
  topic.ready.then(begin, () => {
    outlet.send(JSON.stringify({ type: 'error', id: wish.id, code: 'redis-unavailable' }))
  })
  return () => {
    stopped = true
    unwatch()
  }
}

const merge = (held: Change, next: Change): Change => {
  for (const [key, row] of next.set) held.set.set(key, row)
  for (const key of next.set.keys()) held.del.delete(key)
  for (const key of next.del) {
    held.set.delete(key)
    held.del.add(key)
  }
  return held
}

/** Begins a subscription. Answers how to end it; throws the name of a topic there is not. */
export const subscribe = (live: Live, principal: Principal, wish: Wish, outlet: Outlet): (() => void) => {
  const states = wish.topics.filter(isStateTopic).map((name) => {
    const topic = live.topics.open(principal, name)
    if (!topic) throw new Error(name)
    return { name, topic }
  })
  const ends = [
    followLog(live, principal, wish, outlet),
    ...states.map(({ name, topic }) => followState(live, topic, name, wish, outlet)),
  ]
  return () => {
    for (const end of ends) end()
  }
}
