// A part of a group: what died of one cause in one queue. The recorder counts into it; groups are read from parts.
import { z } from 'zod'
import { ErrorClass } from '../retries/words.ts'
import { DeathReason } from '../dlq/words.ts'
import type { Death } from './death.ts'

/** Entries of one part that can be told apart by nothing but their times: a range of the queue's sorted set. */
const Facet = z.object({
  no: z.int(),
  errorClass: ErrorClass,
  reason: DeathReason,
  version: z.string().nullable(),
  open: z.int(),
})
export type Facet = z.output<typeof Facet>

/** What is stored of a part, as JSON. Times are epoch milliseconds. */
const Stored = z.object({
  title: z.string(),
  name: z.string(),
  errorName: z.string(),
  first: z.number(),
  last: z.number(),
  /** Deaths ever counted. */
  total: z.int(),
  /** Deaths by hour, the hour of `hour` last. */
  hour: z.int(),
  trend: z.array(z.int()),
  facets: z.array(Facet),
  /** Versions it died under, the one seen first first. */
  versions: z.array(z.string()),
  /** One of its entries: the newest whose death was seen. */
  sample: z.object({ id: z.string(), at: z.number() }),
})
export type Part = z.output<typeof Stored> & { readonly fingerprint: string; readonly queue: string }

/** The group of what came when there were too many others. */
export const REST_ID = 'rest'

export const HOUR_MS = 3_600_000
export const TREND_HOURS = 24
const VERSIONS = 20

/** The field of the hash of all parts. A queue's name may hold anything, a fingerprint never `@`. */
export const partField = ({ fingerprint, queue }: Pick<Part, 'fingerprint' | 'queue'>): string =>
  `${fingerprint}@${queue}`
export const parsePartField = (field: string): { fingerprint: string; queue: string } => {
  const mark = field.indexOf('@')
  return { fingerprint: field.slice(0, mark), queue: field.slice(mark + 1) }
}

export const packPart = ({ fingerprint: _fingerprint, queue: _queue, ...stored }: Part): string =>
  JSON.stringify(stored satisfies z.input<typeof Stored>)

export const unpackPart = (field: string, text: string): Part => ({
  ...Stored.parse(JSON.parse(text)),
  ...parsePartField(field),
})

export const openOf = ({ facets }: Part): number => facets.reduce((sum, { open }) => sum + open, 0)

export const newPart = (queue: string, death: Death, id: string, at: number): Part => ({
  fingerprint: death.fingerprint,
  queue,
  title: death.title,
  name: death.name,
  errorName: death.errorName,
  first: at,
  last: at,
  total: 0,
  hour: Math.floor(at / HOUR_MS),
  trend: [],
  facets: [],
  versions: [],
  sample: { id, at },
})

/** Deaths of the last 24 hours by hour, oldest first, as of now. */
export const trendOf = (part: Pick<Part, 'hour' | 'trend'>, now: number): number[] => {
  const last = Math.floor(now / HOUR_MS)
  return Array.from({ length: TREND_HOURS }, (_, index) => {
    const back = part.hour - (last - TREND_HOURS + 1 + index)
    return back < 0 ? 0 : (part.trend.at(-1 - back) ?? 0)
  })
}

/** Deaths of the last sixty minutes: those of the running hour, and of the one before the share that is not over. */
export const lastHourOf = (part: Pick<Part, 'hour' | 'trend'>, now: number): number => {
  const [before = 0, running = 0] = trendOf(part, now).slice(-2)
  return Math.round(before * (1 - (now % HOUR_MS) / HOUR_MS) + running)
}

/** Counts a death that was seen happen; one that is known is in the total already. Only the part itself changes. */
export const countDeath = (part: Part, at: number, { isKnown = false } = {}): void => {
  if (!isKnown) part.total++
  countHour(part, Math.floor(at / HOUR_MS))
}

const countHour = (part: Part, hour: number): void => {
  for (; part.hour < hour && part.trend.length > 0; part.hour++) {
    part.trend.push(0)
    if (part.trend.length > TREND_HOURS) part.trend.shift()
    if (hour - part.hour > TREND_HOURS) part.trend = []
  }
  part.hour = Math.max(part.hour, hour)
  const back = part.hour - hour
  if (back >= TREND_HOURS) return
  while (part.trend.length <= back) part.trend.unshift(0)
  part.trend[part.trend.length - 1 - back] = (part.trend.at(-1 - back) ?? 0) + 1
}

/** Takes in when an entry died and under which version, whether or not it was seen happen. */
export const noteDeath = (part: Part, version: string | null, id: string, at: number): void => {
  part.first = Math.min(part.first, at)
  part.last = Math.max(part.last, at)
  if (at >= part.sample.at) part.sample = { id, at }
  if (version !== null && !part.versions.includes(version)) part.versions = [...part.versions, version].slice(-VERSIONS)
}
