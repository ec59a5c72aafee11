// Many small reads of one key each, as data: whoever reads decides what, and not whether Redis is asked or somebody remembers.
import type { Redis } from 'ioredis'

/** A command that reads one key and changes nothing. */
export interface Reading {
  readonly command: 'hmget' | 'lindex' | 'llen' | 'zcard' | 'zrange'
  readonly key: string
  readonly args?: readonly (string | number)[]
}

/** Answers readings in their order. Others can write anything under any name: undefined for a key of another type. */
export type Reader = (readings: readonly Reading[]) => Promise<unknown[]>

/** Makes the reader that asks Redis, by one pipeline. */
export const createReader =
  (redis: Redis): Reader =>
  async (readings) => {
    if (readings.length === 0) return []
    const commands = readings.map(({ command, key, args = [] }) => [command, key, ...args])
    return ((await redis.pipeline(commands).exec()) ?? []).map(([error, value]) => {
      if (error && !error.message.startsWith('WRONGTYPE')) throw error
      return error ? undefined : value
    })
  }
