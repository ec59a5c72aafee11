// A small memory of who a credential belongs to: fresh for seconds, a little longer while Redis cannot be asked.
import type { Clock } from '../kernel/clock.ts'
import { isRedisDown, isRedisSilent } from '../kernel/redis.ts'

const FRESH_MS = 5_000
const STALE_MS = 30_000
const ENTRIES_MAX = 1_000

interface Entry<Value> {
  value: Value
  at: number
}

export interface Cache<Value> {
  /** The value of a key, loaded at most every 5 s. While Redis is away an older one serves for up to 30 s. */
  get(key: string, load: () => Promise<Value | undefined>): Value | Promise<Value | undefined>
  forget(key: string): void
  /** Forgets all values that are such. */
  forgetAll(isSuch: (value: Value) => boolean): void
}

export const createCache = <Value>(clock: Clock): Cache<Value> => {
  const entries = new Map<string, Entry<Value>>()
  const remember = (key: string, value: Value): Value => {
    entries.delete(key)
    entries.set(key, { value, at: clock.now() })
    const [oldest] = entries.keys()
    if (entries.size > ENTRIES_MAX && oldest !== undefined) entries.delete(oldest)
    return value
  }
  const reload = async (key: string, load: () => Promise<Value | undefined>): Promise<Value | undefined> => {
    const known = entries.get(key)
    try {
      const value = await load()
      if (value !== undefined) return remember(key, value)
      entries.delete(key)
      return undefined
    } catch (error) {
      const away = isRedisDown(error) || isRedisSilent(error)
      if (known && away && clock.now() - known.at < STALE_MS) return known.value
      throw error
    }
  }
  return {
    get(key, load) {
      const known = entries.get(key)
      return known && clock.now() - known.at < FRESH_MS ? known.value : reload(key, load)
    },
    forget: (key) => void entries.delete(key),
    forgetAll(isSuch) {
      for (const [key, { value }] of entries) if (isSuch(value)) entries.delete(key)
    },
  }
}
