// The connection in one word and a number.
import { clockTime } from '../../ui/format.ts'
import type { Rung } from './ladder.ts'

export interface Link {
  standing: 'connecting' | 'open' | 'lost' | 'offline' | 'paused' | 'refreshed'
  rung: Rung
  /** Age of what arrives, ms; undefined before anything was measured. */
  age: number | undefined
  /** When something last arrived, epoch ms. */
  heardAt: number | undefined
}

export interface Status {
  words: string
  /** `live` is as it should be, `slow` works but worse, `lost` shows old data, `asked` is as live as it may be. */
  tone: 'live' | 'slow' | 'lost' | 'asked'
}

/** How often pages are fetched anew for those who may not listen. */
export const REFRESH_MS = 5_000

const DELAYED_MS = 2_000
const dataAsOf = (at: number | undefined, zone?: string): string =>
  at === undefined ? '' : `, data as of ${clockTime(at, zone)}`

const whenOpen = ({ rung, age }: Link): Status => {
  if (rung === 'poll') return { words: 'Polling', tone: 'slow' }
  if (age === undefined) return { words: 'Live', tone: 'live' }
  if (age >= DELAYED_MS) return { words: `Delayed, ${Math.round(age / 1_000)} s`, tone: 'slow' }
  return { words: age < 1 ? 'Live, under 1 ms' : `Live, ${Math.round(age)} ms`, tone: 'live' }
}

/** Says how the connection is. */
export const statusOf = (link: Link, zone?: string): Status => {
  switch (link.standing) {
    case 'open':
      return whenOpen(link)
    case 'connecting':
      return { words: 'Connecting', tone: 'slow' }
    case 'lost':
      return { words: `Reconnecting${dataAsOf(link.heardAt, zone)}`, tone: 'lost' }
    case 'offline':
      return { words: `Offline${dataAsOf(link.heardAt, zone)}`, tone: 'lost' }
    case 'paused':
      return { words: 'Paused while hidden', tone: 'slow' }
    case 'refreshed':
      return { words: `Refreshed every ${REFRESH_MS / 1_000} s`, tone: 'asked' }
    default:
      return link.standing satisfies never
  }
}
