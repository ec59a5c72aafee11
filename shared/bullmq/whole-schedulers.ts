// Job schedulers that other services made: all that is kept of them, read without side effects, and taken away in one step.
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import type { BullKeys } from './keys.ts'

const read = script(new URL('./whole-schedulers.lua', import.meta.url))
const take = script(new URL('./take-scheduler.lua', import.meta.url))

/** A job scheduler with all that it makes its jobs of. */
export interface WholeScheduler {
  /** The time of the job it made last. */
  readonly next: number
  /** Whether that job still waits for its time. Else it may run, or wait for a worker. */
  readonly waits: boolean
  /** Undefined for what is not kept as a job scheduler, such as a repeatable job of BullMQ 4. */
  readonly name: string | undefined
  readonly pattern: string | undefined
  readonly every: number | undefined
  readonly tz: string | undefined
  readonly startDate: number | undefined
  readonly endDate: number | undefined
  readonly limit: number | undefined
  /** Jobs it has made, the one for its next time included. */
  readonly made: number
  /** Options and payload as JSON; the payload is left out where it is too long. */
  readonly opts: string
  readonly data: string | undefined
}

/** What it was when somebody decided to take it. */
export type AsRead = Pick<WholeScheduler, 'next' | 'waits'>

/** `changed`: it has another next time by now, or that time has come. */
export type Taken = 'taken' | 'changed' | 'gone'

/** Longest payload read, in bytes; a job's may be as long. */
const DATA_MAX = 65_536
const AT_ONCE = 50
const COUNTS_AT_ONCE = 500

/** The schedulers of a queue by id, of those that are asked for. */
export const readWholeSchedulers = async (
  kernel: Kernel,
  keys: BullKeys,
  ids: readonly string[],
): Promise<Map<string, WholeScheduler>> => {
  const found = new Map<string, WholeScheduler>()
  for (let first = 0; first < ids.length; first += AT_ONCE) {
    const slice = ids.slice(first, first + AT_ONCE)
    const rows = (await read(kernel.redis, [keys.schedulers, keys.delayed], [DATA_MAX, ...slice])) as (Row | 0)[]
    rows.forEach((row, index) => {
      if (row !== 0) found.set(slice[index] ?? '', toWhole(row))
    })
  }
  return found
}

/** Removes a scheduler that is still as it was read, and the job that waits for its next time. */
export const takeScheduler = async (kernel: Kernel, keys: BullKeys, id: string, asRead: AsRead): Promise<Taken> => {
  const names = [keys.schedulers, keys.delayed, keys.events]
  const answer = await take(kernel.redis, names, [id, keys.prefix, asRead.next, asRead.waits ? 1 : 0])
  return answer === 1 ? 'taken' : answer === 0 ? 'changed' : 'gone'
}

/** How many schedulers each of the queues has, in their order. */
export const countSchedulers = async (kernel: Kernel, all: readonly BullKeys[]): Promise<number[]> => {
  const counts: number[] = []
  for (let first = 0; first < all.length; first += COUNTS_AT_ONCE) {
    const pipeline = kernel.redis.pipeline()
    for (const { schedulers } of all.slice(first, first + COUNTS_AT_ONCE)) pipeline.zcard(schedulers)
    // A key of another type, which something else put there, counts as none.
    for (const [error, count] of (await pipeline.exec()) ?? []) counts.push(error ? 0 : Number(count))
  }
  return counts
}

type Text = string | null
type Row = [next: string, waits?: number, isLong?: number, data?: Text | number, ...fields: Text[]]

const toWhole = ([next, waits, isLong, data, ...fields]: Row): WholeScheduler => {
  const [name, pattern, every, tz, startDate, endDate, limit, made, opts] = fields
  const number = (text: Text | undefined): number | undefined => (text == null ? undefined : Number(text))
  return {
    next: Number(next),
    waits: waits === 1,
    // Those without a count are repeatable jobs of before, which are removed in another way.
    name: made == null ? undefined : (name ?? undefined),
    pattern: pattern ?? undefined,
    every: number(every),
    tz: tz ?? undefined,
    startDate: number(startDate),
    endDate: number(endDate),
    limit: number(limit),
    made: number(made) ?? 0,
    opts: opts ?? '{}',
    data: isLong === 1 ? undefined : typeof data === 'string' ? data : '{}',
  }
}
