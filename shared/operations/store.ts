// Operations in Redis: the record, the items, the results, who holds it and when to look again. Nothing else knows its keys.
import type { Fact } from '../kernel/event.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import { FACTS_MAX, eventLogKey, factArgs, factLines } from '../stream/log.ts'
import type { OperationResult } from './contract.ts'
import { toRecord } from './record.ts'
import type { About, OperationRecord } from './record.ts'
import type { OperationStatus } from './words.ts'

const createScript = script(new URL('./create.lua', import.meta.url))
const takeScript = script(new URL('./take.lua', import.meta.url))
const keepScript = script(new URL('./keep.lua', import.meta.url))
const advanceScript = script(new URL('./advance.lua', import.meta.url))
const settleScript = script(new URL('./settle.lua', import.meta.url))
const wishScript = script(new URL('./wish.lua', import.meta.url))
const resumeScript = script(new URL('./resume.lua', import.meta.url))

/** How long an operation is its runner's without a sign of life. */
export const LEASE_MS = 10_000
/** Results that are kept of one operation. */
export const RESULTS_KEPT = 1_000
/** How long an operation is kept after its end. */
export const KEPT_MS = 7 * 24 * 60 * 60 * 1_000
/** Items that were copied for an undo that then never began go after so long. */
const COPY_KEPT_MS = 30 * 24 * 60 * 60 * 1_000
/** Slices, of those that were gone through, that are kept of the items of an operation that ended and cannot be taken back, where they
 *  are asked how they fare: some 5,000 items, spread over all. */
export const SLICES_KEPT = 10
/** Items outlast the time in which they may be undone, so that an undo that was asked for in time finds them. */
const ITEMS_MARGIN_MS = 60_000

/** What the runner writes in one step. */
export interface Change {
  set?: Partial<Record<'total' | 'phase' | 'chunk' | 'offset' | 'judged' | 'rate' | 'tries' | 'steps', string | number>>
  add?: Partial<Record<'done' | 'failed' | 'skipped' | 'watched' | 'again' | 'otherwise', number>>
  results?: readonly OperationResult[]
  /** How many results the operation keeps, `RESULTS_KEPT` unless given. */
  resultsKept?: number | undefined
  facts?: readonly Fact[]
}

/** What others wish of the operation, as the runner hears it with each step. */
export interface Control {
  wanted: OperationRecord['wanted']
  pace: number | null
}

/** How an operation ends, or rests: `paused` is no end. */
export interface Settlement {
  status: Exclude<OperationStatus, 'queued' | 'running'>
  reason: string
  undoUntil: number | null
  /** Its items, or some of many, are kept as long as it is. */
  keepsItems: boolean
  facts: readonly Fact[]
}

export type Wished = 'held' | 'free' | 'over' | 'missing'
const wished: Record<number, Wished> = { 1: 'held', 2: 'free', [-3]: 'over', [-1]: 'missing' }

export type OperationStore = ReturnType<typeof createOperationStore>

export const createOperationStore = (kernel: Kernel) => {
  const { redis, clock } = kernel
  const key = (part: string, id: string): string => kernel.key('operations', part, id)
  const all = kernel.key('operations', 'all')
  const open = kernel.key('operations', 'open')
  const opKey = (id: string): string => key('op', id)
  const leaseEnd = (): number => clock.now() + LEASE_MS
  return {
    /** False when there is one of this id already. */
    async create(about: About, { pace, total }: { pace: number | null; total: number | null }): Promise<boolean> {
      const given = Object.entries({ pace, total }).filter(([, value]) => value !== null)
      const fields = { about: JSON.stringify(about), status: 'queued', ...Object.fromEntries(given) }
      const args = [about.id, about.createdAt, ...Object.entries(fields).flat()]
      return (await createScript(redis, [opKey(about.id), all, open], args)) === 1
    },
    async read(id: string): Promise<OperationRecord | undefined> {
      return toRecord(await redis.hgetall(opKey(id)))
    },
    async readMany(ids: readonly string[]): Promise<(OperationRecord | undefined)[]> {
      const pipeline = redis.pipeline()
      for (const id of ids) pipeline.hgetall(opKey(id))
      const replies = (await pipeline.exec()) ?? []
      return replies.map(([error, hash]) => {
        if (error) throw error
        return toRecord(hash as Record<string, string>)
      })
    },
    /** Ids before a place in time, newest first. */
    async newest(before: { at: number; id: string } | undefined, count: number): Promise<{ at: number; id: string }[]> {
      const rows = await redis.zrevrangebyscore(
        all,
        before?.at ?? '+inf',
        '-inf',
        'WITHSCORES',
        'LIMIT',
        0,
        count + 100,
      )
      const places = Array.from({ length: rows.length / 2 }, (_, n) => ({
        at: Number(rows[2 * n + 1]),
        id: rows[2 * n] ?? '',
      }))
      const isAfter = ({ at, id }: { at: number; id: string }): boolean =>
        before === undefined || at < before.at || (at === before.at && id < before.id)
      return places.filter(isAfter).slice(0, count)
    },
    /** Takes ids off the list whose operations have gone. */
    async forget(ids: readonly string[]): Promise<void> {
      if (ids.length > 0) await redis.zrem(all, ...ids)
    },
    /** The oldest ids there are. */
    oldest: (count: number): Promise<string[]> => redis.zrange(all, 0, count - 1),
    /** Gives the operation to the caller, unless another holds it or there is nothing to run. */
    async take(id: string): Promise<OperationRecord | undefined> {
      const fields = (await takeScript(redis, [opKey(id), open], [id, clock.now(), leaseEnd()])) as string[] | null
      if (!fields) return undefined
      const pairs = Array.from({ length: fields.length / 2 }, (_, n) => [fields[2 * n], fields[2 * n + 1]])
      return toRecord(Object.fromEntries(pairs) as Record<string, string>)
    },
    /** Stores a slice of the items; undefined when another holds the operation. */
    async keep(
      id: string,
      fence: number,
      chunk: number,
      items: readonly unknown[],
    ): Promise<Control['wanted'] | undefined> {
      const args = [id, fence, leaseEnd(), chunk, JSON.stringify(items)]
      const wanted = await keepScript(redis, [opKey(id), open, key('items', id)], args)
      return wanted === null ? undefined : ((wanted || null) as Control['wanted'])
    },
    /** The items of one slice; empty behind the last. */
    async items(id: string, chunk: number): Promise<unknown[]> {
      const text = await redis.hget(key('items', id), String(chunk))
      return text === null ? [] : (JSON.parse(text) as unknown[])
    },
    /** Numbers of the slices there are, in their order. */
    async slices(id: string): Promise<number[]> {
      return (await redis.hkeys(key('items', id))).map(Number).sort((a, b) => a - b)
    },
    /** Stores all items of an operation that is not there yet; they go unless it begins. */
    async giveItems(id: string, slices: readonly (readonly unknown[])[]): Promise<void> {
      const fields = slices.flatMap((slice, chunk) => [String(chunk), JSON.stringify(slice)])
      await redis
        .multi()
        .del(key('items', id))
        .hset(key('items', id), ...fields)
        .pexpire(key('items', id), COPY_KEPT_MS)
        .exec()
    },
    /** Makes the items of one operation those of another. False when they have gone. */
    async copyItems(from: string, to: string): Promise<boolean> {
      const copied = await redis.copy(key('items', from), key('items', to), 'REPLACE')
      await redis.pexpire(key('items', to), COPY_KEPT_MS)
      return copied === 1
    },
    /** Undefined when another holds the operation by now. */
    async advance(id: string, fence: number, change: Change, lease = leaseEnd()): Promise<Control | undefined> {
      const lists = [
        Object.entries(change.set ?? {}).flat(),
        Object.entries(change.add ?? {}).flat(),
        (change.results ?? []).map((result) => JSON.stringify(result)),
        factLines(change.facts ?? []),
      ].flatMap((list) => [list.length, ...list])
      const keys = [opKey(id), open, key('results', id), eventLogKey(kernel)]
      const answer = (await advanceScript(redis, keys, [
        ...[id, fence, lease, change.resultsKept ?? RESULTS_KEPT, FACTS_MAX],
        ...lists,
      ])) as [string, string] | null
      if (!answer) return undefined
      return { wanted: (answer[0] || null) as Control['wanted'], pace: answer[1] === '' ? null : Number(answer[1]) }
    },
    /** Ends it, or lets it rest. Without a fence only while nobody holds it. */
    async settle(id: string, fence: number | undefined, settlement: Settlement): Promise<'settled' | 'held' | 'over'> {
      const now = clock.now()
      const { status, reason, undoUntil, keepsItems, facts } = settlement
      const goes = status === 'paused' ? '' : now + KEPT_MS
      const areKept = keepsItems && undoUntil === null
      const itemsGo = areKept ? now + KEPT_MS : (undoUntil ?? now) + ITEMS_MARGIN_MS
      const ends = [goes, itemsGo, undoUntil ?? '', areKept ? SLICES_KEPT : '']
      const args = [id, fence ?? '', now, status, reason, ...ends, ...factArgs(facts)]
      const keys = [opKey(id), open, key('items', id), key('results', id), eventLogKey(kernel)]
      const answer = await settleScript(redis, keys, args)
      return answer === 1 ? 'settled' : answer === 0 ? 'held' : 'over'
    },
    async wish(id: string, field: 'wanted' | 'pace', value: string): Promise<Wished> {
      return wished[(await wishScript(redis, [opKey(id)], [field, value, clock.now()])) as number] ?? 'missing'
    },
    /** `free`: it was paused and waits to be run. `held`: it goes on as it did. */
    async resume(id: string): Promise<Wished> {
      const answer = (await resumeScript(redis, [opKey(id), open], [id, clock.now()])) as number
      return answer === 1 ? 'free' : answer === 2 ? 'held' : (wished[answer] ?? 'missing')
    },
    /** Results from a place in their order. */
    async results(id: string, from: number, count: number): Promise<OperationResult[]> {
      const rows = await redis.lrange(key('results', id), from, from + count - 1)
      return rows.map((text) => JSON.parse(text) as OperationResult)
    },
    /** Operations that should be running and of which nothing was heard. */
    overdue: (count: number): Promise<string[]> => redis.zrangebyscore(open, '-inf', clock.now(), 'LIMIT', 0, count),
    /** When the first of all is to be looked at, in epoch ms; undefined while none is open. */
    async nextLook(): Promise<number | undefined> {
      const [, at] = await redis.zrange(open, 0, 0, 'WITHSCORES')
      return at === undefined ? undefined : Number(at)
    },
    /** Looks at an operation again only after a while. */
    async lookAgain(id: string, at: number): Promise<void> {
      await redis.zadd(open, 'XX', at, id)
    },
    countWake: (id: string): Promise<number> => redis.hincrby(opKey(id), 'wakes', 1),
  }
}
