// Which jobs take longer than they did: the 95th percentile of their runs by name, against that of the time before.
import type { Principal } from '../auth/contract.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { percentile } from '../metrics/buckets.ts'
import { addRuns, runsKey } from '../metrics/run-counts.ts'
import type { RunSteps } from '../metrics/run-counts.ts'
import { HALF_HOUR_MS, MINUTE_MS, slotNo } from '../metrics/slots.ts'
import type { SlowDown } from './contract.ts'
import type { Found } from './walk.ts'

const HOUR_MS = 3_600_000
/** How far back half hours are counted, and what is compared of them: two hours are left to compare with. */
const COUNTED_MS = 26 * HOUR_MS
const COMPARED_MS = 24 * HOUR_MS
/** So far back minutes are there, which tell a short time exactly. */
const MINUTES_MS = 55 * MINUTE_MS
const SHARE = 0.95
/** So much longer counts: the steps that are counted are a fifth wide. */
const RATIO = 1.5
const LEAST_MORE_MS = 50
/** Fewer runs say nothing of how long they take, or of what was usual. */
const RUNS_LEAST = 20
const BEFORE_LEAST = 100
/** Sums are told again for so long, and so many of them are remembered. */
const BELIEVED_MS = 60_000
const REMEMBERED = 8

interface Figure {
  p95: number
  runs: number
}
type Figures = ReadonlyMap<string, Figure>

/** Slots of one width, the last not included. */
interface Slots {
  from: number
  end: number
  widthMs: number
}

export type SlowDowns = (principal: Principal, span: { from: number; to: number }) => Promise<Found<SlowDown>>

export const createSlowDowns = (kernel: Kernel): SlowDowns => {
  const known = new Map<string, { figures: Promise<Figures>; until: number }>()
  const figuresOf = (slots: Slots): Promise<Figures> => {
    const now = kernel.clock.now()
    const key = `${slots.widthMs} ${slots.from} ${slots.end}`
    const found = known.get(key)
    if (found !== undefined && found.until > now) return found.figures
    known.delete(key)
    const figures = read(kernel, slots)
    known.set(key, { figures, until: now + BELIEVED_MS })
    figures.catch(() => known.delete(key))
    for (const [oldest] of known) if (known.size > REMEMBERED) known.delete(oldest)
    return figures
  }
  return async (principal, span) => {
    const now = kernel.clock.now()
    const from = Math.min(Math.max(span.from, now - COMPARED_MS), span.to)
    const [then, usual] = [slotsOf(from, span.to, now), beforeOf(from, now)]
    const [is, was] = await Promise.all([figuresOf(then), figuresOf(usual)])
    const items = [...is].flatMap(([of, { p95, runs }]) => {
      const [queue, name] = apart(of)
      const before = was.get(of)
      if (before === undefined || before.runs < BEFORE_LEAST || runs < RUNS_LEAST) return []
      if (p95 < RATIO * before.p95 || p95 - before.p95 < LEAST_MORE_MS || !allowsQueue(principal, queue)) return []
      return [{ queue, name, p95_ms: Math.round(p95), before_ms: Math.round(before.p95), runs }]
    })
    return { items: items.sort((a, b) => ratioOf(b) - ratioOf(a)), complete: true, from }
  }
}

const ratioOf = ({ p95_ms, before_ms }: SlowDown): number => p95_ms / Math.max(1, before_ms)

/** Queues have no colon. */
const apart = (of: string): [queue: string, name: string] => {
  const colon = of.indexOf(':')
  return [of.slice(0, colon), of.slice(colon + 1)]
}

/** A time of less than an hour in minutes, a longer one in the half hours it touches. */
const slotsOf = (from: number, to: number, now: number): Slots => {
  const widthMs = from >= now - MINUTES_MS ? MINUTE_MS : HALF_HOUR_MS
  return { from: slotNo(from, widthMs), end: slotNo(to, widthMs) + 1, widthMs }
}

/** The half hours that were over by then. */
const beforeOf = (from: number, now: number): Slots => ({
  from: slotNo(now - COUNTED_MS, HALF_HOUR_MS) + 1,
  end: slotNo(from, HALF_HOUR_MS),
  widthMs: HALF_HOUR_MS,
})

/** Fields that are read in one go, so that nobody waits long behind it. */
const FIELDS_AT_ONCE = 5_000

/** All slots together where little is counted; where jobs have many names, one after the other. */
const read = async (kernel: Kernel, { from, end, widthMs }: Slots): Promise<Figures> => {
  const keys = Array.from({ length: Math.max(0, end - from) }, (_, n) => runsKey(kernel, from + n, widthMs))
  const all: RunSteps = new Map()
  for (const some of inGoes(keys, await lengthsOf(kernel, keys)))
    for (const hash of await hashesOf(kernel, some)) addRuns(all, hash)
  return new Map(
    [...all].map(([of, steps]) => {
      const runs = [...steps.values()].reduce((sum, count) => sum + count, 0)
      return [of, { p95: percentile(steps, SHARE) ?? 0, runs }] as const
    }),
  )
}

/** What there is of these, in goes that are short. */
const inGoes = (keys: readonly string[], lengths: readonly number[]): string[][] => {
  const goes: string[][] = []
  let room = 0
  keys.forEach((key, n) => {
    const length = lengths[n] ?? 0
    if (length === 0) return
    if (goes.length === 0 || length > room) {
      goes.push([])
      room = FIELDS_AT_ONCE
    }
    goes.at(-1)?.push(key)
    room -= length
  })
  return goes
}

const lengthsOf = async (kernel: Kernel, keys: readonly string[]): Promise<number[]> => {
  const pipeline = kernel.redis.pipeline()
  for (const key of keys) pipeline.hlen(key)
  return repliesOf<number>(await pipeline.exec())
}

const hashesOf = async (kernel: Kernel, keys: readonly string[]): Promise<Record<string, string>[]> => {
  const pipeline = kernel.redis.pipeline()
  for (const key of keys) pipeline.hgetall(key)
  return repliesOf<Record<string, string>>(await pipeline.exec())
}

const repliesOf = <Reply>(replies: [error: Error | null, reply: unknown][] | null): Reply[] =>
  (replies ?? []).map(([error, reply]) => {
    if (error) throw error
    return reply as Reply
  })
