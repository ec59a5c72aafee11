// One subscription of one connection: what it missed first, then what comes, together with all who asked for the same.
import type { Principal } from '../../shared/auth/contract.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { readMissed, resumeAt } from '../../shared/stream/read.ts'
import type { Missed } from '../../shared/stream/read.ts'
import type { Tail } from '../../shared/stream/tail.ts'
import { isStateTopic } from '../../shared/stream/topics.ts'
import { tellerOf } from './feeds.ts'
import type { FactWish, Feeds, Outlet } from './feeds.ts'
import { patchOf } from './patch.ts'
import { epoch } from './state.ts'
import type { Change, Rows, Topic, Topics } from './state.ts'

export type { Outlet }

export interface Wish extends FactWish {
  after?: string | undefined
  /** Whether a row that is known may be told by what changed within it. */
  patch?: boolean
}

export interface Live {
  kernel: Kernel
  tail: Tail
  /** Of this tail. */
  feeds: Feeds
  topics: Topics
}

/** Follows the log for a wish: a gap is told, the past is sent in order, and then every new entry once. */
const followLog = (live: Live, principal: Principal, wish: Wish, outlet: Outlet): (() => void) => {
  const facts = { ...wish, topics: wish.topics.filter((topic) => !isStateTopic(topic)) }
  if (facts.topics.length === 0) return () => undefined
  const tell = tellerOf(principal, facts)
  let stopped = false
  let leave = (): void => undefined
  let told: string | undefined
  const tellGap = (oldest: string): void => {
    told = oldest
    outlet.send(JSON.stringify({ type: 'gap', sub: wish.id, id: wish.id, oldest }))
  }
  const join = (after: string | undefined): void => {
    if (stopped) return
    outlet.setCatchingUp(wish.id, false)
    const ends = [live.tail.onGap(tellGap), live.feeds.join(principal, facts, outlet, after)]
    leave = () => ends.forEach((end) => end())
  }
  const catchUp = async (after: string): Promise<void> => {
    const { from, gap } = await resumeAt(live.kernel, after)
    if (gap !== undefined) tellGap(gap)
    let missed: Missed | undefined
    while (!missed?.complete) {
      missed = await readMissed(live.kernel, live.tail, missed?.cursor ?? from)
      if (stopped) return
      // The log may be trimmed while the past is told.
      if (missed.gap !== undefined && missed.gap !== told) tellGap(missed.gap)
      tell(missed.entries, [outlet])
      // Who has to look anew anyway is told what comes, not the rest of what was.
      if (outlet.hasLeftOut(wish.id)) missed = { ...missed, cursor: live.tail.last ?? missed.cursor, complete: true }
    }
    // Nothing runs between the last look and joining, so no entry can slip through.
    join(missed.cursor)
  }
  if (wish.after === undefined) join(undefined)
  else {
    // One that fails stays so: what lies behind `after` was not told.
    outlet.setCatchingUp(wish.id, true)
    catchUp(wish.after).catch(() => {
      if (!stopped) outlet.send(JSON.stringify({ type: 'error', id: wish.id, code: 'redis-unavailable' }))
    })
  }
  return () => {
    stopped = true
    leave()
  }
}

/** Follows one state topic: a snapshot, then changes counted from it; while the other side is slow they are merged. */
const followState = (live: Live, topic: Topic, name: string, wish: Wish, outlet: Outlet): (() => void) => {
  let seq = 0
  let held: Change | undefined
  let stopped = false
  let offReady = (): unknown => undefined
  /** The rows as the other side has them, where it takes what changed within one. */
  const known: Rows | undefined = wish.patch && !topic.forgets ? new Map() : undefined
  const tell = ({ set, del }: Change): void => {
    const told = known ? tellChanged(known, set) : { set: Object.fromEntries(set) }
    for (const key of del) known?.delete(key)
    seq++
    outlet.batch(JSON.stringify({ sub: wish.id, topic: name, seq, ...told, del: [...del] }))
  }
  const take = (change: Change): void => {
    held = held ? merge(held, change) : change
    release()
  }
  const release = (isReady = false): void => {
    offReady()
    if (held && (isReady || !outlet.slow)) {
      tell(held)
      held = undefined
    }
    if (held) offReady = outlet.onReady(() => release(true))
  }
  let unwatch = (): void => undefined
  const begin = (): void => {
    if (stopped) return
    unwatch = topic.watch(take)
    const rows = Object.fromEntries(topic.rows)
    for (const [key, row] of topic.rows) known?.set(key, row)
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
    if (!stopped) outlet.send(JSON.stringify({ type: 'error', id: wish.id, code: 'redis-unavailable' }))
  })
  return () => {
    stopped = true
    unwatch()
    offReady()
  }
}

/** Rows that are new, whole, and what changed within others, all of which are known from then on. */
const tellChanged = (known: Rows, rows: Rows): { set: Record<string, unknown>; patch: Record<string, unknown> } => {
  const set: Rows = new Map()
  const patch: Rows = new Map()
  for (const [key, row] of rows) {
    const changed = patchOf(known.get(key), row)
    if (changed === 'whole') set.set(key, row)
    else if (changed) patch.set(key, changed)
    known.set(key, row)
  }
  return { set: Object.fromEntries(set), patch: Object.fromEntries(patch) }
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
