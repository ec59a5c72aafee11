// Lists of jobs: a walk along one of the ways, keeping what the filters ask for, with a bounded look per call.
import type { z } from 'zod'
import type { Principal } from '../auth/contract.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import type { RawJob } from '../bullmq/bullmq.ts'
import { asRecord } from '../bullmq/raw-job.ts'
import { cursorSecret } from '../kernel/cursor-secret.ts'
import type { Address } from '../kernel/ids.ts'
import { decodeCursor, encodeCursor } from '../kernel/page.ts'
import type { Page } from '../kernel/page.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { readHeld } from '../services/held.ts'
import type { Job, JobsQuery } from './contract.ts'
import { errorOf } from './error.ts'
import { isExpired } from './expired.ts'
import { readJobs } from './read.ts'
import type { Reading } from './read.ts'
import { parkOf } from './state.ts'
import { wayByCreation, wayByState } from './walk.ts'
import type { Entry, Position, WantsQueue, Way } from './walk.ts'
import type { JobState } from './words.ts'

export type ListQuery = z.output<typeof JobsQuery>

type Seeing = Pick<Principal, 'queues'>

/** Jobs looked at in one call, whatever the filters leave of them. */
const LOOK = 1_000
const STRETCH = 200
/** Jobs of other queues that are passed in one call: only their addresses are read. */
const PASS = 20_000
const WIDE_STRETCH = 2_000
const ENDED: readonly JobState[] = ['completed', 'failed', 'cancelled', 'skipped', 'expired']
const ALL: readonly JobState[] = ['active', 'waiting', 'prioritized', 'delayed', 'parked', 'waiting_children', ...ENDED]

export const listJobs = (reading: Reading, principal: Seeing, query: ListQuery): Promise<Page<Job>> =>
  guardRedis(list(reading, principal, query), 'read')

const list = async (reading: Reading, principal: Seeing, query: ListQuery): Promise<Page<Job>> => {
  const { limit, cursor, ...filter } = query
  const secret = cursorSecret(reading.kernel)
  const bound = { filter, queues: principal.queues }
  const way = await wayOf(reading, principal, query)
  const start = cursor === undefined ? way.start : decodeCursor<Position>(secret, cursor, bound)
  const walk = await follow(way, start, matching(principal, query), limit)
  const jobs = await readJobs(
    reading,
    walk.found.map(({ address }) => address),
  )
  const wanted = new Set<JobState>(query.state)
  return {
    data: jobs.filter((job): job is Job => job !== undefined && (wanted.size === 0 || wanted.has(job.state))),
    page: {
      limit,
      has_more: walk.next !== null,
      next_cursor: walk.next === null ? null : encodeCursor(secret, walk.next, bound),
      prev_cursor: null,
    },
    searched: { searched: walk.looked, complete: walk.complete },
  }
}

const wayOf = async (reading: Reading, principal: Seeing, query: ListQuery): Promise<Way> => {
  const { kernel, bull, gone } = reading
  const states = new Set<JobState>(query.state ?? (query.sort === '-finished_at' ? ENDED : ALL))
  const unfiltered = query.state === undefined && query.sort === '-created_at'
  if (unfiltered && (await kernel.redis.exists(kernel.key('jobs', 'recent'))) === 1)
    return wayByCreation(kernel, bull, createdRange(query), wanting(principal, query))
  const queues = (await queuesOf(reading, query.queue)).filter((queue) => allowsQueue(principal, queue))
  const extra = states.has('cancelled') || states.has('skipped') ? [{ key: gone.listKey, queue: null }] : []
  const asksForLines = states.has('parked') || states.has('waiting') || states.has('prioritized')
  const held = asksForLines ? await readHeld(kernel, queues) : new Map<string, unknown>()
  const placesOf = (queue: string): ReadonlySet<JobState> => placesFor(states, held.has(queue))
  return wayByState(kernel, bull, { queues, placesOf, extra, window: LOOK })
}

/** Where jobs of these states lie: parked ones among the delayed, and in the lines of a queue that is held. */
const placesFor = (states: ReadonlySet<JobState>, isHeld: boolean): ReadonlySet<JobState> => {
  const places = new Set(states)
  if (states.has('parked')) places.add('delayed')
  for (const line of ['waiting', 'prioritized'] as const) {
    if (isHeld && states.has('parked')) places.add(line)
    if (isHeld && !states.has('parked')) places.delete(line)
  }
  return places
}

/** The queues asked for; all known ones otherwise, looked for first by a process that has not yet. */
const queuesOf = async ({ bull }: Reading, asked: readonly string[] | undefined): Promise<readonly string[]> => {
  if (!asked) return bull.current()
  const there = await Promise.all(asked.map((queue) => bull.exists(queue)))
  return [...new Set(asked.filter((_, index) => there[index]))]
}

const ms = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text))
/** Whether a job ended within the time asked for; one that has not ended did not. */
const endedWithin = (query: ListQuery): ((job: RawJob) => boolean) => {
  const [from, before] = [ms(query['finished_at[gte]']), ms(query['finished_at[lt]'])]
  if (from === undefined && before === undefined) return () => true
  return ({ finishedOn }) => finishedOn !== undefined && finishedOn >= (from ?? 0) && finishedOn < (before ?? Infinity)
}

/** Whether a job carries what was asked for, as it was told when it was added. */
const carries =
  ({ tag, service }: ListQuery) =>
  ({ opts }: RawJob): boolean => {
    if (!tag && !service) return true
    const { tags, service: called } = asRecord(opts['k1n'])
    return (
      (!tag || (Array.isArray(tags) && tag.some((one) => tags.includes(one)))) &&
      (!service || service.some((one) => one === called))
    )
  }

const createdRange = (query: ListQuery) => ({ from: ms(query['created_at[gte]']), before: ms(query['created_at[lt]']) })

const wanting =
  (principal: Seeing, { queue: asked }: ListQuery): WantsQueue =>
  (queue) =>
    allowsQueue(principal, queue) && (asked === undefined || asked.includes(queue))

/** Among delayed jobs: whether one is parked, or is not, as asked. What lies elsewhere is told apart when it is read. */
const parkedAs = ({ state }: ListQuery): ((job: RawJob) => boolean) => {
  const asks = new Set<JobState>(state)
  if (asks.has('delayed') === asks.has('parked')) return () => true
  // What waits in a line has no delay, and a mark there is of the past; in the line of a held queue there is none.
  const isParked = asks.has('parked')
  return (job) => job.delay === 0 || (parkOf(job) !== undefined) === isParked
}

type Matches = (address: Address, job: RawJob | undefined) => boolean

/** Members of a failed set are failed, cancelled or expired; of others only their place says what they are. */
const wantsFate = (job: RawJob, states: readonly JobState[] | undefined): boolean => {
  if (!states) return true
  if (job.cancelled !== undefined) return states.includes(isExpired(job) ? 'expired' : 'cancelled')
  return states.some((state) => state !== 'cancelled' && state !== 'expired' && state !== 'skipped')
}

const matching = (principal: Seeing, query: ListQuery): Matches => {
  const { from = -Infinity, before = Infinity } = createdRange(query)
  const wants = wanting(principal, query)
  const [ended, carried] = [endedWithin(query), carries(query)]
  // Of a job that was cancelled before it ran, or skipped, only the address is known here.
  const byMore = ['name', 'error_class', 'tag', 'service', 'finished_at[gte]', 'finished_at[lt]'] as const
  const narrow = byMore.some((filter) => query[filter] !== undefined)
  const text = query.q?.toLowerCase()
  const parkedAsAsked = parkedAs(query)
  return (address, job) => {
    if (!wants(address.queue)) return false
    if (!job) return !narrow && (text === undefined || address.id.toLowerCase().includes(text))
    if (job.timestamp < from || job.timestamp >= before) return false
    if (query.name && !query.name.includes(job.name)) return false
    if (!wantsFate(job, query.state)) return false
    if (!parkedAsAsked(job)) return false
    if (!ended(job) || !carried(job)) return false
    if (query.error_class && !query.error_class.includes(errorOf(job)?.class ?? 'unknown')) return false
    return (
      text === undefined ||
      [address.id, job.name, job.failedReason ?? ''].some((part) => part.toLowerCase().includes(text))
    )
  }
}

interface Walk {
  found: Entry[]
  /** Jobs looked at or passed. */
  looked: number
  /** False when the look ended before the way did. */
  complete: boolean
  next: Position | null
}

const follow = async (way: Way, start: Position, matches: Matches, limit: number): Promise<Walk> => {
  const found: Entry[] = []
  let looked = 0
  let passed = 0
  let most = STRETCH
  let position: Position | null = start
  while (position !== null && looked < LOOK && passed < PASS) {
    const stretch = await way.stretch(position, Math.min(most, LOOK - looked + PASS - passed))
    passed += stretch.passed
    // Where few are wanted a longer stretch costs no more: those that are passed are not read.
    most = stretch.passed > stretch.entries.length * 9 ? WIDE_STRETCH : STRETCH
    for (const entry of stretch.entries) {
      if (found.length === limit)
        return { found, looked: looked + passed, complete: true, next: found.at(-1)?.next ?? null }
      looked++
      position = entry.next
      if (matches(entry.address, entry.job)) found.push(entry)
    }
    position = stretch.then
  }
  return { found, looked: looked + passed, complete: position === null, next: position }
}
