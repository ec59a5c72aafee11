// Looking at what happened: the log of facts, newest first, and one event with what it set off.
import type { z } from 'zod'
import type { Principal } from '../auth/contract.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import { toIso } from '../kernel/clock.ts'
import { cursorSecret } from '../kernel/cursor-secret.ts'
import { matchesName } from '../kernel/data-filter.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { decodeCursor, encodeCursor } from '../kernel/page.ts'
import type { Page } from '../kernel/page.ts'
import { charsOf, createEventLog, isFull } from '../stream/log.ts'
import type { LogEntry } from '../stream/log.ts'
import { EventMissing } from './contract.ts'
import type { Event, EventDetail, events } from './contract.ts'
import { recordKey } from './keys.ts'
import type { Started } from './words.ts'

export type EventsQuery = z.output<(typeof events.list)['query']>

/** Facts looked at in one call, whatever the filters leave of them, and those read at once. */
const LOOK = 2_000
const STRETCH = 250
/** Characters of data that are looked at, and that one page shows. */
const LOOK_CHARS = 33_554_432
const PAGE_CHARS = 4_194_304

/** Newest first. Facts of queues that the principal may not see are left out. */
export const listEvents = async (
  kernel: Kernel,
  principal: Principal,
  { limit, cursor, type, from, to }: EventsQuery,
): Promise<Page<Event>> => {
  const log = createEventLog(kernel)
  const secret = cursorSecret(kernel)
  const filter = ['events', type ?? null, from ?? null, to ?? null]
  const found: LogEntry[] = []
  const fits = ({ name }: LogEntry): boolean => type?.some((pattern) => matchesName(pattern, name)) ?? true
  const floor = from === undefined ? '-' : String(momentOf(from))
  let place = cursor === undefined ? before(to) : decodeCursor<string>(secret, cursor, filter)
  let looked = 0
  let chars = 0
  let isEnd = false
  while (found.length <= limit && looked < LOOK && chars < LOOK_CHARS && !isEnd) {
    const facts = await log.readBefore(place, STRETCH, floor)
    found.push(...facts.filter((fact) => fits(fact) && maySee(principal, fact)))
    looked += facts.length
    chars += charsOf(facts)
    place = facts.at(-1)?.id ?? place
    isEnd = !isFull(facts, STRETCH)
  }
  const page = found.slice(0, fitting(found, limit))
  const next = found.length > page.length ? page.at(-1)?.id : isEnd ? undefined : place
  return {
    data: page.map(toEvent),
    page: {
      limit,
      has_more: next !== undefined,
      next_cursor: next === undefined ? null : encodeCursor(secret, next, filter),
      prev_cursor: null,
    },
    searched: { searched: looked, complete: found.length > page.length || isEnd },
  }
}

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
export const showEvent = async (kernel: Kernel, principal: Principal, id: string): Promise<EventDetail> => {
  const position = POSITION.test(id) ? id : await kernel.redis.hget(recordKey(kernel, id), 'position')
  const fact = position === null ? undefined : await createEventLog(kernel).find(position)
  if (!fact || !maySee(principal, fact)) throw EventMissing(`There is no event ${id} in the log; it keeps a day.`)
  return { ...toEvent(fact), matched: fact.sent ? await matchedBy(kernel, fact.sent.id) : null }
}

const matchedBy = async (kernel: Kernel, id: string): Promise<Started[]> => {
  const text = await kernel.redis.hget(recordKey(kernel, id), 'matched')
  return text === null ? [] : (JSON.parse(text) as Started[])
}

const toEvent = ({ id, name, at, data, sent }: LogEntry): Event => ({
  id: sent?.id ?? id,
  position: id,
  event: name,
  occurred_at: toIso(at),
  received_at: toIso(Number(id.split('-', 1)[0])),
  subject: sent?.subject ?? null,
  source_id: sent?.source ?? null,
  hop: sent?.hop ?? 0,
  data: dataOf(data),
})

const dataOf = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>
