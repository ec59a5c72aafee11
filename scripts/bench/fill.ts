// The past that rows are measured on: jobs and dead letters put into Redis at once, in the shape BullMQ stores them.
import type { Redis } from 'ioredis'
import { bullKeys } from '../../shared/bullmq/keys.ts'
import { script } from '../../shared/kernel/script.ts'
import { payloadOf } from './catalog.ts'

const fillScript = script(new URL('./fill.lua', import.meta.url))

const AT_ONCE = 2_000

export interface Filling {
  /** Number of the first one; their ids follow from their numbers. */
  first?: number
  count: number
  /** `fail` unless told. */
  name?: string
  /** A slow machine fills less. */
  withinMs?: number
}

/** Answers how many there are in the end. */
export const fill = async (
  redis: Redis,
  prefix: string,
  queue: string,
  place: 'wait' | 'failed',
  { first = 0, count, name = 'fail', withinMs = Infinity }: Filling,
): Promise<number> => {
  const until = performance.now() + withinMs
  const keys = bullKeys(prefix, queue)
  const data = JSON.stringify(payloadOf(0))
  let done = 0
  for (; done < count && performance.now() < until; done += AT_ONCE)
    await fillScript(
      redis,
      [keys.prefix, keys[place], keys.meta],
      [first + done, Math.min(AT_ONCE, count - done), place, data, Date.now() - 60_000, name],
    )
  return Math.min(done, count)
}
