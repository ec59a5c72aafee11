// Last good values: what a service answered when it last did, for handlers that rather go on with that than without.
import { createHash } from 'node:crypto'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import { answered } from './answer.ts'
import { scriptNow } from './time.ts'

const keepScript = script(new URL('./keep.lua', import.meta.url))

/** A value from before: `stale` is always true, so that whoever passes it on passes on that it is. */
export interface Recalled {
  readonly value: unknown
  readonly ageMs: number
  readonly stale: true
}

export interface LastGood {
  /** Keeps a good answer of a service under a name of the caller's, for at most a day. False where it was not kept: it is no
   *  JSON, or more than 256 KiB of it, or Redis does not take it. A service's oldest values leave when it has more than
   *  1,000, or more than 32 MiB of them. Never throws. */
  keep(service: string, key: string, value: unknown): Promise<boolean>
  /** What was kept last, if it is not older than that; undefined also where Redis does not answer. Never throws. */
  recall(service: string, key: string, maxAgeMs: number): Promise<Recalled | undefined>
}

const AGE_MAX_MS = 86_400_000
const VALUE_BYTES_MAX = 256 * 1024
const VALUES_MAX = 1_000
const BYTES_MAX = 32 * 1024 * 1024

export const createLastGood = (kernel: Kernel): LastGood => {
  const valuesKey = (service: string): string => kernel.key('budgets', 'good', service)
  const ageKey = (service: string): string => kernel.key('budgets', 'age', service)
  return {
    async keep(service, key, value) {
      const text = jsonOf(value)
      if (text === undefined || Buffer.byteLength(text) > VALUE_BYTES_MAX) return false
      const keys = [valuesKey(service), ageKey(service)]
      const args = [scriptNow(kernel), nameOf(key), text, AGE_MAX_MS, VALUES_MAX, BYTES_MAX]
      return (await answered(kernel, () => keepScript(kernel.redis, keys, args))) === 1
    },
    async recall(service, key, maxAgeMs) {
      const read = await answered(kernel, () =>
        Promise.all([kernel.redis.hget(valuesKey(service), nameOf(key)), redisNow(kernel)]),
      )
      if (read === undefined || read[0] === null) return undefined
      const [kept, now] = [read[0], read[1]]
      const colon = kept.indexOf(':')
      const ageMs = Math.max(0, now - Number(kept.slice(0, colon)))
      if (ageMs > Math.min(maxAgeMs, AGE_MAX_MS)) return undefined
      return { value: JSON.parse(kept.slice(colon + 1)), ageMs, stale: true }
    },
  }
}

/** Keys may be long, and may hold what people should not see in the names of Redis. */
const nameOf = (key: string): string => createHash('sha256').update(key).digest('base64url')

const redisNow = async (kernel: Kernel): Promise<number> => {
  const now = scriptNow(kernel)
  if (now >= 0) return now
  const [seconds, micros] = await kernel.redis.time()
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000)
}

/** Undefined for what JSON cannot tell: functions, circles, bigints. */
const jsonOf = (value: unknown): string | undefined => {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}
