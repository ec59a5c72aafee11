// Where moments are kept: a stream whose ids are their times.
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import { readMoment } from './moment.ts'
import type { Moment } from './moment.ts'
import { KEPT_MS } from './words.ts'

const keep = script(new URL('./keep.lua', import.meta.url))

/** All moments of a day together; beyond that the oldest go. */
export const MOMENTS_MAX_BYTES = 64 * 1_048_576
/** Moments that a process remembers: who rewinds looks at one from several pages. */
const REMEMBERED = 4

export const momentsKey = (kernel: Kernel): string => kernel.key('rewind', 'moments')

/** Whose lease a moment is kept under. */
export interface Lease {
  key: string
  token: string
}

/** Keeps a moment if the lease is held and its minute has none yet; answers whether it did. */
export const keepMoment = async (kernel: Kernel, lease: Lease, at: number, moment: Buffer): Promise<boolean> => {
  const keys = [lease.key, momentsKey(kernel)]
  return (await keep(kernel.redis, keys, [lease.token, at, moment, KEPT_MS, MOMENTS_MAX_BYTES])) === 1
}

type Entry = [id: Buffer, fields: [name: Buffer, moment: Buffer]]

export interface Moments {
  /** The moment nearest to a time and not after it. */
  before(at: number): Promise<Moment | undefined>
  /** The time of the oldest one; undefined while there is none. */
  oldest(): Promise<number | undefined>
}

export const createMoments = (kernel: Kernel): Moments => {
  const known = new Map<string, Moment>()
  const remember = (id: string, moment: Moment): Moment => {
    known.set(id, moment)
    for (const [first] of known) if (known.size > REMEMBERED) known.delete(first)
    return moment
  }
  return {
    async before(at) {
      // No moment is before 1970, and no id of a stream is below zero.
      if (at < 0) return undefined
      const found = (await kernel.redis.xrevrangeBuffer(momentsKey(kernel), String(at), '-', 'COUNT', 1)) as Entry[]
      const [entry] = found
      if (!entry) return undefined
      const id = entry[0].toString()
      const moment = known.get(id) ?? readMoment(entry[1][1])
      return moment && remember(id, moment)
    },
    async oldest() {
      const [entry] = await kernel.redis.xrange(momentsKey(kernel), '-', '+', 'COUNT', 1)
      return entry && Number(entry[0].split('-')[0])
    },
  }
}
