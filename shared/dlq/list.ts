// The inbox: dead letters of all queues merged, newest first, filtered by the index and with a bounded look per call.
import type { z } from 'zod'
import type { Principal } from '../auth/contract.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import { newestOf } from '../bullmq/newest.ts'
import type { Found, Place, Range } from '../bullmq/newest.ts'
import { cursorSecret } from '../kernel/cursor-secret.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { decodeCursor, encodeCursor } from '../kernel/page.ts'
import type { Page } from '../kernel/page.ts'
import { InsufficientScope } from '../kernel/problems.ts'
import { seesData } from '../jobs/read.ts'
import type { Pictures } from '../triage/picture.ts'
import type { DlqEntry, DlqQuery, DlqSearched } from './contract.ts'
import { ENTRY_FIELDS, toEntry } from './entry.ts'
import { createLook } from './look.ts'
import type { Dead } from './look.ts'
import { rangeOf, there } from './scope.ts'
import { trailsOf, usableQueues } from './trails.ts'
import type { Trail } from './trails.ts'

export type DeadLetterQuery = z.output<typeof DlqQuery>
export type DeadLetterPage = Page<DlqEntry> & { searched: DlqSearched }

/** Entries looked at in one call, whatever the filters leave of them. */
const LOOK = 1_000
/** Entries read at once; payloads are longer than everything else. */
const SLICE = 250
const SLICE_WITH_DATA = 50
/** Payloads read in one call. */
const BYTES = 4_000_000

export interface Listing {
  kernel: Kernel
  bull: Bull
  pictures: Pictures
}

/** First what the index vouches for, then what has to be looked at. */
type Phase = 'sure' | 'look'
interface Position {
  phase: Phase
  after?: Place | undefined
}

export const listDeadLetters = async (
  room: Listing,
  principal: Principal,
  query: DeadLetterQuery,
): Promise<DeadLetterPage> => {
  const { kernel, bull, pictures } = room
  const { limit, cursor, ...rest } = query
  const { data, ...filter } = rest
  if (data && !seesData(principal)) throw InsufficientScope('Searching payloads needs the scope jobs:data.')
  const asked = await usableQueues(kernel)
  const [picture, all] = await Promise.all([pictures.read(), there(bull, filter)])
  const queues = all.filter((queue) => allowsQueue(principal, queue))
  const { trails, titles, indexed } = trailsOf(kernel, bull, picture, queues, filter, asked)
  const secret = cursorSecret(kernel)
  const bound = { filter: rest, queues: principal.queues }
  const start: Position = cursor === undefined ? { phase: 'sure' } : decodeCursor<Position>(secret, cursor, bound)
  const budget = data === undefined ? undefined : { bytes: BYTES }
  const look = createLook({ kernel, bull, picture, trails, filter, data, budget, fields: ENTRY_FIELDS })
  const walk = await follow({ kernel, trails, look, limit, range: rangeOf(filter), budget }, start)
  return {
    data: walk.found.map(({ dead }) => listed(dead)),
    page: {
      limit,
      has_more: walk.next !== undefined,
      next_cursor: walk.next === undefined ? null : encodeCursor(secret, walk.next, bound),
      prev_cursor: null,
    },
    searched: { searched: walk.looked, complete: walk.complete, titles, indexed },
  }
}

/** Stacks are for one entry's page. */
const listed = ({ job, diedAt, group }: Dead): DlqEntry => {
  const entry = toEntry(job, diedAt, group)
  const { stack: _stack, ...error } = entry.error
  return { ...entry, error }
}

interface Walking {
  kernel: Kernel
  trails: readonly Trail[]
  look: ReturnType<typeof createLook>
  limit: number
  range: Range
  /** Bytes of payloads that may still be read; undefined where none are. */
  budget: { bytes: number } | undefined
}

interface Walk {
  found: { dead: Dead; at: Position }[]
  looked: number
  complete: boolean
  next: Position | undefined
}

const follow = async (walking: Walking, start: Position): Promise<Walk> => {
  const walk: Walk = { found: [], looked: 0, complete: true, next: undefined }
  for (const phase of start.phase === 'sure' ? (['sure', 'look'] as const) : (['look'] as const)) {
    const after = phase === start.phase ? start.after : undefined
    if (await through(walking, walk, { phase, after })) return walk
  }
  return walk
}

/** Goes along the trails of one phase; true when the page is over before their end. */
const through = async (walking: Walking, walk: Walk, start: Position): Promise<boolean> => {
  const { kernel, limit, range, budget } = walking
  const trails = walking.trails.filter((trail) => (trail.look === 'nothing') === (start.phase === 'sure'))
  const sources = trails.map(({ source }) => source)
  const isSure = start.phase === 'sure' && budget === undefined
  let position: Position = start
  for (let most = 0; sources.length > 0 && walk.looked < LOOK;) {
    most = Math.min(LOOK - walk.looked, isSure ? limit + 1 : LOOK)
    const places = await newestOf(kernel, sources, most, position.after, range)
    const reached = await take(walking, walk, position, places)
    if (reached === undefined) return true
    position = reached
    if (places.length < most) return false
  }
  if (sources.length === 0) return false
  walk.complete = false
  walk.next = position
  return true
}

/** Looks at places in slices. Answers where it stands behind them; undefined when the page is full, or no more payloads may
 *  be read, before that. */
const take = async (
  { look, limit, budget }: Walking,
  walk: Walk,
  from: Position,
  places: readonly Found[],
): Promise<Position | undefined> => {
  let position = from
  const slice = budget === undefined ? SLICE : SLICE_WITH_DATA
  for (let at = 0; at < places.length; at += slice) {
    if (budget !== undefined && budget.bytes <= 0) {
      walk.complete = false
      walk.next = position
      return undefined
    }
    for (const { place, dead } of await look(places.slice(at, at + slice))) {
      if (walk.found.length === limit) {
        walk.next = walk.found.at(-1)?.at
        return undefined
      }
      walk.looked++
      position = { phase: from.phase, after: place }
      if (dead) walk.found.push({ dead, at: position })
    }
  }
  return position
}
