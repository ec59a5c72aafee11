// Counts in Redis: what is asked for in one moment goes in one call of the script, and an answer that is not there at once is not
// waited for.
import type { Redis } from 'ioredis'
import { createBatch } from '../kernel/batch.ts'
import { scriptTime } from '../kernel/clock.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import type { Count, Policy } from './policy.ts'
import { BURST } from './tiers.ts'
import type { Allowance } from './tiers.ts'

const takeScript = script(new URL('./take.lua', import.meta.url))

/** How long an answer of Redis may take, in ms. A request is not to be noticeably slower because it was counted. */
const ANSWER_MS = 40
/** A timer that is so late, in ms, tells that the process was busy; it is given so much more. */
const BUSY_MS = 5
const MOMENT_MS = 10
/** How long Redis is not asked again after it did not answer, in ms. */
const PAUSE_MS = 500
/** Requests that one call decides; each takes some ten microseconds of Redis. */
const MOST = 100

/** What is asked of one principal's count. */
export interface Ask {
  readonly id: string
  readonly allowance: Allowance
  /** 0 only looks; less than 0 gives back what was counted in `second`. */
  readonly units: number
  readonly second?: number
}

export interface Store {
  /** Rejects within 40 ms when Redis does not answer, and at once for half a second after that. */
  ask(ask: Ask): Promise<Count>
}

type Row = [refused: number, second: number, spent: number, used: number, waitS: number, began: number]

const refusals: readonly (readonly Policy[])[] = [[], ['minute'], ['day'], ['minute', 'day']]

const countOf = ([refused, second, spent, used, waitS, began]: Row): Count => ({
  refusedBy: refusals[refused] ?? [],
  second,
  spent,
  used,
  waitS,
  began: began < 0 ? undefined : began,
})

/** The key that one principal is counted under. */
export const spendingKey = (kernel: Kernel, id: string): string => kernel.key('limits', id)

export const createStore = (kernel: Kernel, redis: () => Redis): Store => {
  let silentUntil = 0
  const send = async (asks: readonly Ask[]): Promise<Count[]> => {
    if (performance.now() < silentUntil) throw new Error('Redis did not answer a moment ago')
    const keys = asks.map(({ id }) => spendingKey(kernel, id))
    const each = asks.flatMap(({ allowance: { perMinute, burst, perDay }, units, second = 0 }) => [
      units,
      second,
      perMinute,
      burst,
      perDay,
    ])
    try {
      const work = takeScript(redis(), keys, [scriptTime(kernel.clock), BURST.durationS, BURST.cooldownS, ...each])
      return ((await within(kernel.clock, work)) as Row[]).map(countOf)
    } catch (error) {
      silentUntil = performance.now() + PAUSE_MS
      throw error
    }
  }
  return { ask: createBatch(MOST, send) }
}

/** Rejects when nothing came in time. A process that was busy itself asks a moment longer, and reads what has come meanwhile: that was
 *  not Redis. */
const within = async <Value>(clock: Clock, work: Promise<Value>): Promise<Value> => {
  const done = new AbortController()
  const late = async (): Promise<never> => {
    const began = performance.now()
    await clock.sleep(ANSWER_MS, done.signal)
    if (performance.now() - began > ANSWER_MS + BUSY_MS) await clock.sleep(MOMENT_MS, done.signal)
    await new Promise((resolve) => setImmediate(resolve))
    throw new Error(`Redis did not answer within ${ANSWER_MS} ms`)
  }
  return Promise.race([work, late()]).finally(() => done.abort())
}
