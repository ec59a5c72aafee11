// Looking at what happened: the log of facts, newest first, and one event with what it set off.
import type { z } from 'zod'
import type { Principal } from '../auth/contract.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import { toIso } from '../kernel/clock.ts'
import { cursorSecret } from '../kernel/cursor-secret.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { matchesName } from '../kernel/name-words.ts'
import { decodeCursor, encodeCursor } from '../kernel/page.ts'
import type { Page } from '../kernel/page.ts'
import { charsOf, createEventLog, isFull } from '../stream/log.ts'
import type { LogEntry } from '../stream/log.ts'
import { EventMissing } from './contract.ts'
import type { Event, events } from './contract.ts'
import { recordKey } from './keys.ts'
import { readSent } from './sent.ts'
import type { Stretch } from './sent.ts'
import type { Started } from './words.ts'

export type EventsQuery = z.output<(typeof events.list)['query']>

/** Facts looked at in one call, whatever the filters leave of them, and those read at once. */
const LOOK = 2_000
const STRETCH = 250
/** Characters of data that are looked at, and that one page shows. */
const LOOK_CHARS = 33_554_432
const PAGE_CHARS = 4_194_304

/** Newest first. Facts of queues that the principal may not see are left out. */
export const listEvents = async (kernel: Kernel, principal: Principal, query: EventsQuery): Promise<Page<Event>> => {
  const { limit, cursor, type, origin, source_id: source, from, to } = query
  const read = readerOf(kernel, principal, query)
  const secret = cursorSecret(kernel)
  const filter = ['events', type ?? null, from ?? null, to ?? null, origin ?? null, source ?? null]
  const found: LogEntry[] = []
  let place = cursor === undefined ? before(to) : decodeCursor<string>(secret, cursor, filter)
  let looked = 0
  let chars = 0
  let isEnd = false
  while (found.length <= limit && looked < LOOK && chars < LOOK_CHARS && !isEnd) {
    const stretch = await read(place, limit + 1 - found.length)
    found.push(...stretch.facts)
    looked += stretch.looked
    chars += stretch.chars
    place = stretch.place
    isEnd = stretch.isEnd
  }
  const page = found.slice(0, fitting(found, limit))
  const next = found.length > page.length ? page.at(-1)?.id : isEnd ? undefined : place
  return {
    data: await toEvents(kernel, page),
    page: {
      limit,
      has_more: next !== undefined,
      next_cursor: next === undefined ? null : encodeCursor(secret, next, filter),
      prev_cursor: null,
    },
    searched: { searched: looked, complete: found.length > page.length || isEnd },
  }
}

/** Reads on from a place, for so many that fit. */
type Reader = (before: string | undefined, wanted: number) => Promise<Stretch & { readonly chars: number }>

/** What is only about events from outside is answered by their index, everything else by the log. */
const readerOf = (kernel: Kernel, principal: Principal, query: EventsQuery): Reader => {
  const fits = wanting(query)
  const floor = query.from === undefined ? '-' : String(momentOf(query.from))
  if (query.origin === 'outside' || query.source_id !== undefined)
    return async (before, wanted) => {
      const stretch = await readSent(kernel, { before, floor, wanted }, fits)
      return { ...stretch, chars: charsOf(stretch.facts) }
    }
  const log = createEventLog(kernel)
  return async (before) => {
    const facts = await log.readBefore(before, STRETCH, floor)
    return {
      facts: facts.filter((fact) => fits(fact) && maySee(principal, fact)),
      ...{ looked: facts.length, chars: charsOf(facts) },
      ...{ place: facts.at(-1)?.id ?? before, isEnd: !isFull(facts, STRETCH) },
    }
  }
}

const wanting =
  ({ type, origin, source_id: source }: EventsQuery) =>
  ({ name, sent }: LogEntry): boolean =>
    (type?.some((pattern) => matchesName(pattern, name)) ?? true) &&
    (origin === undefined || (origin === 'outside') === (sent !== undefined)) &&
    (source === undefined || sent?.source === source)

/** How many make a page: the limit, or as many as are large enough together. */
const fitting = (facts: readonly LogEntry[], limit: number): number => {
  let chars = 0
  const last = facts.findIndex(({ data }) => (chars += data.length) >= PAGE_CHARS)
  return Math.min(limit, last < 0 ? facts.length : last + 1)
}

/** The log begins after 1970. */
const momentOf = (instant: string): number => Math.max(0, Date.parse(instant))
const before = (to: string | undefined): string | undefined => (to === undefined ? undefined : `${momentOf(to)}-0`)

/** What came from outside is of no queue, whatever its data says. */
const maySee = (principal: Principal, { sent, data }: LogEntry): boolean => {
  if (sent !== undefined || principal.queues.includes('*')) return true
  const { queue } = dataOf(data)
  return typeof queue !== 'string' || allowsQueue(principal, queue)
}

const POSITION = /^\d{1,15}-\d{1,15}(?:\.\d{3})?$/

/** By the event's own id, or by the position of a fact. Problem: `event-not-found`. */
export const showEvent = async (kernel: Kernel, principal: Principal, id: string): Promise<Event> => {
  const position = POSITION.test(id) ? id : await kernel.redis.hget(recordKey(kernel, id), 'position')
  const fact = position === null ? undefined : await createEventLog(kernel).find(position)
  const [event] = await toEvents(kernel, fact && maySee(principal, fact) ? [fact] : [])
  if (!event) throw EventMissing(`There is no event ${id} in the log; it keeps a day.`)
  return event
}

/** Each with what it set off, which is asked for at once. */
const toEvents = async (kernel: Kernel, facts: readonly LogEntry[]): Promise<Event[]> => {
  const texts = await Promise.all(
    facts.map(async ({ sent }) => (sent ? kernel.redis.hget(recordKey(kernel, sent.id), 'matched') : null)),
  )
  return facts.map((fact, i) => toEvent(fact, texts[i]))
}

/** `matched` as JSON; null where nothing is known of that. */
const toEvent = ({ id, name, at, data, sent }: LogEntry, matched: string | null | undefined): Event => ({
  id: sent?.id ?? id,
  position: id,
  event: name,
  occurred_at: toIso(at),
  received_at: toIso(Number(id.split('-', 1)[0])),
  subject: sent?.subject ?? null,
  source_id: sent?.source ?? null,
  hop: sent?.hop ?? 0,
  data: dataOf(data),
  matched: typeof matched === 'string' ? (JSON.parse(matched) as Started[]) : null,
})

const dataOf = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>
