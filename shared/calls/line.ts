// The line of those who wait for a service: each is given a time of its own to come again, so that they do not come at once.
import { scriptTime } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import type { Hold } from '../services/words.ts'

const take = script(new URL('./line.lua', import.meta.url))

/** A process takes so many places at once at first, and twice as many each time it has used them up. */
const PLACES = 10
const PLACES_MAX = 160

/** Places that are this process's, in ms. */
interface Places {
  taken: number
  next: number
  widthMs: number
  left: number
}

interface Asker {
  readonly base: number
  readonly widthMs: number
  readonly resolve: (at: number) => void
}

/** What one process knows of one line. */
interface Known {
  places: Places
  askers: Asker[]
  isAsking: boolean
}

export interface WaitingLine {
  /** When a job that is refused may come again, in epoch ms. Those that were refused first come first. `perSecond` is how
   *  many may come in a second; `urgent` ones stand in a line of their own, which moves as fast. */
  place(hold: Hold, perSecond: number, urgent: boolean): Promise<number> | number
}

export const createWaitingLine = (kernel: Kernel): WaitingLine => {
  const lines = new Map<string, Known>()

  const takePlaces = async (key: string, { base, widthMs }: Asker, count: number): Promise<Places> => {
    const widthUs = Math.max(1, Math.round(widthMs * 1_000))
    const [first = '0'] = (await take(
      kernel.redis,
      [key],
      [scriptTime(kernel.clock), base, widthUs, count],
    )) as string[]
    return { taken: count, next: Number(first) / 1_000, widthMs, left: count }
  }
  /** Answers those in line, taking places for all who want the same at once. */
  const settle = async (key: string, line: Known): Promise<void> => {
    for (let asker = line.askers[0]; asker !== undefined; asker = line.askers[0]) {
      const at = nextOf(line, asker)
      if (at === undefined) line.places = await takePlaces(key, asker, Math.max(wishOf(line), line.askers.length))
      else line.askers.shift()?.resolve(at)
    }
    // In the same turn as the last look: who comes after it runs anew.
    line.isAsking = false
  }
  const run = async (key: string, line: Known): Promise<void> => {
    line.isAsking = true
    // Those who ask later in this turn are in line by then.
    await Promise.resolve()
    try {
      await settle(key, line)
    } catch {
      // Without Redis there is no line; the jobs come when it is worth asking.
      line.isAsking = false
      for (const { resolve, base } of line.askers.splice(0)) resolve(base)
    }
  }
  const lineOf = (key: string): Known => {
    const known = lines.get(key) ?? { places: { taken: 0, next: 0, widthMs: 0, left: 0 }, askers: [], isAsking: false }
    if (lines.size > LINES_MAX) lines.clear()
    lines.set(key, known)
    return known
  }
  return {
    place({ service, untilMs }, perSecond, urgent) {
      const key = kernel.key('calls', 'line', service, urgent ? 'urgent' : 'others')
      const line = lineOf(key)
      const [base, widthMs] = [Math.ceil(untilMs), 1_000 / perSecond]
      const at = line.isAsking ? undefined : nextOf(line, { base, widthMs })
      if (at !== undefined) return at
      return new Promise((resolve) => {
        line.askers.push({ base, widthMs, resolve })
        if (!line.isAsking) void run(key, line)
      })
    },
  }
}

const LINES_MAX = 2_000

const wishOf = ({ places: { left, taken } }: Known): number =>
  left > 0 ? PLACES : Math.min(PLACES_MAX, Math.max(PLACES, 2 * taken))

/** The next place that is this process's. One before it is worth asking is of another period, and is given up. */
const nextOf = ({ places }: Known, { base, widthMs }: Omit<Asker, 'resolve'>): number | undefined => {
  if (places.left === 0 || places.widthMs !== widthMs || places.next < base) return undefined
  const mine = places.next
  places.next += widthMs
  places.left--
  return Math.ceil(mine)
}
