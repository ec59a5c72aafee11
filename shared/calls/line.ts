// The line of those who wait for a service: each is given a time of its own to come again, so that they do not come at once.
import { scriptTime } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import type { Hold } from '../services/words.ts'

const take = script(new URL('./line.lua', import.meta.url))

/** A process takes so many places at once while many of its jobs are refused for one reason. */
const PLACES = 10

interface Places {
  base: number
  next: number
  widthMs: number
  left: number
}

export interface WaitingLine {
  /** When a job that is refused may come again, in epoch ms. Those that were refused first come first. `perSecond` is how
   *  many may come in a second; `urgent` ones stand in a line of their own, which moves as fast. */
  place(hold: Hold, perSecond: number, urgent: boolean): Promise<number>
}

export const createWaitingLine = (kernel: Kernel): WaitingLine => {
  const taken = new Map<string, Places>()
  const turns = new Map<string, Promise<unknown>>()

  const takePlaces = async (key: string, base: number, widthMs: number): Promise<Places> => {
    const widthUs = Math.max(1, Math.round(widthMs * 1_000))
    const reply = take(kernel.redis, [key], [scriptTime(kernel.clock), Math.round(base), widthUs, PLACES])
    const [first = '0'] = (await reply) as string[]
    return { base, next: Number(first) / 1_000, widthMs, left: PLACES }
  }
  const nextOf = async (key: string, base: number, widthMs: number): Promise<number> => {
    const known = taken.get(key)
    // Places of another period say nothing about this one.
    const places =
      known && known.left > 0 && known.base === base && known.widthMs === widthMs
        ? known
        : await takePlaces(key, base, widthMs)
    taken.set(key, places)
    const mine = places.next
    places.next += places.widthMs
    places.left--
    return Math.ceil(mine)
  }
  return {
    place(hold, perSecond, urgent) {
      const key = kernel.key('calls', 'line', hold.service, urgent ? 'urgent' : 'others')
      // A reason that moves with the clock would make a new line for each job.
      const base = Math.ceil(hold.untilMs / BASE_MS) * BASE_MS
      const before = turns.get(key) ?? Promise.resolve()
      const mine = before
        .then(() => nextOf(key, base, 1_000 / perSecond))
        // Without Redis there is no line; the job comes when it is worth asking.
        .catch(() => base)
      turns.set(key, mine)
      void mine.then(() => turns.get(key) === mine && turns.delete(key))
      return mine
    },
  }
}

const BASE_MS = 50
